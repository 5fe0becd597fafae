package runtime

import (
	"context"
	"slices"
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
	// containers run, its exit policy looks at them, and they are stopped when the
	// policy or an interrupt ends it. Empty means all of the project, of which the
	// session lasts as long as those whose output is shown, if there are any.
	Services []string
	// Notice takes what the user should know though nothing failed; nil drops it.
	Notice func(text string)
}

// ExitPolicy says when an attached run is over. The zero policy ends it when
// all its containers have stopped; one that its restart policy starts again has
// not, and neither has one that is replaced. The others look at every end of a
// container that nobody asked for, whether it is started again or not.
type ExitPolicy struct {
	OnExit  bool // stop everything once any container stops
	OnError bool // stop everything once any container stops with an error
	// CodeFrom names the service whose exit status is the session's. It implies
	// OnExit, unless OnError is set.
	CodeFrom string
}

// ends tells whether the policy ends the run when a container stopped so.
func (p ExitPolicy) ends(code int) bool {
	if p.OnError && code != 0 {
		return true
	}
	return p.OnExit || p.CodeFrom != "" && !p.OnError
}

// SessionSink takes the output and the turns of a session, one call at a time.
type SessionSink interface {
	LogSink
	Session(SessionEvent)
	// Begin and End stand around the events of each plan: the session's own,
	// and those that stop its containers. They must return at once, and come
	// also while a line is being taken.
	Begin(*planner.Plan)
	End()
}

// Turn is what happened in a session.
type Turn string

// The turns.
const (
	TurnAttached  Turn = "attached"  // a container's output is shown from now on
	TurnExited    Turn = "exited"    // a container stopped for good
	TurnRestarted Turn = "restarted" // a container stopped, and is started again
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
	// ExitCode is, where the exit policy names a service, that of its first
	// container to stop, by whatever cause; else that of the container that made
	// the policy end the run; else 0.
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

// interruptsKept is more than anybody presses before the session reads them.
const interruptsKept = 8

// NewSession prepares an attached run.
func NewSession(e *engine.Client, p *project.Project, o SessionOptions) *Session {
	return &Session{engine: e, project: p, options: o, interrupts: make(chan struct{}, interruptsKept)}
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

// Run applies the plan and stays attached. It ends when the containers have
// stopped by themselves, when the exit policy or an interrupt has stopped them,
// or when the plan fails, which leaves running what runs. Ending ctx leaves,
// too, once the requests under way are answered.
//
// The output of containers that the plan starts is complete: it is attached to
// before they start. Where a third interrupt or ctx ends the run, a call of the
// sink may still be under way.
func (s *Session) Run(ctx context.Context, plan *planner.Plan) (SessionResult, error) {
	events := NewEvents(s.engine, s.project.Name())
	defer events.Close()
	happened := events.subscribe(ctx)
	defer happened.close()

	printed, left := context.WithCancel(ctx)
	defer left()
	p := newPrinter(s.options.Sink)
	go p.run(printed)
	r := newRun(s, events, happened, p)
	err := r.live(ctx, plan)
	p.close()
	r.printRest(ctx)
	return r.result(), err
}

// awaits tells whether the session is about the container.
func (s *Session) awaits(c logSource) bool {
	if c.service == s.options.Exit.CodeFrom {
		return true
	}
	about := s.options.Services
	if len(about) == 0 {
		about = s.options.Attach
	}
	if len(about) == 0 {
		_, ours := s.project.Service(c.service)
		return ours
	}
	return slices.Contains(about, c.service)
}

// shows tells whether the session shows the container's output.
func (s *Session) shows(c logSource) bool { return slices.Contains(s.options.Attach, c.service) }
