package runtime

import (
	"context"

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
	Warnings []string // of the engine
}

// Inputs is what a step gets from those before it, and its way to report
// progress.
type Inputs struct {
	output func(planner.StepID) (Output, bool)
	report func(Progress)
}

// DriverOptions configure a driver.
type DriverOptions struct {
	// Events is the shared event stream; nil makes the driver open its own when
	// a step first needs one.
	Events *Events
}

// NewDriver makes the driver for a Docker Engine. The caller closes it.
func NewDriver(e *engine.Client, p *project.Project, o DriverOptions) *EngineDriver {
	return &EngineDriver{engine: e, project: p}
}

// EngineDriver is the [Driver] for a Docker Engine.
type EngineDriver struct {
	engine  *engine.Client
	project *project.Project
}

// Holds implements [Driver].
func (d *EngineDriver) Holds(step planner.Step) bool { return true }

// Do implements [Driver].
func (d *EngineDriver) Do(ctx context.Context, step planner.Step, in Inputs) (Output, error) {
	return Output{}, nil
}

// Close ends what the driver has running.
func (d *EngineDriver) Close() error { return nil }

// DryRun returns a driver that does nothing and succeeds.
func DryRun() Driver { return dryRun{} }

type dryRun struct{}

func (dryRun) Holds(planner.Step) bool { return true }

func (dryRun) Do(_ context.Context, step planner.Step, _ Inputs) (Output, error) {
	return Output{ID: "dry-run:" + string(step.ID)}, nil
}

// Events is the one stream of engine events of a run, shared by everyone who
// waits for something.
type Events struct{}
