package runtime

import (
	"time"

	"github.com/gocompose/gocompose/planner"
)

// Phase is where a step stands.
type Phase string

// The phases. A step goes from PhaseStarted over any number of PhaseProgress
// to exactly one of the others.
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
	Progress *Progress     // of PhaseProgress
	Detail   string        // outcome in a word where there is one: Healthy, Exited
	Took     time.Duration // of the final phases
	Err      error         // of PhaseFailed and PhaseUnknown
}

// Progress says how far a step has come.
type Progress struct {
	ID      string // part of the step, such as an image layer; may be empty
	Status  string // in the engine's words
	Current int64  // bytes
	Total   int64  // bytes; 0 where it is not known
}

// Sink takes events. Event must return at once: it is called by the goroutine
// that runs the plan.
type Sink interface{ Event(Event) }
