package ui

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/gocompose/gocompose/planner"
)

// stage is what an item's row looks like.
type stage uint8

const (
	blockedStage  stage = iota // not its turn yet
	workingStage               // something goes on
	finishedStage              // as it should be
	warnedStage                // done, but for something that was let pass
	failedStage
	skippedStage // never came to its end because something else failed
	stages
)

// view is an item as a row shows it.
type view struct {
	name, state, details string
	stage                stage
	timed                bool
	since                time.Time
	took                 time.Duration
	layers               sum
}

func (v view) elapsed(now time.Time) time.Duration {
	if v.took > 0 || v.stage != workingStage {
		return v.took
	}
	return now.Sub(v.since)
}

func (t *tracker) view(it *item) view {
	v := view{
		name: it.line.ID, state: it.line.Text, details: it.line.Details,
		since: it.since, took: it.took, timed: !it.since.IsZero(), layers: it.parts.sum(),
	}
	if state, more, long := strings.Cut(v.state, ": "); long { // one word fits its column
		v.state, v.details = state, strings.TrimSpace(more+" "+v.details)
	} else if state, more, long := strings.Cut(v.state, " - "); long {
		v.state, v.details = state, more
	}
	switch {
	case it.line.Status == Error:
		v.stage = failedStage
	case it.line.Status == Working:
		v.stage = workingStage
	case it.line.Status == Warning && it.open == 0:
		v.stage = warnedStage
	case it.skipped:
		v.stage = skippedStage
		v.state = cmp.Or(v.state, "Skipped")
		v.details = "not reached"
	case it.open > 0:
		v.stage = blockedStage
		v.details = t.blockers(it)
		v.state = cmp.Or(v.state, "Pending")
	default:
		v.stage = finishedStage
	}
	return v
}

// blockers says what the next step of an item waits for.
func (t *tracker) blockers(it *item) string {
	var waits []string
	for _, id := range it.steps {
		next := t.steps[id]
		if next.ended {
			continue
		}
		for _, before := range next.step.After {
			if a, ok := t.steps[before]; ok && !a.ended && t.item(a.ids[0]) != it {
				waits = append(waits, a.goal())
			}
		}
		break
	}
	const most = 3
	switch {
	case len(waits) == 0:
		return ""
	case len(waits) > most:
		return fmt.Sprintf("waits for %s and %d more", strings.Join(waits[:most-1], ", "), len(waits)-most+1)
	default:
		return "waits for " + strings.Join(waits, ", ")
	}
}

// goal is the end of a step as those see it who wait for it.
func (a *account) goal() string {
	await, ok := a.step.Op.(planner.Await)
	if !ok {
		_, name, kind := strings.Cut(a.ids[0], " ")
		if !kind {
			return a.ids[0] // of a provider or a model
		}
		return name
	}
	switch await.For {
	case planner.ConditionHealthy:
		return await.Service + " to be healthy"
	case planner.ConditionCompleted:
		return await.Service + " to complete"
	default:
		return await.Service + " to be ready"
	}
}

// fit picks the rows to show when not all can be: failures, then what goes on,
// what is held up, and the latest of what is done. The order stays.
func fit(views []view, room int) (shown []view, folded string) {
	if len(views) <= room {
		return views, ""
	}
	keep := make([]bool, len(views))
	left := max(room-1, 0) // one row says what is not shown
	for _, want := range []stage{failedStage, workingStage, warnedStage, skippedStage, blockedStage, finishedStage} {
		for i := range views {
			if want == finishedStage {
				i = len(views) - 1 - i
			}
			if left > 0 && views[i].stage == want {
				keep[i] = true
				left--
			}
		}
	}
	var hidden [stages]int
	for i, v := range views {
		if keep[i] {
			shown = append(shown, v)
		} else {
			hidden[v.stage]++
		}
	}
	return shown, foldedText(hidden)
}

func foldedText(hidden [stages]int) string {
	names := [stages]string{"waiting", "working", "done", "with warnings", "failed", "not reached"}
	total := 0
	var counts []string
	for _, s := range []stage{failedStage, workingStage, warnedStage, skippedStage, blockedStage, finishedStage} {
		if hidden[s] > 0 {
			total += hidden[s]
			counts = append(counts, fmt.Sprintf("%d %s", hidden[s], names[s]))
		}
	}
	return fmt.Sprintf("%d more: %s", total, strings.Join(counts, ", "))
}
