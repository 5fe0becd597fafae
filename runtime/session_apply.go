package runtime

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/gocompose/gocompose/internal/stream"
	"github.com/gocompose/gocompose/planner"
)

// errSessionEnds is why the plan is not carried out to its end when the session
// is over before.
var errSessionEnds = errors.New("the session ended")

// errand is a plan that is carried out beside the loop.
type errand struct {
	done  chan struct{} // closed when it is over
	cut   chan struct{} // closed to break off its requests
	quiet atomic.Bool   // what becomes of its steps is not told any more
}

// newErrand begins the account of a plan. The caller closes done.
func (r *run) newErrand() *errand {
	e := &errand{done: make(chan struct{}), cut: make(chan struct{})}
	r.errands = append(r.errands, e)
	return e
}

// cutOff breaks off what is under way of the errand. The engine goes on with
// what it was asked to do.
func (e *errand) cutOff() {
	if !e.quiet.Swap(true) {
		close(e.cut)
	}
}

// carryOut carries a plan out. It is called by goroutines other than the
// loop's.
func (r *run) carryOut(ctx context.Context, e *errand, plan *planner.Plan, driver Driver, o ApplyOptions) (*Report, error) {
	if o.Sink != nil {
		o.Sink = quietable{o.Sink, &e.quiet}
	}
	r.options.Sink.Begin(plan)
	defer r.options.Sink.End()
	return Apply(ctx, plan, cuttable{driver, e.cut}, o)
}

func (r *run) driver() *EngineDriver {
	return NewDriver(r.engine, r.project, DriverOptions{Events: r.events, HookLine: r.hookLine})
}

// hookLine shows what a hook writes between the lines of its container.
func (r *run) hookLine(ctx context.Context, op planner.RunHook, line string) {
	source := logSource{name: op.Name, service: op.Service, number: op.Number, hook: true}
	if r.shows(source) {
		_ = r.crew.printer.lines(ctx, source, []stream.Line{{Time: time.Now(), Text: line}}) // fails with ctx alone
	}
}

// apply carries the session's plan out, beside the loop.
func (r *run) apply(ctx context.Context, plan *planner.Plan) {
	applying, cancel := context.WithCancelCause(ctx)
	r.cancel = func() { cancel(errSessionEnds) }
	r.applying = true
	e := r.newErrand()
	attach := func(s logSource) {
		if r.shows(s) {
			r.crew.attach(ctx, s, nextRun)
		}
	}
	r.crew.tasks.Go(func() {
		report, err := r.carryOut(applying, e, plan, attachingDriver{r.driver(), attach}, r.options.Apply)
		close(e.done)
		cancel(nil)
		r.crew.post(ctx, func() { r.planEnded(ctx, report, err) })
	})
}

// planEnded goes on when the session's plan has been applied.
func (r *run) planEnded(ctx context.Context, report *Report, err error) {
	r.applying, r.report = false, report
	if errors.Is(err, errSessionEnds) {
		err = report.err()
	}
	if err != nil {
		r.fail(ctx, err)
		return
	}
	for _, s := range report.Steps {
		start, ok := s.Step.Op.(planner.StartContainer)
		source := logSource{id: s.Output.ID, name: start.Name, service: start.Service, number: start.Number}
		if ok && s.Outcome == Done && r.crew.wants(source) {
			m := r.crew.member(source)
			m.expect = m.met + 1 // its start event may be yet to come
		}
	}
}

// fail ends the run once the last output is there.
func (r *run) fail(ctx context.Context, err error) {
	r.failure = errors.Join(r.failure, err)
	r.failed = time.Now()
	r.crew.tasks.Go(func() {
		timer := time.NewTimer(outputAfterFailure)
		defer timer.Stop()
		select {
		case <-timer.C:
			r.crew.post(ctx, func() {}) // have the loop look at the time
		case <-ctx.Done():
		}
	})
}

// attachingDriver attaches to containers before it starts them.
type attachingDriver struct {
	Driver
	attach func(logSource)
}

// Do implements [Driver].
func (d attachingDriver) Do(ctx context.Context, step planner.Step, in Inputs) (Output, error) {
	if start, ok := step.Op.(planner.StartContainer); ok {
		if id, err := in.id(start.Container); err == nil {
			d.attach(logSource{id: id, name: start.Name, service: start.Service, number: start.Number})
		}
	}
	return d.Driver.Do(ctx, step, in)
}

// cuttable is a driver whose requests can be broken off.
type cuttable struct {
	Driver
	cut <-chan struct{}
}

// Do implements [Driver].
func (d cuttable) Do(ctx context.Context, step planner.Step, in Inputs) (Output, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		select {
		case <-d.cut:
			cancel()
		case <-ctx.Done():
		}
	}()
	return d.Driver.Do(ctx, step, in)
}

// quietable is a sink that can be told to keep quiet.
type quietable struct {
	Sink
	quiet *atomic.Bool
}

// Event implements [Sink].
func (s quietable) Event(e Event) {
	if !s.quiet.Load() {
		s.Sink.Event(e)
	}
}
