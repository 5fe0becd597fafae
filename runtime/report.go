package runtime

import (
	"errors"
	"time"

	"github.com/gocompose/gocompose/planner"
	"github.com/gocompose/gocompose/project"
)

// Outcome is how a step ended.
type Outcome string

// The outcomes.
const (
	Done    Outcome = "done"
	Failed  Outcome = "failed"
	Skipped Outcome = "skipped" // not started, or a wait that was cut short
	Unknown Outcome = "unknown" // started, and the answer was not waited for
)

// phase is the last phase of a step that ended so.
func (o Outcome) phase() Phase {
	switch o {
	case Done:
		return PhaseDone
	case Failed:
		return PhaseFailed
	case Unknown:
		return PhaseUnknown
	default:
		return PhaseSkipped
	}
}

// StepReport is how one step ended.
type StepReport struct {
	Step    planner.Step
	Outcome Outcome
	Err     error          // of Failed and Unknown; of Skipped on cancel, the cause
	Because planner.StepID // of Skipped: the step that failed; empty on cancel
	Output  Output
	Took    time.Duration
	// Tolerated failures stop nothing: the step was best-effort or optional.
	Tolerated bool
}

// Report is how a plan went, in plan order.
type Report struct{ Steps []StepReport }

// Variables are what providers and models set for services.
func (r *Report) Variables() project.Variables {
	all := project.Variables{}
	for _, step := range r.Steps {
		for service, set := range step.Output.Variables {
			for name, value := range set {
				all.Set(service, name, value)
			}
		}
	}
	return all
}

// err joins the failures that count: causes, and not what they kept from
// being done.
func (r *Report) err() error {
	var errs []error
	for _, s := range r.Steps {
		if (s.Outcome == Failed || s.Outcome == Unknown) && !s.Tolerated {
			errs = append(errs, &StepError{Step: s.Step, Err: s.Err})
		}
	}
	return errors.Join(errs...)
}

// StepError says which step failed.
type StepError struct {
	Step planner.Step
	Err  error
}

// Error implements error.
func (e *StepError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *StepError) Unwrap() error { return e.Err }
