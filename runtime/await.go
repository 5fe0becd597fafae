package runtime

import (
	"context"
	"time"

	"github.com/docker/docker/api/types/container"

	"github.com/gocompose/gocompose/internal/engine"
	"github.com/gocompose/gocompose/planner"
)

// safetyInspect is how often a wait looks at its containers though no event
// came.
const safetyInspect = 5 * time.Second

// runsFor is how long a container without a health check must run before it
// counts as ready: one that fails at its start has failed by then. docker
// compose looks once, after as long.
const runsFor = 500 * time.Millisecond

// await waits until containers reach a condition. Events only say that it is
// time to look: what decides is always the state that an inspect shows, so a
// missed or repeated event does no harm.
func (d *EngineDriver) await(ctx context.Context, op planner.Await, in Inputs) (Output, error) {
	if op.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, op.Timeout, errWaitTimeout)
		defer cancel()
	}
	events := d.events.subscribe(ctx)
	defer events.close()
	w, err := d.newWaiting(op, in)
	if err != nil {
		return Output{}, err
	}
	safety := time.NewTicker(safetyInspect)
	defer safety.Stop()
	for {
		if err := w.look(ctx); err != nil {
			return Output{}, err
		}
		if len(w.waiting) == 0 {
			return Output{Detail: w.detail}, nil
		}
		select {
		case <-ctx.Done():
			return Output{}, w.ended(ctx)
		case <-safety.C:
			w.lookAtAll()
		case <-w.proof:
			w.proof = nil
			w.lookAtAll()
		case <-events.ready():
			happened, err := events.take()
			if err != nil {
				return Output{}, err
			}
			w.notice(happened)
		}
	}
}

// waiting is the state of one Await.
type waiting struct {
	driver  *EngineDriver
	op      planner.Await
	report  func(Progress)
	waiting []awaited
	detail  string           // how the last container reached the condition
	proof   <-chan time.Time // when a container that runs may have run for long enough
}

// awaited is a container that has not reached the condition yet.
type awaited struct {
	id, name string
	changed  bool // it is time to look at it
	// The start that it was seen running after, and when that was, for containers
	// that have to run for a while.
	start string
	seen  time.Time
}

// proven tells whether the container has been running for long enough: since its
// start where the engine's clock is ours, else since it was first seen to.
func (c *awaited) proven(s *container.State, now time.Time, oneClock bool) bool {
	if started := engineTime(s.StartedAt); oneClock && !started.IsZero() && now.Sub(started) >= runsFor {
		return true
	}
	if c.start != s.StartedAt {
		c.start, c.seen = s.StartedAt, now
	}
	return now.Sub(c.seen) >= runsFor
}

func (d *EngineDriver) newWaiting(op planner.Await, in Inputs) (*waiting, error) {
	w := &waiting{driver: d, op: op, report: in.report}
	for i, handle := range op.Containers {
		id, err := in.id(handle)
		if err != nil {
			return nil, err
		}
		w.waiting = append(w.waiting, awaited{id: id, name: op.Names[i], changed: true})
	}
	return w, nil
}

// notice marks the containers that something happened to.
func (w *waiting) notice(happened []containerEvent) {
	for _, event := range happened {
		for i := range w.waiting {
			if event.resync || event.id == w.waiting[i].id {
				w.waiting[i].changed = true
			}
		}
	}
}

func (w *waiting) lookAtAll() {
	for i := range w.waiting {
		w.waiting[i].changed = true
	}
}

// look inspects the containers that changed and drops those that are there.
// A broken connection is left to the event stream, which gives up on an engine
// that stays away.
func (w *waiting) look(ctx context.Context) error {
	var rest []awaited
	for _, c := range w.waiting {
		if !c.changed {
			rest = append(rest, c)
			continue
		}
		c.changed = false
		inspect, err := w.driver.engine.API().ContainerInspect(ctx, c.id)
		switch {
		case engine.IsNotFound(err):
			return w.fail(ctx, c, CauseRemoved, nil)
		case engine.IsTransport(err), ctx.Err() != nil:
			rest = append(rest, c)
			continue
		case err != nil:
			return engine.Classify(err)
		}
		detail, cause := judge(w.op.For, inspect.State)
		switch {
		case cause != "":
			return w.fail(ctx, c, cause, &inspect)
		case detail == "":
			w.report(Progress{ID: c.name, Status: standing(inspect.State)})
			rest = append(rest, c)
		case w.op.For == planner.ConditionReady && runsUnchecked(inspect.State) && !c.proven(inspect.State, time.Now(), w.driver.engine.Local()):
			if w.proof == nil {
				w.proof = time.After(time.Until(c.seen.Add(runsFor)))
			}
			rest = append(rest, c)
		default:
			w.detail = detail
			w.report(Progress{ID: c.name, Status: detail})
		}
	}
	w.waiting = rest
	return nil
}

// ended explains why the wait ended without a verdict.
func (w *waiting) ended(ctx context.Context) error {
	if cause := context.Cause(ctx); cause != errWaitTimeout { //nolint:errorlint // that very value
		return cause
	}
	c := w.waiting[0]
	inspect, err := w.driver.engine.API().ContainerInspect(context.WithoutCancel(ctx), c.id)
	if err != nil {
		return w.fail(ctx, c, CauseTimeout, nil)
	}
	return w.fail(ctx, c, CauseTimeout, &inspect)
}

// fail collects what the container said before waiting for it was given up.
func (w *waiting) fail(ctx context.Context, c awaited, cause WaitCause, inspect *container.InspectResponse) error {
	e := &WaitError{
		Service: w.op.Service, Container: c.name, Condition: w.op.For, Cause: cause, Timeout: w.op.Timeout,
	}
	if inspect == nil {
		return e
	}
	if s := inspect.State; s != nil {
		e.ExitCode, e.OOMKilled = s.ExitCode, s.OOMKilled
		e.Probes = probes(s.Health)
	}
	e.Logs = w.driver.lastLines(context.WithoutCancel(ctx), inspect)
	return e
}
