package runtime

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/docker/docker/api/types/events"

	"github.com/gocompose/gocompose/planner"
)

// sessionLoop is the state of one attached run. It belongs to the goroutine
// that called Run; others send to its channels.
type sessionLoop struct {
	*Session
	events  *Events
	sink    *sessionSink
	began   time.Time
	members map[string]*member // by container ID
	reading int                // members whose output is being read

	applied   chan applied
	applying  bool
	cancelRun context.CancelFunc // ends the apply
	finished  chan struct{}      // closed when the apply has ended
	report    *Report

	output chan *member // a member's output ended
	ending chan error   // the containers were stopped or killed
	state  sessionState
	stops  int // stop and kill runs under way
	ended  []SessionEvent
	first  *SessionEvent // the exit that ended the run
	failed []error
}

type sessionState struct {
	interrupts int
	aborted    bool
}

// over tells whether the run is to end: nothing new is started then.
func (s sessionState) over() bool { return s.aborted || s.interrupts > 0 }

// applied is how the plan went.
type applied struct {
	report *Report
	err    error
}

// member is a container of the session that runs, or did.
type member struct {
	logSource
	attached bool // its output is shown
	fresh    bool // it was made in this session: all its output is new
	started  bool // it ran at some time
	running  bool
	reading  bool
	last     time.Time // of its newest line
	exit     *SessionEvent
}

func newSessionLoop(s *Session, e *Events) *sessionLoop {
	return &sessionLoop{
		Session: s, events: e,
		sink:     &sessionSink{sink: s.options.Sink},
		began:    time.Now(),
		members:  map[string]*member{},
		applied:  make(chan applied),
		finished: make(chan struct{}),
		output:   make(chan *member),
		ending:   make(chan error),
	}
}

// meet makes members of the containers that run already and stay.
func (l *sessionLoop) meet(ctx context.Context, plan *planner.Plan) error {
	kept := map[string]bool{}
	for _, k := range plan.Kept {
		if k.Target.Kind == planner.KindContainer && (k.State == planner.Running || k.State == planner.Restarting) {
			kept[k.Name] = true
		}
	}
	if len(kept) == 0 {
		return nil
	}
	list, err := List(ctx, l.engine, l.project.Name())
	if err != nil {
		return err
	}
	for _, c := range list {
		if kept[c.Name] {
			l.join(ctx, logSource{id: c.ID, name: c.Name, service: c.Service, number: c.Number})
		}
	}
	return nil
}

// apply carries the plan out, on a goroutine of its own.
func (l *sessionLoop) apply(ctx context.Context, plan *planner.Plan) {
	ctx, l.cancelRun = context.WithCancel(ctx)
	l.applying = true
	l.sink.begin(plan)
	go func() {
		driver := NewDriver(l.engine, l.project, DriverOptions{Events: l.events})
		report, err := Apply(ctx, plan, driver, l.options.Apply)
		close(l.finished)
		l.applied <- applied{report, err}
	}()
}

// run is the life of the session.
func (l *sessionLoop) run(ctx context.Context, happened *subscription) error {
	for l.applying || l.stops > 0 || l.alive() {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case a := <-l.applied:
			l.applying, l.report = false, a.report
			l.sink.end()
			l.joinStarted(ctx, a.report)
			if a.err != nil && !l.state.over() {
				return a.err
			}
		case m := <-l.output:
			l.reading--
			m.reading = false
			l.tellExit(m)
		case err := <-l.ending:
			l.stops--
			l.failed = append(l.failed, err)
		case <-l.interrupts:
			if !l.interrupted(ctx) {
				return nil
			}
		case <-happened.ready():
			list, err := happened.take()
			if err != nil {
				return err
			}
			for _, event := range list {
				l.notice(ctx, event)
			}
		}
	}
	return errors.Join(l.failed...)
}

// alive tells whether there is anything left to wait for.
func (l *sessionLoop) alive() bool {
	for _, m := range l.members {
		if (m.running || m.reading) && l.concerns(m.service) {
			return true
		}
	}
	return false
}

// concerns tells whether the session is about the service. What it depends on
// is not, where services were named.
func (l *sessionLoop) concerns(service string) bool {
	return len(l.options.Services) == 0 || slices.Contains(l.options.Services, service)
}

// notice follows what happens to the members.
func (l *sessionLoop) notice(ctx context.Context, event containerEvent) {
	if event.resync {
		l.lookAtAll(ctx)
		return
	}
	source, ok := sourceOf(event)
	if !ok {
		return
	}
	m, known := l.members[source.id]
	_, ours := l.project.Service(source.service)
	switch {
	case event.action == events.ActionCreate:
		l.members[source.id] = &member{logSource: source, fresh: true}
	case event.action == events.ActionStart && ours:
		l.join(ctx, source)
	case event.action == events.ActionDie && known && m.running:
		l.died(ctx, m, event.exitCode)
	}
}

// lookAtAll finds out which members stopped while events were missed.
func (l *sessionLoop) lookAtAll(ctx context.Context) {
	for _, m := range l.members {
		if !m.running {
			continue
		}
		inspect, err := l.engine.API().ContainerInspect(ctx, m.id)
		if err == nil && inspect.State != nil && !inspect.State.Running && !inspect.State.Restarting {
			l.died(ctx, m, inspect.State.ExitCode)
		}
	}
}

// join makes the container a running member, and shows its output.
func (l *sessionLoop) join(ctx context.Context, source logSource) {
	m, known := l.members[source.id]
	if !known {
		m = &member{logSource: source}
		l.members[source.id] = m
	}
	m.name = source.name // a replacement was renamed since it was created
	m.started, m.running, m.exit = true, true, nil
	m.attached = slices.Contains(l.options.Attach, m.service)
	if !m.attached || m.reading {
		return
	}
	m.reading = true
	l.reading++
	l.sink.Session(SessionEvent{Turn: TurnAttached, Container: m.name, Service: m.service, Number: m.number})
	read, logs := l.from(m), m.logSource
	go func() {
		// Output that breaks off ends what is shown, and not the session.
		_ = logs.read(ctx, l.engine, read, func(line LogLine) error {
			m.last = line.Time
			l.sink.Line(line)
			return ctx.Err()
		})
		l.output <- m
	}()
}

// joinStarted makes members of the containers that the plan started and whose
// events are yet to come, so that the session does not end before them.
func (l *sessionLoop) joinStarted(ctx context.Context, r *Report) {
	for _, s := range r.Steps {
		start, ok := s.Step.Op.(planner.StartContainer)
		if !ok || s.Outcome != Done {
			continue
		}
		if m, known := l.members[s.Output.ID]; !known || !m.started {
			l.join(ctx, logSource{id: s.Output.ID, name: start.Name, service: start.Service, number: start.Number})
		}
	}
}

// from says which output of a member is new: all of a container that was made
// in this session; of others what comes from its beginning on.
func (l *sessionLoop) from(m *member) logRead {
	switch {
	case !m.last.IsZero():
		return logRead{follow: true, after: m.last}
	case m.fresh:
		return logRead{follow: true}
	default:
		return logRead{follow: true, since: timestamp(l.began)}
	}
}

// died books that a member stopped. The engine decides on a restart before it
// says that the container died, so the state can be asked for it.
func (l *sessionLoop) died(ctx context.Context, m *member, code int) {
	event := SessionEvent{Turn: TurnExited, Container: m.name, Service: m.service, Number: m.number, ExitCode: code}
	inspect, err := l.engine.API().ContainerInspect(ctx, m.id)
	if err == nil && inspect.State != nil && inspect.State.Restarting && !l.state.over() {
		event.Turn = TurnRestarted
	}
	m.running = event.Turn == TurnRestarted
	m.exit = &event
	if event.Turn == TurnExited {
		l.ended = append(l.ended, event)
		if l.options.Exit.ends(code) && !l.state.over() && l.concerns(m.service) {
			l.first = &event
			l.abort(ctx)
		}
	}
	if !m.reading {
		l.tellExit(m)
	}
}

// tellExit tells of an exit after the last line of output.
func (l *sessionLoop) tellExit(m *member) {
	if m.exit != nil && m.attached {
		l.sink.Session(*m.exit)
	}
	m.exit = nil
}

// drain waits for the goroutines of the session, whose context has ended.
func (l *sessionLoop) drain() {
	for l.reading > 0 || l.applying || l.stops > 0 {
		select {
		case <-l.output:
			l.reading--
		case a := <-l.applied:
			l.applying, l.report = false, a.report
		case err := <-l.ending:
			l.stops--
			l.failed = append(l.failed, err)
		}
	}
}
