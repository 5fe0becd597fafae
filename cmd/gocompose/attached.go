package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/gocompose/gocompose/internal/ui"
	"github.com/gocompose/gocompose/planner"
	"github.com/gocompose/gocompose/project"
	"github.com/gocompose/gocompose/runtime"
)

// attach applies the plan and shows the output of the containers until they
// stop, the exit policy ends the run, or the user does.
func (v converge) attach(ctx context.Context, c *change, plan *planner.Plan) error {
	services, err := v.attached(c.project)
	if err != nil {
		return err
	}
	apply, err := c.options()
	if err != nil {
		return err
	}
	ctx, leave := context.WithCancelCause(ctx)
	defer leave(nil)
	sink := &sessionView{
		change: c, watches: v.options.watch,
		logs: ui.NewLogs(c.console, ui.LogOptions{
			Colour: c.style.OutColour && !v.options.noColour, NoPrefix: v.options.noLogPrefix,
			Timestamps: v.options.timestamps, Services: c.project.ServiceNames(),
		}),
	}
	if sink.watch = v.watching(ctx, c, sink.logs); sink.watch != nil {
		defer sink.watch.stop()
	}
	if c.wantsMenu(v.options) {
		sink.menu = &menu{change: c, detach: func() { leave(errDetached) }, watch: sink.watch}
	}
	session := runtime.NewSession(c.engine, c.project, runtime.SessionOptions{
		Apply: apply, Attach: services, Sink: sink,
		Exit: runtime.ExitPolicy{
			OnExit: v.options.abortOnExit, OnError: v.options.abortOnFailed, CodeFrom: v.options.exitCodeFrom,
		},
		StopTimeout: v.options.timeout, Services: v.services,
	})
	const stopKillLeave = 3
	defer c.interrupts.take(stopKillLeave, func(os.Signal) { session.Interrupt() })()
	sink.announce(plan, services)
	result, err := session.Run(ctx, plan)
	switch {
	case errors.Is(context.Cause(ctx), errDetached):
		return nil // an interrupt after that came too late
	case result.Interrupted:
		return errors.Join(errInterrupted, err)
	case err != nil:
		return err
	default:
		return asStatus(result.ExitCode)
	}
}

// attached are the services whose output is shown.
func (v converge) attached(loaded *project.Project) ([]string, error) {
	names := v.options.attach.Value()
	if unknown := without(names, loaded.ServiceNames()); len(unknown) > 0 {
		return nil, fmt.Errorf("cannot attach to services not included in up: %s", strings.Join(unknown, ", "))
	}
	if from := v.options.exitCodeFrom; from != "" && !slices.Contains(loaded.ServiceNames(), from) {
		return nil, &project.UnknownServiceError{Name: from}
	}
	if len(names) == 0 {
		for service := range loaded.Services() {
			asked := len(v.services) == 0 || slices.Contains(v.services, service.Name) || v.options.attachDependencies
			if asked && (service.Attach == nil || *service.Attach) {
				names = append(names, service.Name)
			}
		}
	}
	return without(names, v.options.noAttach.Value()), nil
}

func without(names, others []string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool { return slices.Contains(others, name) })
}

// sessionView shows a session.
type sessionView struct {
	*change
	logs *ui.Logs
	menu *menu // nil where there is none

	watch   *watching // likewise
	watches bool      // from the start
	applied bool      // the session's own plan was
}

// announce names the containers whose output will be shown.
func (s *sessionView) announce(plan *planner.Plan, services []string) {
	var labels []string
	add := func(name, service string, number int) {
		if label := ui.Label(name, service, number); slices.Contains(services, service) && !slices.Contains(labels, label) {
			labels = append(labels, label)
		}
	}
	for _, kept := range plan.Kept {
		if kept.Target.Kind == planner.KindContainer {
			add(kept.Name, kept.Target.Name, kept.Target.Index)
		}
	}
	for _, step := range plan.Steps {
		if start, ok := step.Op.(planner.StartContainer); ok {
			add(start.Name, start.Service, start.Number)
		}
	}
	slices.Sort(labels)
	s.logs.Expect(labels...)
	if len(labels) > 0 {
		s.console.Out([]byte("Attaching to " + strings.Join(labels, ", ") + "\n"))
	}
}

// Begin implements [runtime.SessionSink].
func (s *sessionView) Begin(plan *planner.Plan) { s.progress.Begin(plan) }

// End implements [runtime.SessionSink].
func (s *sessionView) End() {
	s.progress.End()
	if s.watch != nil && s.watches && !s.applied {
		s.watch.toggle()
	}
	s.applied = true
	if s.menu != nil {
		s.menu.show()
	}
}

// Line implements [runtime.LogSink].
func (s *sessionView) Line(line runtime.LogLine) { s.logs.Line(line) }

// Session implements [runtime.SessionSink].
func (s *sessionView) Session(e runtime.SessionEvent) {
	if e.Turn == runtime.TurnAborting || e.Turn == runtime.TurnStopping {
		if s.menu != nil {
			s.menu.close()
		}
		if s.watch != nil {
			s.watch.end() // what is being stopped needs no files any more
		}
	}
	switch e.Turn {
	case runtime.TurnExited:
		s.logs.Status(e.Container, e.Service, e.Number, fmt.Sprintf("exited with code %d", e.ExitCode))
	case runtime.TurnRestarted:
		s.logs.Status(e.Container, e.Service, e.Number, fmt.Sprintf("exited with code %d (restarting)", e.ExitCode))
	case runtime.TurnAborting:
		s.tell("Aborting on container exit...")
	case runtime.TurnStopping:
		// To standard output, as docker compose does.
		s.console.Out([]byte("Gracefully Stopping... press Ctrl+C again to force\n"))
	case runtime.TurnKilling:
		s.tell("Killing...")
	case runtime.TurnAttached:
	}
}

func (s *sessionView) tell(text string) {
	s.console.Err([]byte(ui.Paint(s.style.Colour, ui.Bold, text) + "\n"))
}
