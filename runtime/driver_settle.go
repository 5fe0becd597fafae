package runtime

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"

	"github.com/gocompose/gocompose/internal/engine"
	"github.com/gocompose/gocompose/project"
)

// The engine carries on with what it was asked by a run that was cut off.
// Meanwhile a container is half there: its name is reserved before it can be
// seen and freed after it is gone, and (Engine 20.10) it is listed before it
// can be worked on. Operations that meet such a container wait for it.

// How long a container may be half there.
const (
	settleFirst  = 20 * time.Millisecond
	settleSlow   = 500 * time.Millisecond
	settleGiveUp = 10 * time.Second
)

// whileSettling repeats an attempt as long as its error tells of a container
// that is half there.
func whileSettling(ctx context.Context, settling func(error) bool, attempt func() error) error {
	began := time.Now()
	for delay := settleFirst; ; delay = min(2*delay, settleSlow) {
		err := attempt()
		if err == nil || !settling(err) || time.Since(began) > settleGiveUp {
			return err
		}
		select {
		case <-time.After(delay):
		case <-ctx.Done():
			return err
		}
	}
}

// whileNameSettles repeats an attempt that finds a name taken by a container
// which comes or goes.
func (d *EngineDriver) whileNameSettles(ctx context.Context, attempt func() error) error {
	return whileSettling(ctx, func(err error) bool {
		var taken *engine.Error
		if !errors.As(err, &taken) || taken.Kind != engine.NameInUse || taken.By == "" {
			return false
		}
		found, err := d.engine.API().ContainerInspect(ctx, taken.By)
		switch {
		case engine.IsNotFound(err):
			return true
		case err != nil || found.State == nil || found.State.Status != container.StateRemoving:
			return false
		default:
			return d.untilRemoved(ctx, taken.By) == nil
		}
	}, attempt)
}

// whileAppearing repeats an attempt that does not find a container which is
// listed.
func (d *EngineDriver) whileAppearing(ctx context.Context, id string, attempt func() error) error {
	return whileSettling(ctx, func(err error) bool {
		return engine.KindOf(err) == engine.NotFound && d.listed(ctx, id)
	}, attempt)
}

func (d *EngineDriver) listed(ctx context.Context, id string) bool {
	list, err := d.engine.API().ContainerList(ctx, container.ListOptions{
		All: true, Filters: filters.NewArgs(filters.Arg("label", project.LabelProject+"="+d.project.Name())),
	})
	return err == nil && slices.ContainsFunc(list, func(c container.Summary) bool { return c.ID == id })
}
