package runtime

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/gocompose/gocompose/planner"
)

// actor is a driver whose steps do what the test says, by step ID.
type actor struct {
	mu      sync.Mutex
	running int
	most    int
	acts    map[planner.StepID]func(context.Context, Inputs) (Output, error)
}

func (a *actor) Holds(s planner.Step) bool {
	_, waits := s.Op.(planner.Await)
	return !waits
}

func (a *actor) Do(ctx context.Context, s planner.Step, in Inputs) (Output, error) {
	if a.Holds(s) {
		a.mu.Lock()
		a.running++
		a.most = max(a.most, a.running)
		a.mu.Unlock()
		defer func() {
			a.mu.Lock()
			a.running--
			a.mu.Unlock()
		}()
	}
	if act, ok := a.acts[s.ID]; ok {
		return act(ctx, in)
	}
	time.Sleep(time.Second)
	return Output{ID: "made by " + string(s.ID)}, nil
}

// recorder keeps events as lines: STEP PHASE.
type recorder struct{ events []Event }

func (r *recorder) Event(e Event) { r.events = append(r.events, e) }

func (r *recorder) of(id planner.StepID) string {
	var phases []string
	for _, e := range r.events {
		if e.Step.ID == id {
			phases = append(phases, string(e.Phase))
		}
	}
	return strings.Join(phases, " ")
}

func startStep(id planner.StepID, after ...planner.StepID) planner.Step {
	return planner.Step{ID: id, After: after, Op: planner.StartContainer{ContainerOp: planner.ContainerOp{Service: string(id), Number: 1}}}
}

func awaitStep(id planner.StepID, after ...planner.StepID) planner.Step {
	return planner.Step{ID: id, After: after, Op: planner.Await{Service: string(id)}}
}

func outcomeOf(r *Report, id planner.StepID) StepReport {
	i := slices.IndexFunc(r.Steps, func(s StepReport) bool { return s.Step.ID == id })
	return r.Steps[i]
}

var errBroken = errors.New("broken")

func breaks(after time.Duration) func(context.Context, Inputs) (Output, error) {
	return func(context.Context, Inputs) (Output, error) {
		time.Sleep(after)
		return Output{}, errBroken
	}
}

// waitsForEver returns when its context is done.
func waitsForEver(ctx context.Context, _ Inputs) (Output, error) {
	<-ctx.Done()
	return Output{}, context.Cause(ctx)
}

func TestApplyTellsEveryStep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		plan := &planner.Plan{Steps: []planner.Step{startStep("db"), startStep("web", "db"), startStep("other")}}
		r := &recorder{}
		d := &actor{acts: map[planner.StepID]func(context.Context, Inputs) (Output, error){
			"web": func(_ context.Context, in Inputs) (Output, error) {
				id, err := in.id(planner.Handle{Step: "db"})
				in.report(Progress{Status: "using " + id})
				return Output{Warnings: []string{"careful"}}, err
			},
		}}
		report, err := Apply(t.Context(), plan, d, ApplyOptions{Sink: r})
		if err != nil {
			t.Fatal(err)
		}
		for id, want := range map[planner.StepID]string{"db": "started done", "web": "started progress done", "other": "started done"} {
			if got := r.of(id); got != want {
				t.Errorf("%s: %s, want %s", id, got, want)
			}
		}
		for _, e := range r.events {
			switch {
			case e.Phase == PhaseProgress && e.Progress.Status != "using made by db":
				t.Errorf("progress %+v", e.Progress)
			case e.Step.ID == "db" && e.Phase == PhaseDone && e.Took != time.Second:
				t.Errorf("db took %v", e.Took)
			case e.Step.ID == "web" && e.Phase == PhaseDone && !slices.Equal(e.Warnings, []string{"careful"}):
				t.Errorf("warnings %v", e.Warnings)
			}
		}
		if s := outcomeOf(report, "db"); s.Outcome != Done || s.Output.ID != "made by db" {
			t.Errorf("report %+v", s)
		}
	})
}

func TestApplyHaltsOnFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		plan := &planner.Plan{Steps: []planner.Step{
			startStep("bad"), startStep("needs bad", "bad"), startStep("slow"), startStep("after slow", "slow"),
			awaitStep("wait"), startStep("after wait", "wait"),
		}}
		d := &actor{acts: map[planner.StepID]func(context.Context, Inputs) (Output, error){
			"bad": breaks(time.Second), "wait": waitsForEver,
			"slow": func(context.Context, Inputs) (Output, error) { time.Sleep(3 * time.Second); return Output{}, nil },
		}}
		r := &recorder{}
		began := time.Now()
		report, err := Apply(t.Context(), plan, d, ApplyOptions{Sink: r})
		var step *StepError
		if !errors.As(err, &step) || step.Step.ID != "bad" || err.Error() != "broken" {
			t.Errorf("error %v", err)
		}
		if took := time.Since(began); took != 3*time.Second {
			t.Errorf("took %v: what is under way ends, a wait does not go on", took)
		}
		if s := outcomeOf(report, "slow"); s.Outcome != Done {
			t.Errorf("slow: %+v", s)
		}
		for _, id := range []planner.StepID{"needs bad", "after slow", "wait", "after wait"} {
			if s := outcomeOf(report, id); s.Outcome != Skipped || s.Because != "bad" || s.Err != nil {
				t.Errorf("%s: %+v", id, s)
			}
		}
		if got := r.of("wait"); got != "started skipped" {
			t.Errorf("wait: %s", got)
		}
	})
}

func TestApplyKeepsGoing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		plan := &planner.Plan{Steps: []planner.Step{
			startStep("bad"), startStep("needs bad", "bad"), startStep("slow"), startStep("after slow", "slow"), startStep("worse", "slow"),
		}}
		d := &actor{acts: map[planner.StepID]func(context.Context, Inputs) (Output, error){"bad": breaks(0), "worse": breaks(0)}}
		report, err := Apply(t.Context(), plan, d, ApplyOptions{KeepGoing: true})
		if err == nil || strings.Count(err.Error(), "broken") != 2 {
			t.Errorf("error %v", err)
		}
		if s := outcomeOf(report, "after slow"); s.Outcome != Done {
			t.Errorf("after slow: %+v", s)
		}
		if s := outcomeOf(report, "needs bad"); s.Outcome != Skipped || s.Because != "bad" {
			t.Errorf("needs bad: %+v", s)
		}
	})
}

func TestApplyToleratesWhatIsBestEffort(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		attempt := startStep("try")
		attempt.BestEffort = true
		pull := planner.Step{ID: "pull", Op: planner.PullImage{Image: "x", Optional: true}}
		plan := &planner.Plan{Steps: []planner.Step{attempt, pull, startStep("next", "try", "pull")}}
		d := &actor{acts: map[planner.StepID]func(context.Context, Inputs) (Output, error){"try": breaks(0), "pull": breaks(0)}}
		r := &recorder{}
		report, err := Apply(t.Context(), plan, d, ApplyOptions{Sink: r})
		if err != nil || outcomeOf(report, "next").Outcome != Done {
			t.Errorf("error %v, next %+v", err, outcomeOf(report, "next"))
		}
		if s := outcomeOf(report, "try"); s.Outcome != Failed || !s.Tolerated || !errors.Is(s.Err, errBroken) {
			t.Errorf("try: %+v", s)
		}
		for _, e := range r.events {
			if e.Phase == PhaseFailed && !e.Tolerated {
				t.Errorf("event %+v", e)
			}
		}
	})
}

func TestApplyDrainsOnCancel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		left := errors.New("user left")
		plan := &planner.Plan{Steps: []planner.Step{
			startStep("short"), startStep("long"), startStep("after short", "short"), awaitStep("wait"),
			{ID: "pull", Op: planner.PullImage{Image: "x"}},
		}}
		var ended []string
		d := &actor{acts: map[planner.StepID]func(context.Context, Inputs) (Output, error){
			"short": func(ctx context.Context, _ Inputs) (Output, error) {
				select {
				case <-time.After(4 * time.Second):
					return Output{}, nil
				case <-ctx.Done():
					return Output{}, context.Cause(ctx)
				}
			},
			"long": waitsForEver, "wait": waitsForEver, "pull": waitsForEver,
		}}
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(left) })
		began := time.Now()
		sink := eventFunc(func(e Event) {
			if e.Phase != PhaseStarted {
				ended = append(ended, fmt.Sprintf("%s %s %v", e.Step.ID, e.Phase, time.Since(began)))
			}
		})
		report, err := Apply(ctx, plan, d, ApplyOptions{Sink: sink})
		if !errors.Is(err, left) {
			t.Errorf("error %v", err)
		}
		slices.Sort(ended)
		want := []string{
			"after short skipped 11s", "long unknown 11s", "pull skipped 1s", "short done 4s", "wait skipped 1s",
		}
		if !slices.Equal(ended, want) {
			t.Errorf("ended %q, want %q", ended, want)
		}
		if s := outcomeOf(report, "after short"); s.Because != "" || !errors.Is(s.Err, left) {
			t.Errorf("after short: %+v", s)
		}
	})
}

type eventFunc func(Event)

func (f eventFunc) Event(e Event) { f(e) }

func TestApplyBoundsAllButWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var plan planner.Plan
		for i := range 50 {
			plan.Steps = append(plan.Steps, startStep(planner.StepID(fmt.Sprint("s", i))), awaitStep(planner.StepID(fmt.Sprint("w", i))))
		}
		d := &actor{}
		began := time.Now()
		if _, err := Apply(t.Context(), &plan, d, ApplyOptions{Parallel: 5}); err != nil {
			t.Fatal(err)
		}
		if d.most != 5 || time.Since(began) != 10*time.Second {
			t.Errorf("%d at a time, took %v", d.most, time.Since(began))
		}
	})
}

func TestApplyLetsStopsWaitSideBySide(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var plan planner.Plan
		grace := func(context.Context, Inputs) (Output, error) { time.Sleep(10 * time.Second); return Output{}, nil }
		d := &actor{acts: map[planner.StepID]func(context.Context, Inputs) (Output, error){}}
		for i := range 100 {
			id := planner.StepID(fmt.Sprint("s", i))
			plan.Steps = append(plan.Steps, planner.Step{ID: id, Op: planner.StopContainer{}})
			d.acts[id] = grace
		}
		began := time.Now()
		if _, err := Apply(t.Context(), &plan, d, ApplyOptions{}); err != nil {
			t.Fatal(err)
		}
		// They begin in seven groups of at most 16.
		if took := time.Since(began); took != 10*time.Second+graceShows+5*graceShows/8 {
			t.Errorf("took %v", took)
		}
	})
}

func TestApplyBoundsStopsThatEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var plan planner.Plan
		d := &actor{acts: map[planner.StepID]func(context.Context, Inputs) (Output, error){}}
		for i := range 100 {
			id := planner.StepID(fmt.Sprint("s", i))
			plan.Steps = append(plan.Steps, planner.Step{ID: id, Op: planner.StopContainer{}})
			d.acts[id] = func(context.Context, Inputs) (Output, error) {
				time.Sleep(graceShows / 2)
				return Output{}, nil
			}
		}
		if _, err := Apply(t.Context(), &plan, d, ApplyOptions{Parallel: 5}); err != nil || d.most != 5 {
			t.Errorf("%d at a time, error %v", d.most, err)
		}
	})
}

func TestApplySerialStartsTakeTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var plan planner.Plan
		for i := range 4 {
			step := startStep(planner.StepID(fmt.Sprint("s", i)))
			step.Op = planner.StartContainer{Serial: true}
			plan.Steps = append(plan.Steps, step)
		}
		d := &actor{}
		if _, err := Apply(t.Context(), &plan, d, ApplyOptions{}); err != nil || d.most != 1 {
			t.Errorf("%d at a time, error %v", d.most, err)
		}
	})
}

// TestApplyEventsAreWellFormed checks the contract of Sink on random plans.
func TestApplyEventsAreWellFormed(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var plan planner.Plan
		d := &actor{acts: map[planner.StepID]func(context.Context, Inputs) (Output, error){}}
		for i := range rapid.IntRange(1, 12).Draw(rt, "steps") {
			id := planner.StepID(fmt.Sprint("s", i))
			var after []planner.StepID
			for j := range i {
				if rapid.IntRange(0, 3).Draw(rt, "edge") == 0 {
					after = append(after, planner.StepID(fmt.Sprint("s", j)))
				}
			}
			step := rapid.SampledFrom([]planner.Step{startStep(id, after...), awaitStep(id, after...)}).Draw(rt, "step")
			step.BestEffort = rapid.IntRange(0, 4).Draw(rt, "best effort") == 0
			plan.Steps = append(plan.Steps, step)
			if rapid.IntRange(0, 4).Draw(rt, "breaks") == 0 {
				d.acts[id] = breaks(time.Second)
			}
		}
		keepGoing := rapid.Bool().Draw(rt, "keep going")
		r := &recorder{}
		var report *Report
		synctest.Test(t, func(t *testing.T) {
			report, _ = Apply(t.Context(), &plan, d, ApplyOptions{Sink: r, KeepGoing: keepGoing, Parallel: 2})
		})
		for _, s := range report.Steps {
			got := r.of(s.Step.ID)
			if good := got == "skipped" || got == "started "+string(s.Outcome.phase()); !good {
				rt.Fatalf("%s: events %q, outcome %s", s.Step.ID, got, s.Outcome)
			}
			if s.Outcome == Skipped && outcomeOf(report, s.Because).Outcome != Failed {
				rt.Fatalf("%s is skipped because of %q, which is %s", s.Step.ID, s.Because, outcomeOf(report, s.Because).Outcome)
			}
		}
	})
}
