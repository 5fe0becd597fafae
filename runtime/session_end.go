package runtime

import (
	"context"
	"fmt"
	"time"

	"github.com/gocompose/gocompose/planner"
	"github.com/gocompose/gocompose/project"
)

// Interrupts of a session.
const (
	interruptStop = iota + 1
	interruptKill
	interruptLeave
)

// interrupted ends the session by degrees. It returns false when the session
// is to be left at once.
func (r *run) interrupted(ctx context.Context) bool {
	r.interrupts++
	switch r.interrupts {
	case interruptStop:
		r.announce(SessionEvent{Turn: TurnStopping})
		if !r.over { // else they are being stopped already
			r.end(ctx, planner.Stop)
		}
	case interruptKill:
		r.announce(SessionEvent{Turn: TurnKilling})
		r.cutStops()
		r.end(ctx, planner.Kill)
	default:
		for _, e := range r.errands {
			e.cutOff()
		}
		return false
	}
	return true
}

func (r *run) announce(e SessionEvent) {
	r.crew.printer.after(func() { r.options.Sink.Session(e) })
}

// cutStops breaks off the plans that stop the containers. The session's own
// plan is left to come to its end, so that what it starts is known.
func (r *run) cutStops() {
	for _, e := range r.errands[1:] {
		e.cutOff()
	}
}

// exitCounts books that a container ended by itself, for good or not, and has
// the exit policy decide.
func (r *run) exitCounts(ctx context.Context, m *member) {
	exit := eventOfExit(TurnExited, m.logSource, m.code)
	r.exits = append(r.exits, exit)
	if r.over || !r.options.Exit.ends(m.code) {
		return
	}
	r.ender = &exit
	r.crew.after(m, func() { r.options.Sink.Session(SessionEvent{Turn: TurnAborting}) })
	r.end(ctx, planner.Stop)
}

// ending plans how containers end: [planner.Stop] or [planner.Kill].
type ending func(*project.Project, planner.State, planner.VerbOptions) (*planner.Plan, error)

// end carries out how the containers end, once nothing is started any more.
func (r *run) end(ctx context.Context, plan ending) {
	r.over, r.crew.stopping = true, true
	r.cancel()
	r.endings++
	before := r.errands[len(r.errands)-1].done
	e := r.newErrand()
	r.crew.tasks.Go(func() {
		defer close(e.done)
		select {
		case <-before:
		case <-ctx.Done():
			return
		}
		report, err := r.endNow(ctx, e, plan)
		r.crew.post(ctx, func() {
			r.endings--
			r.halted(report)
			if err != nil && !e.quiet.Load() {
				r.fail(ctx, err)
			}
		})
	})
}

// halted has the run wait for the ends of the containers that were stopped. Not
// every end has an event of its own.
func (r *run) halted(report *Report) {
	for _, step := range report.Steps {
		id, stops := stopped(step.Step.Op)
		m, known := r.crew.members[id]
		if stops && known && step.Outcome == Done && m.up() {
			m.halted, m.deadline = true, time.Now().Add(recheckAfter)
		}
	}
}

func (r *run) endNow(ctx context.Context, e *errand, plan ending) (*Report, error) {
	state, err := ObserveProject(ctx, r.engine, r.project.Name())
	if err != nil {
		return &Report{}, err
	}
	steps, err := plan(r.project, state, planner.VerbOptions{
		Services: r.options.Services, Timeout: r.options.StopTimeout, Signal: "SIGKILL",
	})
	if err != nil {
		return &Report{}, err
	}
	o := r.options.Apply
	o.KeepGoing = true
	report, err := r.carryOut(ctx, e, steps, r.driver(), o)
	Settle(ctx, r.engine, r.project.Name(), report)
	return report, err
}

// printRest waits until the sink has taken everything, unless the session is to
// be left.
func (r *run) printRest(ctx context.Context) {
	for r.interrupts < interruptLeave {
		select {
		case <-r.crew.printer.ended:
			return
		case <-r.Session.interrupts:
			r.interrupts++
		case <-ctx.Done():
			return
		}
	}
}

// result is how the session ended.
func (r *run) result() SessionResult {
	result := SessionResult{Interrupted: r.interrupts > 0, Report: r.report}
	from := r.options.Exit.CodeFrom
	for _, exit := range r.exits {
		if exit.Service == from {
			result.ExitCode = exit.ExitCode
			return result
		}
	}
	if from == "" && r.ender != nil {
		result.ExitCode = r.ender.ExitCode
	}
	return result
}

// firstOutput says where the output of a container's run begins, of which
// nothing was read: what it wrote in earlier runs is old.
func (s *Session) firstOutput(ctx context.Context, m member) logSpan {
	if m.fresh {
		return logSpan{}
	}
	inspect, err := s.engine.API().ContainerInspect(ctx, m.id)
	if err != nil || inspect.ContainerJSONBase == nil || inspect.State == nil {
		return logSpan{}
	}
	started, finished := engineTime(inspect.State.StartedAt), engineTime(inspect.State.FinishedAt)
	switch {
	case finished.IsZero():
		return logSpan{}
	case finished.Before(started):
		return logSpan{since: timestamp(finished)}
	default: // the first lines may be older than the time of the start
		return logSpan{since: timestamp(started.Add(-startSlack))}
	}
}

// startSlack is more than lies between a container's first line and the moment
// that the engine calls its start.
const startSlack = time.Second

// engineTime reads a time of the engine, whose zero is that of Go.
func engineTime(text string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return time.Time{}
	}
	return t
}

func (s *Session) noticeTrouble(c logSource, err error) {
	if s.options.Notice != nil {
		s.options.Notice(fmt.Sprintf("cannot show the output of container %s: %v", c.name, err))
	}
}
