package ui

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gocompose/gocompose/planner"
	"github.com/gocompose/gocompose/runtime"
)

// script builds a plan and plays what happens to it.
type script struct {
	plan  *planner.Plan
	sinks []func(runtime.Event)
	clock time.Time
}

func newScript(command string) *script {
	return &script{
		plan:  &planner.Plan{Project: "shop", Command: command},
		clock: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC),
	}
}

func (s *script) step(op planner.Op, after ...planner.StepID) planner.StepID {
	id := planner.StepID(op.Target().String() + ":" + string(op.Verb()))
	for _, taken := s.plan.Step(id); taken; _, taken = s.plan.Step(id) {
		id += "~"
	}
	s.plan.Steps = append(s.plan.Steps, planner.Step{
		ID: id, Op: op, After: after, Reason: planner.Reason{Code: planner.Missing},
	})
	return id
}

func on(handle planner.Handle, service string, number int, name string) planner.ContainerOp {
	return planner.ContainerOp{Container: handle, Service: service, Number: number, Name: name}
}

// replace adds the steps that replace shop-web-1 and start it.
func (s *script) replace(after ...planner.StepID) {
	old := on(planner.Handle{ID: "0ld"}, "web", 1, "shop-web-1")
	create := s.step(planner.CreateContainer{Service: "web", Number: 1, Name: "0ld_shop-web-1", Replaces: old.Container})
	fresh := planner.Handle{Step: create}
	stop := s.step(planner.StopContainer{ContainerOp: old}, create)
	remove := s.step(planner.RemoveContainer{ContainerOp: old}, stop)
	rename := s.step(planner.RenameContainer{ContainerOp: on(fresh, "web", 1, "0ld_shop-web-1"), To: "shop-web-1"}, remove)
	s.step(planner.CopyFiles{ContainerOp: on(fresh, "web", 1, "shop-web-1")}, create)
	s.step(planner.StartContainer{ContainerOp: on(fresh, "web", 1, "shop-web-1")}, append(after, rename)...)
}

func (s *script) play(id string, phase runtime.Phase, change func(*runtime.Event)) {
	step, ok := s.plan.Step(planner.StepID(id))
	if !ok {
		panic(fmt.Sprintf("no step %s in %v", id, s.plan.Steps))
	}
	e := runtime.Event{Time: s.clock, Step: step, Phase: phase}
	if change != nil {
		change(&e)
	}
	for _, sink := range s.sinks {
		sink(e)
	}
}

func (s *script) started(id string) { s.play(id, runtime.PhaseStarted, nil) }
func (s *script) done(id string)    { s.play(id, runtime.PhaseDone, nil) }

func (s *script) failed(id, text string) {
	s.play(id, runtime.PhaseFailed, func(e *runtime.Event) { e.Err = errors.New(text) })
}

func (s *script) all(ids ...string) {
	for _, id := range ids {
		s.started(id)
		s.done(id)
	}
}

func (s *script) layer(id, layer, status string, current, total int64) {
	s.play(id, runtime.PhaseProgress, func(e *runtime.Event) {
		e.Progress = &runtime.Progress{ID: layer, Status: status, Current: current, Total: total}
	})
}

// lines collects plain progress.
func (s *script) lines() *strings.Builder {
	var text strings.Builder
	for _, line := range keptLines(s.plan) {
		text.WriteString(plainLine(line))
	}
	t := newTracker(s.plan)
	s.sinks = append(s.sinks, func(e runtime.Event) {
		for _, line := range t.event(e) {
			text.WriteString(plainLine(line))
		}
	})
	return &text
}

func expect(t *testing.T, got, want string) {
	t.Helper()
	want = strings.TrimPrefix(want, "\n")
	if got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}
