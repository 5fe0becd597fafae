package runtime

import (
	"context"
	"time"

	"github.com/gocompose/gocompose/internal/engine"
	"github.com/gocompose/gocompose/planner"
	"github.com/gocompose/gocompose/project"
)

// SessionOptions configure an attached run.
type SessionOptions struct {
	Apply ApplyOptions
	// Attach lists the services whose output is shown.
	Attach []string
	// Sink takes what happens in the session.
	Sink SessionSink
	Exit ExitPolicy
	// StopTimeout is the grace period when the session stops its containers; nil
	// leaves it to each container.
	StopTimeout *time.Duration
	// Services are those that the session is about: it lasts as long as their
	// containers run, its exit policy looks at them, and they are stopped at
	// its end. Empty means all of the project.
	Services []string
}

// ExitPolicy says when an attached run is over. The zero policy ends it when
// all its containers have stopped.
type ExitPolicy struct {
	OnExit   bool   // stop everything once any container stops
	OnError  bool   // stop everything once any container stops with an error
	CodeFrom string // service whose exit status is the session's
}

// ends tells whether the policy ends the run when a container stopped so.
func (p ExitPolicy) ends(code int) bool { return p.OnExit || p.OnError && code != 0 }

// SessionSink takes the output and the turns of a session, one call at a time.
type SessionSink interface {
	LogSink
	Session(SessionEvent)
	// Begin and End stand around the events of each plan: the session's own,
	// and those that stop its containers.
	Begin(*planner.Plan)
	End()
}

// Turn is what happened in a session.
type Turn string

// The turns.
const (
	TurnAttached  Turn = "attached"  // a container's output is shown from now on
	TurnExited    Turn = "exited"    // a container stopped for good
	TurnRestarted Turn = "restarted" // a container stopped, and its restart policy starts it again
	TurnAborting  Turn = "aborting"  // the exit policy ends the run
	TurnStopping  Turn = "stopping"  // first interrupt
	TurnKilling   Turn = "killing"   // second interrupt
)

// SessionEvent is one turn of a session.
type SessionEvent struct {
	Turn      Turn
	Container string // name, of the first three
	Service   string
	Number    int
	ExitCode  int
}

// SessionResult is how an attached run ended.
type SessionResult struct {
	// ExitCode is by the exit policy: that of the service it names, or of the
	// container that ended the run; else 0.
	ExitCode    int
	Interrupted bool // by Interrupt
	Report      *Report
}

// Session is one attached run: it applies a plan, shows the output of the
// containers, and stops them when it is over.
type Session struct {
	engine     *engine.Client
	project    *project.Project
	options    SessionOptions
	interrupts chan struct{}
}

// interruptsKept are more than anybody presses before the session reads them.
const interruptsKept = 8

// NewSession prepares an attached run.
func NewSession(e *engine.Client, p *project.Project, o SessionOptions) *Session {
	return &Session{engine: e, project: p, options: o, interrupts: make(chan struct{}, interruptsKept)}
}

// Run applies the plan and stays attached until the exit policy or an
// interrupt ends the run. Containers are then stopped. Ending ctx leaves at
// once and stops nothing.
func (s *Session) Run(ctx context.Context, plan *planner.Plan) (SessionResult, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	events := NewEvents(s.engine, s.project.Name())
	defer func() { _ = events.Close() }() // nothing to lose
	happened := events.subscribe(ctx)
	defer happened.close()
	l := newSessionLoop(s, events)
	defer l.drain()
	defer cancel()
	if err := l.meet(ctx, plan); err != nil {
		return SessionResult{}, err
	}
	l.apply(ctx, plan)
	err := l.run(ctx, happened)
	return l.result(), err
}

// Interrupt asks the session to end. The first call stops the containers, the
// second kills them, the third leaves at once. It may be called from any
// goroutine and returns at once.
func (s *Session) Interrupt() {
	select {
	case s.interrupts <- struct{}{}:
	default: // it has been told often enough
	}
}
