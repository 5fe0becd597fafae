package runtime

import (
	"context"
	"math"
	"strings"
	"time"

	"github.com/docker/docker/api/types/container"

	"github.com/gocompose/gocompose/internal/engine"
	"github.com/gocompose/gocompose/planner"
)

func (d *EngineDriver) stop(ctx context.Context, id string, timeout *time.Duration) error {
	return engine.Classify(d.engine.API().ContainerStop(ctx, id, container.StopOptions{Timeout: wholeSeconds(timeout)}))
}

func (d *EngineDriver) restart(ctx context.Context, id string, timeout *time.Duration) error {
	return engine.Classify(d.engine.API().ContainerRestart(ctx, id, container.StopOptions{Timeout: wholeSeconds(timeout)}))
}

// wholeSeconds rounds up, so that a short grace period does not become none.
func wholeSeconds(timeout *time.Duration) *int {
	if timeout == nil {
		return nil
	}
	seconds := int(math.Ceil(timeout.Seconds()))
	return &seconds
}

// kill sends a signal. A container that does not run needs none.
func (d *EngineDriver) kill(ctx context.Context, id, signal string) error {
	err := engine.Classify(d.engine.API().ContainerKill(ctx, id, signal))
	if engine.KindOf(err) == engine.NotRunning {
		return nil
	}
	return err
}

func (d *EngineDriver) pause(ctx context.Context, id string) error {
	return d.unless(ctx, id, d.engine.API().ContainerPause(ctx, id), func(s *container.State) bool { return s.Paused })
}

func (d *EngineDriver) unpause(ctx context.Context, id string) error {
	return d.unless(ctx, id, d.engine.API().ContainerUnpause(ctx, id), func(s *container.State) bool { return s.Running && !s.Paused })
}

// unless forgives an error where the container is as it should be all the
// same: the answer to an earlier request was lost.
func (d *EngineDriver) unless(ctx context.Context, id string, err error, done func(*container.State) bool) error {
	if err == nil {
		return nil
	}
	found, inspectErr := d.engine.API().ContainerInspect(ctx, id)
	if inspectErr == nil && found.State != nil && done(found.State) {
		return nil
	}
	return engine.Classify(err)
}

// remove removes a container, and waits where the engine is at it already.
func (d *EngineDriver) remove(ctx context.Context, id string, op planner.RemoveContainer) error {
	err := engine.Classify(d.engine.API().ContainerRemove(ctx, id, container.RemoveOptions{RemoveVolumes: op.Volumes, Force: op.Force}))
	if engine.KindOf(err) != engine.RemovalInProgress {
		return err
	}
	return d.untilRemoved(ctx, id)
}

// untilRemoved waits for the end of a removal that is under way.
func (d *EngineDriver) untilRemoved(ctx context.Context, id string) error {
	removed, failed := d.engine.API().ContainerWait(ctx, id, container.WaitConditionRemoved)
	select {
	case <-removed:
		return nil
	case err := <-failed:
		return unlessGone(err)
	}
}

func (d *EngineDriver) rename(ctx context.Context, id, name string) error {
	err := d.whileNameSettles(ctx, func() error {
		return engine.Classify(d.engine.API().ContainerRename(ctx, id, name))
	})
	if err == nil {
		return nil
	}
	found, inspectErr := d.engine.API().ContainerInspect(ctx, id)
	if inspectErr == nil && strings.TrimPrefix(found.Name, "/") == name {
		return nil
	}
	return err
}

// unlessGone forgives that the thing does not exist, to operations that end
// with it being gone or at rest.
func unlessGone(err error) error {
	if engine.IsNotFound(err) {
		return nil
	}
	return engine.Classify(err)
}
