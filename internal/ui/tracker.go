package ui

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/gocompose/gocompose/planner"
	"github.com/gocompose/gocompose/runtime"
)

// tracker keeps the accounts of a plan being applied: what became of each thing
// so far, and which lines an event is worth. It draws and prints nothing.
// It is not safe for concurrent use.
type tracker struct {
	subjects *subjects
	steps    map[planner.StepID]*account
	items    []*item // in the order in which the plan comes to them
	byID     map[string]*item
	failure  string // output of builds that failed, not shown yet
}

// account is one step.
type account struct {
	step         planner.Step
	ids          []string
	begun, ended bool
}

// item is one thing that the plan is about.
type item struct {
	line    Line // the latest
	steps   []planner.StepID
	open    int // steps that have not ended
	since   time.Time
	took    time.Duration
	parts   parts // of an image, its layers
	build   buildRow
	skipped bool
}

// newTracker starts the accounts of a plan. Containers that run already count
// as items where the command is to make them run.
func newTracker(p *planner.Plan) *tracker {
	t := &tracker{
		subjects: newSubjects(p),
		steps:    make(map[planner.StepID]*account, len(p.Steps)),
		byID:     map[string]*item{},
	}
	for _, line := range keptLines(p) {
		t.item(line.ID).line = line
	}
	for _, step := range p.Steps {
		a := &account{step: step, ids: t.subjects.ids(step)}
		t.steps[step.ID] = a
		for _, id := range a.ids {
			it := t.item(id)
			it.steps = append(it.steps, step.ID)
			it.open++
		}
	}
	return t
}

// keptLines says Running and Created of containers that are left alone, as
// docker compose does for the commands that create, and of which services there
// is nothing to pull or push.
func keptLines(p *planner.Plan) []Line {
	var lines []Line
	switch p.Command {
	case "up", "create", "scale":
	case "pull", "push":
		for _, kept := range p.Kept {
			text := "Skipped"
			if kept.Detail != "" {
				text += " - " + kept.Detail
			}
			lines = append(lines, Line{ID: kept.Name, Text: text, Status: Done})
		}
		return lines
	default:
		return nil
	}
	for _, kept := range p.Kept {
		if kept.Target.Kind != planner.KindContainer {
			continue
		}
		text := "Created"
		if kept.State == planner.Running {
			text = "Running"
		}
		lines = append(lines, Line{ID: containerID(kept.Name), Text: text, Status: Done, Details: kept.Detail})
	}
	return lines
}

func (t *tracker) item(id string) *item {
	it, ok := t.byID[id]
	if !ok {
		it = &item{line: Line{ID: id}}
		t.byID[id] = it
		t.items = append(t.items, it)
	}
	return it
}

// event takes an event into account and returns the lines it is worth.
func (t *tracker) event(e runtime.Event) []Line {
	a, ok := t.steps[e.Step.ID]
	if !ok {
		return nil
	}
	var lines []Line
	switch e.Phase {
	case runtime.PhaseStarted:
		lines = t.started(a)
	case runtime.PhaseProgress:
		lines = t.progress(a, e)
	default:
		lines = t.ended(a, e)
	}
	for i := range lines {
		lines[i].Event = e
		t.record(lines[i], e)
	}
	return lines
}

// record makes the line the latest of its item.
func (t *tracker) record(line Line, e runtime.Event) {
	if line.Parent != "" {
		return
	}
	it := t.item(line.ID)
	it.line = line
	switch {
	case e.Phase == runtime.PhaseStarted:
		it.since, it.took = e.Time, 0
	case line.Status != Working && !it.since.IsZero():
		it.took = e.Time.Sub(it.since)
	}
}

func (t *tracker) started(a *account) []Line {
	a.begun = true
	if group := t.subjects.replaces[a.step.ID]; group != nil {
		if group.begun {
			return nil
		}
		group.begun = true
		return []Line{{ID: group.id, Text: "Recreate", Status: Working}}
	}
	if hook, ok := a.step.Op.(planner.RunHook); ok {
		t.hook(a, Working, "runs "+string(hook.Hook))
		return nil
	}
	return a.lines(a.words().doing, Working, "")
}

// hook notes on a terminal that a container's hook runs, or has run. It is worth
// no line of its own.
func (t *tracker) hook(a *account, status Status, details string) {
	for _, id := range a.ids {
		line := &t.item(id).line
		line.Status, line.Details = status, details
	}
}

// words are those of the step. What a provider stops is told once it is known to
// have something to stop.
func (a *account) words() words {
	if call, ok := a.step.Op.(planner.CallProvider); ok && call.Call == planner.ProviderStop {
		return words{}
	}
	return wordsFor(a.step.Op.Verb())
}

func (a *account) lines(text string, status Status, details string) []Line {
	if text == "" {
		return nil
	}
	lines := make([]Line, len(a.ids))
	for i, id := range a.ids {
		lines[i] = Line{ID: id, Text: text, Status: status, Details: details}
	}
	return lines
}

// ended covers every final phase.
func (t *tracker) ended(a *account, e runtime.Event) []Line {
	if a.ended {
		return nil
	}
	a.ended = true
	for _, id := range a.ids {
		it := t.byID[id]
		it.open--
		it.skipped = it.skipped || e.Phase == runtime.PhaseSkipped && !a.begun
	}
	group := t.subjects.replaces[a.step.ID]
	switch {
	case e.Phase == runtime.PhaseDone && group != nil:
		if group.done++; group.done < group.steps {
			return nil
		}
		return []Line{{ID: group.id, Text: "Recreated", Status: Done}}
	case e.Phase == runtime.PhaseDone:
		return t.done(a, e)
	case e.Phase == runtime.PhaseSkipped && a.begun:
		return a.lines("Interrupted", Warning, "")
	case e.Phase == runtime.PhaseSkipped:
		return nil // the failure that it follows from is reported
	case e.Phase == runtime.PhaseUnknown:
		return a.lines("Unknown", Warning, "the engine's answer was not waited for")
	case e.Tolerated:
		return a.lines(a.tolerated(), Warning, message(e.Err))
	default:
		return a.lines("Error", Error, message(e.Err))
	}
}

// tolerated says, in docker compose's words, what is skipped.
func (a *account) tolerated() string {
	if wait, ok := a.step.Op.(planner.Await); ok {
		return fmt.Sprintf("Skipped: optional dependency %q failed to start:", wait.Service)
	}
	switch a.step.Op.(type) {
	case planner.PullImage, planner.PushImage:
		return "Warning" // it goes on with what there is, or what can be built
	default:
		return "Skipped"
	}
}

func (t *tracker) done(a *account, e runtime.Event) []Line {
	if _, hook := a.step.Op.(planner.RunHook); hook {
		t.hook(a, Done, "")
		return nil
	}
	text := a.words().done
	if call, ok := a.step.Op.(planner.CallProvider); ok && call.Call == planner.ProviderStop {
		text = e.Detail // few of them have anything to stop
	}
	if a.step.Op.Verb() != planner.VerbAwait {
		return a.lines(text, Done, "")
	}
	if e.Detail != "" {
		text = e.Detail
	}
	var lines []Line
	for _, line := range a.lines(text, Done, "") {
		if it := t.item(line.ID); it.line.Status != Done || it.line.Text != text {
			lines = append(lines, line)
		}
	}
	return lines
}

// progress reports the layers of an image, and containers that are waited for.
func (t *tracker) progress(a *account, e runtime.Event) []Line {
	if e.Progress == nil {
		return nil
	}
	switch a.step.Op.(type) {
	case planner.PullImage, planner.PushImage:
		whole := t.item(a.ids[0])
		if e.Progress.Status == runtime.Retrying {
			whole.parts = parts{} // it begins anew
			return a.lines(runtime.Retrying, Working, e.Progress.Detail)
		}
		if runtime.EngineRetries(*e.Progress) {
			if whole.line.Text == runtime.Retrying {
				return nil // told already: the engine counts seconds
			}
			return a.lines(runtime.Retrying, Working, "layer "+e.Progress.ID)
		}
		if whole.line.Text == runtime.Retrying {
			whole.line.Text, whole.line.Details = a.words().doing, ""
		}
		whole.parts.update(*e.Progress)
		return []Line{{
			ID: e.Progress.ID, Parent: whole.line.ID, Text: e.Progress.Status, Status: Working,
			Current: e.Progress.Current, Total: e.Progress.Total,
		}}
	case planner.BuildImage:
		if e.Progress.Build != nil {
			whole := t.item(a.ids[0])
			t.failure += whole.build.update(*e.Progress)
			whole.line.Details = whole.build.details()
		}
		return nil
	case planner.CallProvider, planner.PrepareModel:
		return a.lines(e.Progress.Status, Working, "")
	case planner.Await:
		return t.waiting(a, *e.Progress)
	default:
		return nil
	}
}

// takeFailure is the output of builds that failed since it was last asked for.
func (t *tracker) takeFailure() string {
	text := t.failure
	t.failure = ""
	return text
}

// waiting notes what a container that is waited for has come to.
func (t *tracker) waiting(a *account, p runtime.Progress) []Line {
	for _, id := range a.ids {
		if id != containerID(p.ID) {
			continue
		}
		it := t.item(id)
		if it.line.Text == p.Status || it.line.Details == p.Status {
			return nil
		}
		if p.Status == "Healthy" || p.Status == "Exited" {
			return []Line{{ID: id, Text: p.Status, Status: Done}}
		}
		it.line.Details = p.Status // shown on a terminal, not worth a line of its own
	}
	return nil
}

// message is an error's first line, without the hint that its end may hold: the
// whole of it is told at the end.
func message(err error) string {
	if err == nil {
		return ""
	}
	text := err.Error()
	var moved *runtime.TransferError
	if errors.As(err, &moved) {
		text = moved.Cause() // the line names the image
	}
	var hinted interface{ Hint() string }
	if errors.As(err, &hinted) {
		text = strings.TrimSuffix(text, "; "+hinted.Hint())
	}
	first, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return first
}
