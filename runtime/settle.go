package runtime

import (
	"context"
	"slices"
	"time"

	"github.com/gocompose/gocompose/internal/engine"
	"github.com/gocompose/gocompose/planner"
)

// How long the engine's list may take to follow what the engine has answered.
const (
	listFirst  = 2 * time.Millisecond
	listSlow   = 50 * time.Millisecond
	listGiveUp = 2 * time.Second
)

// Settle waits until the engine lists the containers that the plan has stopped
// as stopped. Engines from 23 on answer a stop a moment before, and a command
// that follows at once would take them for running. It gives up after two
// seconds, and where the engine does not answer: nothing depends on it.
func Settle(ctx context.Context, e *engine.Client, projectName string, report *Report) {
	stopped := report.stopped()
	began := time.Now()
	for delay := listFirst; len(stopped) > 0 && time.Since(began) < listGiveUp; delay = min(2*delay, listSlow) {
		list, err := List(ctx, e, projectName)
		if err != nil || !slices.ContainsFunc(list, func(l Listed) bool { return stopped[l.ID] && Alive(l.Phase) }) {
			return
		}
		select {
		case <-time.After(delay):
		case <-ctx.Done():
			return
		}
	}
}

// stopped are the IDs of the containers with which the plan has done nothing
// since it stopped them.
func (r *Report) stopped() map[string]bool {
	stopped := map[string]bool{}
	for _, s := range r.Steps {
		if s.Outcome != Done {
			continue
		}
		switch op := s.Step.Op.(type) {
		case planner.StopContainer:
			stopped[s.Output.ID] = true
		case planner.KillContainer:
			if endsAtOnce(op.Signal) {
				stopped[s.Output.ID] = true
			}
		case planner.StartContainer, planner.RestartContainer, planner.RemoveContainer:
			delete(stopped, s.Output.ID)
		}
	}
	return stopped
}

// endsAtOnce tells whether the engine answers the signal once the container has
// ended.
func endsAtOnce(signal string) bool {
	return slices.Contains([]string{"", "KILL", "SIGKILL", "9"}, signal)
}
