package runtime

import (
	"time"

	"github.com/gocompose/gocompose/internal/build"
	"github.com/gocompose/gocompose/planner"
)

// Phase is where a step stands.
type Phase string

// The phases. A step goes from PhaseStarted over any number of PhaseProgress
// to exactly one of the others; a skipped step has PhaseSkipped alone.
const (
	PhaseStarted  Phase = "started"
	PhaseProgress Phase = "progress"
	PhaseDone     Phase = "done"
	PhaseFailed   Phase = "failed"
	PhaseSkipped  Phase = "skipped" // never started, because another step failed
	PhaseUnknown  Phase = "unknown" // started, and the answer was lost
)

// Event is one thing that happened while a plan was applied.
type Event struct {
	Time     time.Time
	Step     planner.Step // the step it belongs to
	Name     string       // the target's name on the engine
	Phase    Phase
	Progress *Progress      // of PhaseProgress
	Detail   string         // outcome in a word where there is one: Healthy, Exited
	Warnings []string       // of the engine, of PhaseDone
	Took     time.Duration  // of the final phases
	Err      error          // of PhaseFailed and PhaseUnknown
	Because  planner.StepID // of PhaseSkipped: the step that failed; empty on cancel
	// Tolerated failures stop nothing: the step was best-effort or optional.
	Tolerated bool
}

// Progress says how far a step has come.
type Progress struct {
	// ID is the part of the step that it is about: an image layer, or one of the
	// containers that an Await waits for. It may be empty.
	ID      string
	Status  string // in the engine's words, or Retrying
	Detail  string // of Retrying: when, and why
	Current int64  // bytes
	Total   int64  // bytes; 0 where it is not known
	// Build is what a builder tells, instead of all others.
	Build *build.Progress
}

// Sink takes events. Event must return at once: it is called by the goroutine
// that runs the plan, one call at a time.
type Sink interface{ Event(Event) }
