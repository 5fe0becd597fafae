package runtime

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"

	"github.com/gocompose/gocompose/internal/engine"
	"github.com/gocompose/gocompose/project"
)

// start starts a container; one that runs already is left alone. Where its
// port is taken, it finds out by whom.
func (d *EngineDriver) start(ctx context.Context, id string) error {
	err := engine.Classify(d.engine.API().ContainerStart(ctx, id, container.StartOptions{}))
	var taken *engine.Error
	if errors.As(err, &taken) && taken.Kind == engine.PortTaken {
		named := *taken
		named.By = d.publishers(ctx, id, taken.Name)
		return &named
	}
	return err
}

// publishers names the other running containers that publish a host port, and
// their projects. There are none where a program outside the engine has it.
func (d *EngineDriver) publishers(ctx context.Context, id, port string) string {
	list, err := d.engine.API().ContainerList(ctx, container.ListOptions{Filters: filters.NewArgs(
		filters.Arg("publish", port), filters.Arg("publish", port+"/udp"),
	)})
	if err != nil {
		return ""
	}
	var names []string
	for _, c := range list {
		if c.ID == id {
			continue
		}
		name := "container " + nameFrom(c.Names)
		if of := c.Labels[project.LabelProject]; of != "" {
			name += " of project " + of
		}
		names = append(names, name)
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

// startedSince tells whether the container was started since a time on this
// machine's clock.
func (d *EngineDriver) startedSince(ctx context.Context, id string, since time.Time) bool {
	found, err := d.engine.API().ContainerInspect(ctx, id)
	if err != nil || found.State == nil {
		return false
	}
	started, err := time.Parse(time.RFC3339Nano, found.State.StartedAt)
	if err != nil {
		return false
	}
	return !started.Before(since.Add(d.clockOffset(ctx)))
}

// clockTolerance is how inexact a comparison of two clocks over a connection
// may be.
const clockTolerance = time.Second

// clockOffset is how far the engine's clock is ahead, at the least.
func (d *EngineDriver) clockOffset(ctx context.Context) time.Duration {
	if d.engine.Local() {
		return 0
	}
	info, err := d.engine.API().Info(ctx)
	if err != nil {
		return 0
	}
	now, err := time.Parse(time.RFC3339Nano, info.SystemTime)
	if err != nil {
		return 0
	}
	return time.Until(now) - clockTolerance
}
