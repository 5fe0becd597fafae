package runtime

import (
	"context"
	"time"

	"github.com/gocompose/gocompose/planner"
)

// ApplyOptions say how to carry out a plan. The zero value is fit for use.
type ApplyOptions struct {
	// Parallel bounds how many steps are under way at a time; 0 means
	// [DefaultParallel].
	Parallel int
	// KeepGoing goes on with the branches that a failure does not touch.
	KeepGoing bool
	// Drain is how long requests under way may go on once ctx is done; 0 means
	// ten seconds.
	Drain time.Duration
	// Sink takes the events; nil drops them.
	Sink Sink
}

// DefaultParallel is how many steps are under way at a time by default.
func DefaultParallel() int { return 16 }

// Outcome is how a step ended.
type Outcome string

// The outcomes.
const (
	Done    Outcome = "done"
	Failed  Outcome = "failed"
	Skipped Outcome = "skipped" // not started
	Unknown Outcome = "unknown" // started, and the answer was not waited for
)

// StepReport is how one step ended.
type StepReport struct {
	Step    planner.Step
	Outcome Outcome
	Err     error          // of Failed and Unknown
	Because planner.StepID // of Skipped: the step that failed; empty on cancel
	Output  Output
	Took    time.Duration
	// Tolerated failures stop nothing: the step was best-effort or optional.
	Tolerated bool
}

// Report is how a plan went, in plan order.
type Report struct{ Steps []StepReport }

// StepError says which step failed.
type StepError struct {
	Step planner.Step
	Err  error
}

// Error implements error.
func (e *StepError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *StepError) Unwrap() error { return e.Err }

// Apply carries out the plan. The error joins a [*StepError] for every step
// that failed and is not tolerated; it is ctx's cause where ctx ended the run.
// The report is never nil.
func Apply(ctx context.Context, p *planner.Plan, d Driver, o ApplyOptions) (*Report, error) {
	return &Report{}, nil
}
