package runtime

import (
	"context"
	"time"

	"github.com/gocompose/gocompose/planner"
)

// outputAfterFailure is how long the last output of containers is waited for
// when the plan has failed.
const outputAfterFailure = time.Second

// run is one run of a session. It belongs to the goroutine that called Run;
// what else runs posts to the crew.
type run struct {
	*Session
	crew   *crew
	events *Events

	errands  []*errand // the session's plan, and those that stop its containers
	cancel   func()    // lets the session's plan start nothing more
	applying bool      // the session's plan
	report   *Report
	failure  error // of the plan, or of stopping
	failed   time.Time

	interrupts int
	over       bool           // nothing new is started
	endings    int            // stop and kill plans under way
	exits      []SessionEvent // in the order in which containers stopped
	ender      *SessionEvent  // the exit that made the policy end the run
}

func newRun(s *Session, events *Events, happened *subscription, p *printer) *run {
	c := newCrew(s.engine, s.project.Name(), happened, p)
	c.awaits, c.shows = s.awaits, s.shows
	c.resume = s.firstOutput
	c.turn = func(turn Turn, source logSource, code int) { s.options.Sink.Session(eventOfExit(turn, source, code)) }
	c.trouble = s.noticeTrouble
	return &run{Session: s, crew: c, events: events}
}

func eventOfExit(turn Turn, c logSource, code int) SessionEvent {
	return SessionEvent{Turn: turn, Container: c.name, Service: c.service, Number: c.number, ExitCode: code}
}

// live is the life of the session.
func (r *run) live(ctx context.Context, plan *planner.Plan) error {
	ctx, cancel := context.WithCancel(ctx)
	defer r.crew.tasks.Wait()
	defer cancel()
	r.crew.counts = func(m *member) { r.exitCounts(ctx, m) }
	if err := r.meet(ctx, plan); err != nil {
		return err
	}
	r.apply(ctx, plan)
	for !r.ended() {
		nudged, err := r.crew.step(ctx, r.Session.interrupts)
		if err != nil {
			return err
		}
		if nudged && !r.interrupted(ctx) {
			return nil
		}
	}
	return r.failure
}

// ended tells whether nothing is left to do and to show.
func (r *run) ended() bool {
	switch {
	case r.applying || r.endings > 0:
		return false
	case r.failure != nil:
		return !r.crew.draining() || time.Since(r.failed) >= outputAfterFailure
	case r.over:
		return !r.crew.draining() && !r.crew.any(func(m *member) bool { return m.halted })
	default:
		return !r.crew.busy()
	}
}

// meet makes members of the containers that are there, and shows the output of
// those that run and stay.
func (r *run) meet(ctx context.Context, plan *planner.Plan) error {
	list, err := List(ctx, r.engine, r.project.Name())
	if err != nil {
		return err
	}
	leaving := map[string]bool{}
	for _, step := range plan.Steps {
		if id, stops := stopped(step.Op); stops {
			leaving[id] = true
		}
	}
	for _, l := range list {
		source := sourceOfListed(l)
		if l.OneOff || !r.crew.wants(source) {
			continue
		}
		m := r.crew.member(source)
		m.spared = leaving[l.ID]
		if !Alive(l.Phase) {
			continue
		}
		m.phase, m.run, m.met = memberRunning, 1, 1
		if !m.spared {
			r.join(ctx, m)
		}
	}
	return nil
}

// stopped tells which container that exists already an operation stops or
// removes.
func stopped(op planner.Op) (id string, stops bool) {
	switch op := op.(type) {
	case planner.StopContainer:
		return op.Container.ID, true
	case planner.KillContainer:
		return op.Container.ID, true
	case planner.RestartContainer:
		return op.Container.ID, true
	case planner.RemoveContainer:
		return op.Container.ID, true
	default:
		return "", false
	}
}

// join shows what a running container writes from now on.
func (r *run) join(ctx context.Context, m *member) {
	m.span = logSpan{tail: "0"} // where it cannot be attached to
	if !r.shows(m.logSource) {
		return
	}
	r.crew.tasks.Go(func() {
		r.crew.attach(ctx, m.logSource, presentRun)
		r.crew.post(ctx, func() {
			if m.phase == memberRunning {
				r.crew.show(ctx, m)
			}
		})
	})
}
