package runtime

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"

	"github.com/gocompose/gocompose/internal/engine"
	"github.com/gocompose/gocompose/internal/spec"
	"github.com/gocompose/gocompose/internal/stream"
	"github.com/gocompose/gocompose/planner"
	"github.com/gocompose/gocompose/project"
)

// initialize runs a pre_start command in a container of its own, which shares
// what the service's container mounts. It is removed, unless the command fails:
// then it is kept for whoever looks for the reason, until the next run.
func (d *EngineDriver) initialize(ctx context.Context, sharer string, op planner.RunHook) error {
	s, ok := d.project.Service(op.Service)
	if !ok || op.Place < 1 || op.Place > len(s.PreStart) {
		return fmt.Errorf("service %q has no %s number %d", op.Service, op.Hook, op.Place)
	}
	name := initializerName(d.project, s, op)
	if err := d.removeInitializer(ctx, s, name); err != nil {
		return err
	}
	command := s.Initializer(op.Place - 1)
	id, err := d.createInitializer(ctx, command, name, sharer)
	if err != nil {
		return err
	}
	output := hookOutput{show: func(line string) { d.showHook(ctx, op, line) }}
	var status int
	if err = d.equipInitializer(ctx, command, id, name); err == nil {
		status, err = d.runToEnd(ctx, id, &output)
	}
	if err == nil && status != 0 {
		return &HookError{Service: op.Service, Hook: op.Hook, Status: status, Output: output.last, Container: name}
	}
	gone := planner.RemoveContainer{Force: true, Volumes: true}
	if err == nil {
		return unlessGone(d.remove(ctx, id, gone))
	}
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), helperGrace)
	defer cancel()
	_ = d.remove(ending, id, gone) // or else the next run does
	return err
}

// initializerName is docker compose's PROJECT-SERVICE-pre_start-N, from 0, with
// the replica's number where each has its own.
func initializerName(p *project.Project, s project.Service, op planner.RunHook) string {
	words := []string{p.Name(), s.Name, string(planner.PreStart), strconv.Itoa(op.Place - 1)}
	if s.PreStart[op.Place-1].PerReplica {
		words = slices.Insert(words, 2, strconv.Itoa(op.Number))
	}
	return strings.Join(words, p.Separator())
}

// removeInitializer removes what an earlier run has left.
func (d *EngineDriver) removeInitializer(ctx context.Context, s project.Service, name string) error {
	list, err := d.engine.API().ContainerList(ctx, container.ListOptions{All: true, Filters: filters.NewArgs(
		filters.Arg("label", project.LabelProject+"="+d.project.Name()),
		filters.Arg("label", project.LabelService+"="+s.Name),
		filters.Arg("label", project.LabelHook+"="+string(planner.PreStart)),
	)})
	if err != nil {
		return engine.Classify(err)
	}
	for _, c := range list {
		if nameFrom(c.Names) != name {
			continue
		}
		if err := unlessGone(d.remove(ctx, c.ID, planner.RemoveContainer{Force: true, Volumes: true})); err != nil {
			return err
		}
	}
	return nil
}

// createInitializer creates the container and returns its ID.
func (d *EngineDriver) createInitializer(ctx context.Context, s project.Service, name, sharer string) (string, error) {
	parents, err := d.parentsOf(ctx, s)
	if err != nil {
		return "", err
	}
	request, err := spec.Initializer(d.project, s, spec.Inputs{
		Name: name, Parents: parents, Proxy: d.engine.Proxy(), ReadFile: os.ReadFile,
	}, sharer)
	if err != nil {
		return "", fmt.Errorf("service %q: %s: %w", s.Name, planner.PreStart, err)
	}
	request = spec.Gate(request, d.engine.Features())
	var created container.CreateResponse
	err = d.whileNameSettles(ctx, func() (err error) {
		created, err = d.engine.API().ContainerCreate(ctx, request.Config, request.Host, request.Networking, request.Platform, request.Name)
		return engine.Classify(err)
	})
	return created.ID, err
}

// equipInitializer gives the container what it needs between create and start.
func (d *EngineDriver) equipInitializer(ctx context.Context, s project.Service, id, name string) error {
	for _, key := range spec.ExtraNetworks(s, d.engine.Features()) {
		config, _ := d.project.Network(key)
		settings := spec.EndpointFor(d.project, s, key, spec.Inputs{Name: name, OneOff: &spec.OneOff{}})
		if err := d.engine.API().NetworkConnect(ctx, config.Name, id, settings); err != nil {
			return engine.Classify(err)
		}
	}
	if spec.NeedsFiles(d.project, s) {
		return d.copyFilesOf(ctx, id, s)
	}
	return nil
}

// parentsOf finds the containers that the specification refers to by service.
func (d *EngineDriver) parentsOf(ctx context.Context, s project.Service) (project.Refs, error) {
	references := s.References()
	if len(references) == 0 {
		return nil, nil
	}
	list, err := List(ctx, d.engine, d.project.Name())
	if err != nil {
		return nil, err
	}
	first := map[string]Listed{}
	for _, c := range list {
		if known, ok := first[c.Service]; !c.OneOff && (!ok || c.Number < known.Number) {
			first[c.Service] = c
		}
	}
	parents := project.Refs{}
	for _, service := range slices.Sorted(maps.Keys(first)) {
		parents[service] = first[service].ID
	}
	return parents, nil
}

// runToEnd starts a container and returns its exit status once it has ended and
// all that it wrote was taken. It is subscribed to before it starts.
func (d *EngineDriver) runToEnd(ctx context.Context, id string, output *hookOutput) (int, error) {
	live, err := attach(ctx, d.engine.API(), id)
	if err != nil {
		return 0, err
	}
	written := make(chan struct{})
	go func() {
		defer close(written)
		_ = live.read(ctx, func(lines []stream.Line) error { // what is lost of it changes nothing
			for _, line := range lines {
				output.line(line.Text)
			}
			return nil
		})
	}()
	if err := d.start(ctx, id); err != nil {
		live.close()
		<-written
		return 0, err
	}
	ended, failed := d.engine.API().ContainerWait(ctx, id, container.WaitConditionNotRunning)
	status, err := exitStatus(ctx, ended, failed)
	if err != nil {
		live.close()
		<-written
		return 0, err
	}
	takeRest(written, live.close)
	return status, nil
}

// takeRest waits for the last output of a container that has ended. What comes
// later than that is lost.
func takeRest(written <-chan struct{}, end func()) {
	timer := time.NewTimer(outputAfterFailure)
	defer timer.Stop()
	select {
	case <-written:
	case <-timer.C:
		end()
		<-written
	}
}
