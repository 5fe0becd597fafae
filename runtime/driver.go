package runtime

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gocompose/gocompose/internal/build"
	"github.com/gocompose/gocompose/internal/engine"
	"github.com/gocompose/gocompose/planner"
	"github.com/gocompose/gocompose/project"
)

// Driver carries out single steps. Do must be idempotent: a step whose answer
// was lost is done once more. It returns when ctx is done.
type Driver interface {
	Do(ctx context.Context, step planner.Step, in Inputs) (Output, error)
	// Holds tells whether the step takes one of the slots that bound how much
	// happens at a time; those that only wait do not.
	Holds(step planner.Step) bool
}

// Output is what a step leaves for the steps after it and for the report.
type Output struct {
	ID       string   // of what was made, where something was
	Detail   string   // outcome in a word: Healthy, Exited
	Warnings []string // of the engine, or of a provider
	// Variables are what services get from a provider or a model. They may be
	// secret, and are told to nobody.
	Variables project.Variables
}

// Inputs is what a step gets from those before it, and its way to report
// progress.
type Inputs struct {
	output func(planner.StepID) (Output, bool)
	report func(Progress)
}

// id resolves a handle to the ID of a container.
func (in Inputs) id(h planner.Handle) (string, error) {
	if h.ID != "" {
		return h.ID, nil
	}
	if out, ok := in.output(h.Step); ok && out.ID != "" {
		return out.ID, nil
	}
	return "", fmt.Errorf("step %s made no container", h.Step)
}

// DriverOptions configure a driver.
type DriverOptions struct {
	// Events is the shared event stream; nil makes the driver open its own when
	// a step first needs one.
	Events *Events
	// HookLine takes the lines that hooks write, each with its hook; nil drops
	// them. It may block until ctx is done.
	HookLine func(ctx context.Context, hook planner.RunHook, line string)
	Build    BuildOptions
}

// NewDriver makes the driver for a Docker Engine. The caller closes it.
func NewDriver(e *engine.Client, p *project.Project, o DriverOptions) *EngineDriver {
	o.Build.Shared = build.SharedContexts(p)
	d := &EngineDriver{
		engine: e, project: p, events: o.Events, hookLine: o.HookLine,
		building: o.Build, builder: build.NewBuilder(e, o.Build.Options),
	}
	if d.events == nil {
		d.events, d.owned = NewEvents(e, p.Name()), true
	}
	return d
}

// Close ends the driver's event stream, if it is its own, and its builder.
func (d *EngineDriver) Close() error {
	err := d.builder.Close()
	if d.owned {
		err = errors.Join(err, d.events.Close())
	}
	return err
}

// EngineDriver is the [Driver] for a Docker Engine.
type EngineDriver struct {
	engine  *engine.Client
	project *project.Project
	events  *Events
	owned   bool // the event stream is the driver's own

	models   modelRunner
	hookLine func(context.Context, planner.RunHook, string)
	building BuildOptions
	builder  *build.Builder
}

// Holds implements [Driver].
func (d *EngineDriver) Holds(step planner.Step) bool {
	_, waits := step.Op.(planner.Await)
	return !waits
}

// Do implements [Driver]. Where the connection broke, nobody knows whether the
// engine did what it was asked to; every operation can simply be asked for
// once more, but for a start: the container may have run to its end already.
func (d *EngineDriver) Do(ctx context.Context, step planner.Step, in Inputs) (Output, error) {
	began := time.Now()
	out, err := d.do(ctx, step.Op, in)
	if engine.KindOf(err) != engine.Gone || ctx.Err() != nil {
		return out, err
	}
	if _, starts := step.Op.(planner.StartContainer); starts && d.startedSince(ctx, out.ID, began) {
		return out, nil
	}
	return d.do(ctx, step.Op, in)
}

func (d *EngineDriver) do(ctx context.Context, op planner.Op, in Inputs) (Output, error) {
	switch op := op.(type) {
	case planner.PullImage:
		return d.pull(ctx, op, in)
	case planner.BuildImage:
		return d.build(ctx, op, in)
	case planner.PushImage:
		return d.push(ctx, op, in)
	case planner.CallProvider:
		return d.callProvider(ctx, op, in)
	case planner.PrepareModel:
		return d.prepareModel(ctx, op, in)
	case planner.RemoveImage:
		return Output{}, d.removeImage(ctx, op)
	case planner.CreateNetwork:
		return Output{}, d.createNetwork(ctx, op)
	case planner.RemoveNetwork:
		return Output{}, d.removeNetwork(ctx, op)
	case planner.CreateVolume:
		return Output{}, d.createVolume(ctx, op)
	case planner.RemoveVolume:
		return Output{}, d.removeVolume(ctx, op)
	case planner.CreateContainer:
		return d.createContainer(ctx, op, in)
	case planner.Await:
		return d.await(ctx, op, in)
	case interface{ Handle() planner.Handle }:
		id, err := in.id(op.Handle())
		if err != nil {
			return Output{}, err
		}
		return Output{ID: id}, d.onContainer(ctx, id, op)
	default:
		return Output{}, fmt.Errorf("operation %T is not one of the engine's", op)
	}
}

// onContainer carries out the operations on one container. That it is gone is
// as good as done to those that end with it being gone or at rest.
func (d *EngineDriver) onContainer(ctx context.Context, id string, op any) error {
	err := d.whileAppearing(ctx, id, func() error { return d.ask(ctx, id, op) })
	switch op.(type) {
	case planner.DisconnectNetwork, planner.StopContainer, planner.KillContainer, planner.RemoveContainer:
		return unlessGone(err)
	default:
		return err
	}
}

// ask makes the request of an operation on one container.
func (d *EngineDriver) ask(ctx context.Context, id string, op any) error {
	switch op := op.(type) {
	case planner.CopyFiles:
		return d.copyFiles(ctx, id, op)
	case planner.ConnectNetwork:
		return d.connect(ctx, id, op)
	case planner.DisconnectNetwork:
		return d.disconnect(ctx, id, op)
	case planner.StartContainer:
		return d.start(ctx, id)
	case planner.RunHook:
		return d.hook(ctx, id, op)
	case planner.StopContainer:
		return d.stop(ctx, id, op.Timeout)
	case planner.KillContainer:
		return d.kill(ctx, id, op.Signal)
	case planner.RestartContainer:
		return d.restart(ctx, id, op.Timeout)
	case planner.PauseContainer:
		return d.pause(ctx, id)
	case planner.UnpauseContainer:
		return d.unpause(ctx, id)
	case planner.RemoveContainer:
		return d.remove(ctx, id, op)
	case planner.RenameContainer:
		return d.rename(ctx, id, op.To)
	default:
		return fmt.Errorf("operation %T is not one on a container", op)
	}
}
