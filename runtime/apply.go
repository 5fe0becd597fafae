package runtime

import (
	"context"
	"errors"
	"time"

	"github.com/gocompose/gocompose/internal/dag"
	"github.com/gocompose/gocompose/planner"
)

// DefaultParallel is how many steps are under way at a time by default. The
// engine serialises much of its work, and gains nothing from more.
const DefaultParallel = 16

// defaultDrain is how long requests under way may go on after a cancel.
const defaultDrain = 10 * time.Second

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

// Pools of the walk: slots bound what is under way. Starts that let the engine
// choose from a range of host ports take turns.
const (
	poolSlots  = "slots"
	poolSerial = "serial"
)

// graceShows is how long nothing ends before the stops under way are taken to
// wait for containers that use their grace period, and hold no slot any more.
// Until then they do: an engine that takes a hundred containers down at a time
// is slower than with sixteen, of which the first is down in half a second.
const graceShows = time.Second

// Apply carries out the plan. The error joins a [*StepError] for every step
// that failed and is not tolerated, and ctx's cause where ctx ended the run.
// The report is never nil, and accounts for every step.
func Apply(ctx context.Context, p *planner.Plan, d Driver, o ApplyOptions) (*Report, error) {
	a := newApplication(p, d, o)
	halting, halt := context.WithCancel(ctx)
	defer halt()
	a.halting, a.halt = halting, halt
	parallel := o.Parallel
	if parallel <= 0 {
		parallel = DefaultParallel
	}
	err := a.graph.Walk(ctx, dag.WalkOptions[int]{
		Pools:     map[string]int{poolSlots: parallel, poolSerial: 1},
		Takes:     a.takes,
		Yields:    func(i int) bool { return usesGrace(a.report.Steps[i].Step.Op) },
		Patience:  graceShows,
		KeepGoing: o.KeepGoing,
		Tolerates: func(i int) bool { return a.report.Steps[i].Tolerated },
		Started:   a.started,
		Finished:  a.finished,
		Inbox:     a.inbox,
	}, a.do)
	if err != nil {
		return a.report, err
	}
	return a.report, errors.Join(a.report.err(), context.Cause(ctx))
}

// application is one run of Apply. Steps are counted by their place in the
// plan. A step's report is written by the worker that carries it out and read
// by the walk after the worker has ended, and by the steps after it.
type application struct {
	driver    Driver
	sink      Sink
	drain     time.Duration
	keepGoing bool
	graph     dag.Graph[int]
	place     map[planner.StepID]int
	report    *Report
	began     []time.Time
	inbox     chan func()
	// halting ends with ctx, or once a failure keeps everything else from being
	// started: nobody needs what is still waited for.
	halting context.Context
	halt    context.CancelFunc
	failed  planner.StepID // the failure that halted the run
}

func newApplication(p *planner.Plan, d Driver, o ApplyOptions) *application {
	a := &application{
		driver:    d,
		sink:      o.Sink,
		drain:     o.Drain,
		keepGoing: o.KeepGoing,
		place:     make(map[planner.StepID]int, len(p.Steps)),
		report:    &Report{Steps: make([]StepReport, len(p.Steps))},
		began:     make([]time.Time, len(p.Steps)),
		inbox:     make(chan func()),
	}
	if a.drain <= 0 {
		a.drain = defaultDrain
	}
	if a.sink == nil {
		a.sink = discard{}
	}
	for i, step := range p.Steps {
		a.place[step.ID] = i
		a.report.Steps[i] = StepReport{Step: step, Outcome: Skipped, Tolerated: tolerated(step)}
		a.graph.Add(i)
		for _, before := range step.After {
			a.graph.Need(i, a.place[before])
		}
	}
	return a
}

// tolerated tells whether a failure of the step stops nothing.
func tolerated(step planner.Step) bool {
	pull, ok := step.Op.(planner.PullImage)
	return step.BestEffort || ok && pull.Optional
}

type discard struct{}

func (discard) Event(Event) {}

func (a *application) takes(i int) []string {
	step := a.report.Steps[i].Step
	if !a.driver.Holds(step) {
		return nil
	}
	if start, ok := step.Op.(planner.StartContainer); ok && start.Serial {
		return []string{poolSerial, poolSlots}
	}
	return []string{poolSlots}
}

// usesGrace tells whether the operation may take a container's grace period, or
// as long as a program of the user's takes.
func usesGrace(op planner.Op) bool {
	switch op.(type) {
	case planner.StopContainer, planner.RestartContainer, planner.RunHook, planner.CallProvider, planner.PrepareModel:
		return true
	default:
		return false
	}
}

// do carries out one step, on a goroutine of its own.
func (a *application) do(ctx context.Context, i int) error {
	report := &a.report.Steps[i]
	run, release := a.contextFor(ctx, report.Step)
	defer release()
	output, err := a.driver.Do(run, report.Step, Inputs{
		output: func(id planner.StepID) (Output, bool) {
			j, ok := a.place[id]
			if !ok {
				return Output{}, false
			}
			return a.report.Steps[j].Output, true
		},
		report: func(p Progress) { a.progress(i, p) },
	})
	report.Output = output
	report.Outcome, report.Err = outcome(run, report.Step, err)
	return err
}

// outcome tells a failure from a step that ctx cut short. What only waits, or
// can be done again from where it was, was then simply not done.
func outcome(run context.Context, step planner.Step, err error) (Outcome, error) {
	switch {
	case err == nil:
		return Done, nil
	case run.Err() == nil:
		return Failed, err
	case interruptible(step):
		return Skipped, context.Cause(run)
	default:
		return Unknown, err
	}
}

// interruptible steps end as soon as ctx is done: waits change nothing, a pull
// takes long and keeps what it has, and programs end as they do on Ctrl-C.
func interruptible(step planner.Step) bool {
	switch step.Op.(type) {
	case planner.Await, planner.PullImage, planner.BuildImage, planner.PushImage, planner.CallProvider, planner.PrepareModel:
		return true
	default:
		return false
	}
}

// contextFor gives requests that change the host time to be answered after
// ctx is done, so that none is cut between its effect and its answer.
func (a *application) contextFor(ctx context.Context, step planner.Step) (context.Context, func()) {
	if interruptible(step) {
		return a.halting, func() {}
	}
	run, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		timer := time.NewTimer(a.drain)
		defer timer.Stop()
		select {
		case <-timer.C:
			cancel(context.Cause(ctx))
		case <-run.Done():
		}
	})
	return run, func() {
		stop()
		cancel(nil)
	}
}

// progress hands progress to the walk's goroutine, which alone talks to the
// sink.
func (a *application) progress(i int, p Progress) {
	a.inbox <- func() {
		a.sink.Event(Event{Time: time.Now(), Step: a.report.Steps[i].Step, Name: a.report.Steps[i].Step.Name(), Phase: PhaseProgress, Progress: &p})
	}
}

func (a *application) started(i int) {
	a.began[i] = time.Now()
	step := a.report.Steps[i].Step
	a.sink.Event(Event{Time: a.began[i], Step: step, Name: step.Name(), Phase: PhaseStarted})
}

func (a *application) finished(r dag.Result[int]) {
	report := &a.report.Steps[r.Node]
	now := time.Now()
	if r.Outcome == dag.Skipped {
		report.Outcome = Skipped
		report.Because, report.Err = a.whySkipped(r)
	} else {
		report.Took = now.Sub(a.began[r.Node])
		a.settle(report)
	}
	a.sink.Event(Event{
		Time: now, Step: report.Step, Name: report.Step.Name(), Phase: report.Outcome.phase(),
		Detail: report.Output.Detail, Warnings: report.Output.Warnings, Took: report.Took,
		Err: report.Err, Because: report.Because, Tolerated: report.Tolerated,
	})
}

// settle halts the run after the first failure that counts, and tells a wait
// that was broken off by it what it was broken off for.
func (a *application) settle(report *StepReport) {
	switch {
	case report.Outcome == Skipped && a.failed != "":
		report.Err, report.Because = nil, a.failed
	case report.Outcome == Failed && !report.Tolerated && !a.keepGoing && a.failed == "":
		a.failed = report.Step.ID
		a.halt()
	}
}

// whySkipped is the failure behind a step that was not started, or else the
// cause of the cancel. A wait that was broken off is never the reason: it has
// one itself.
func (a *application) whySkipped(r dag.Result[int]) (planner.StepID, error) {
	if r.Err != nil {
		return "", r.Err
	}
	before := a.report.Steps[r.Because]
	if before.Outcome == Skipped {
		return before.Because, before.Err
	}
	return before.Step.ID, nil
}
