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

	"github.com/gocompose/gocompose/internal/engine"
	"github.com/gocompose/gocompose/internal/spec"
	"github.com/gocompose/gocompose/planner"
	"github.com/gocompose/gocompose/project"
)

// createContainer creates a container of a service. A name that is taken by
// the very container that was to be made is a success: the answer to an
// earlier request was lost.
func (d *EngineDriver) createContainer(ctx context.Context, op planner.CreateContainer, in Inputs) (Output, error) {
	s, ok := d.project.Service(op.Service)
	if !ok {
		return Output{}, fmt.Errorf("no such service: %s", op.Service)
	}
	request, hash, err := d.request(s, op, in)
	if err != nil {
		return Output{}, fmt.Errorf("service %q: %w", s.Name, err)
	}
	var created container.CreateResponse
	err = d.whileNameSettles(ctx, func() (err error) {
		created, err = d.engine.API().ContainerCreate(ctx, request.Config, request.Host, request.Networking, request.Platform, request.Name)
		return engine.Classify(err)
	})
	if engine.KindOf(err) == engine.NameInUse {
		return d.adopt(ctx, op, hash, err)
	}
	if err != nil {
		return Output{}, err
	}
	return Output{ID: created.ID, Warnings: created.Warnings}, nil
}

// request translates the service for this engine.
func (d *EngineDriver) request(s project.Service, op planner.CreateContainer, in Inputs) (spec.Request, string, error) {
	parents := project.Refs{}
	for _, service := range slices.Sorted(maps.Keys(op.Parents)) {
		id, err := in.id(op.Parents[service])
		if err != nil {
			return spec.Request{}, "", err
		}
		parents[service] = id
	}
	hash, err := s.ConfigHash(parents)
	if err != nil {
		return spec.Request{}, "", err
	}
	inputs := spec.Inputs{
		Number:       op.Number,
		Name:         op.Name,
		Hash:         hash,
		ImageID:      op.ImageID,
		ImageContent: op.ImageContent,
		ImageVolumes: slices.Sorted(maps.Keys(op.Inherit)),
		Inherit:      op.Inherit,
		Parents:      parents,
		OneOff:       (*spec.OneOff)(op.OneOff),
		Proxy:        d.engine.Proxy(),
		ReadFile:     os.ReadFile,
	}
	if !op.Replaces.IsZero() {
		inputs.Replaces = spec.ReplacedName(d.project, s, op.Number)
	}
	request, err := spec.Container(d.project, s, inputs)
	if err != nil {
		return spec.Request{}, "", err
	}
	// Networks that this engine cannot take now have steps of their own.
	return spec.Gate(request, d.engine.Features()), hash, nil
}

func (d *EngineDriver) adopt(ctx context.Context, op planner.CreateContainer, hash string, taken error) (Output, error) {
	found, err := d.engine.API().ContainerInspect(ctx, op.Name)
	if err != nil {
		return Output{}, taken
	}
	want := map[string]string{
		project.LabelProject:    d.project.Name(),
		project.LabelService:    op.Service,
		project.LabelConfigHash: hash,
	}
	if op.OneOff == nil {
		want[project.LabelNumber] = strconv.Itoa(op.Number)
	} else {
		want[project.LabelSlug] = op.OneOff.Slug
	}
	for label, value := range want {
		if found.Config.Labels[label] != value {
			return Output{}, taken
		}
	}
	if strings.TrimPrefix(found.Name, "/") != op.Name {
		return Output{}, taken
	}
	return Output{ID: found.ID}, nil
}

// copyFiles puts configs and secrets into a container that has not started.
func (d *EngineDriver) copyFiles(ctx context.Context, id string, op planner.CopyFiles) error {
	s, ok := d.project.Service(op.Service)
	if !ok {
		return fmt.Errorf("no such service: %s", op.Service)
	}
	return d.copyFilesOf(ctx, id, s)
}

func (d *EngineDriver) copyFilesOf(ctx context.Context, id string, s project.Service) error {
	files, err := spec.Files(d.project, s)
	if err != nil {
		return fmt.Errorf("service %q: %w", s.Name, err)
	}
	archive, err := spec.Tar(files, time.Now())
	if err != nil {
		return fmt.Errorf("service %q: %w", s.Name, err)
	}
	// CopyUIDGID stays off: it would make the container's user the owner, and
	// fails where the engine cannot look that user up.
	err = d.engine.API().CopyToContainer(ctx, id, "/", archive, container.CopyToContainerOptions{})
	return engine.Classify(err)
}
