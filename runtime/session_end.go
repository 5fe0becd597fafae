package runtime

import (
	"context"
	"sync"

	"github.com/gocompose/gocompose/planner"
)

// Interrupts of a session.
const (
	interruptStop = iota + 1
	interruptKill
)

// interrupted ends the session by degrees. It returns false when the session
// is to be left at once.
func (l *sessionLoop) interrupted(ctx context.Context) bool {
	l.state.interrupts++
	switch l.state.interrupts {
	case interruptStop:
		l.sink.Session(SessionEvent{Turn: TurnStopping})
		l.end(ctx, func(s planner.State) (*planner.Plan, error) { return planner.Stop(l.project, s, l.verb()) })
		return true
	case interruptKill:
		l.sink.Session(SessionEvent{Turn: TurnKilling})
		l.end(ctx, func(s planner.State) (*planner.Plan, error) { return planner.Kill(l.project, s, l.verb()) })
		return true
	default:
		return false
	}
}

// abort ends the session by its exit policy.
func (l *sessionLoop) abort(ctx context.Context) {
	l.state.aborted = true
	l.sink.Session(SessionEvent{Turn: TurnAborting})
	l.end(ctx, func(s planner.State) (*planner.Plan, error) { return planner.Stop(l.project, s, l.verb()) })
}

func (l *sessionLoop) verb() planner.VerbOptions {
	return planner.VerbOptions{Services: l.options.Services, Timeout: l.options.StopTimeout, Signal: "SIGKILL"}
}

// end plans and carries out how the containers end, once nothing is started
// any more.
func (l *sessionLoop) end(ctx context.Context, plan func(planner.State) (*planner.Plan, error)) {
	l.stops++
	l.cancelRun()
	go func() { l.ending <- l.endNow(ctx, plan) }()
}

func (l *sessionLoop) endNow(ctx context.Context, plan func(planner.State) (*planner.Plan, error)) error {
	select {
	case <-l.finished:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	state, err := ObserveProject(ctx, l.engine, l.project.Name())
	if err != nil {
		return err
	}
	steps, err := plan(state)
	if err != nil {
		return err
	}
	l.sink.begin(steps)
	defer l.sink.end()
	options := l.options.Apply
	options.KeepGoing = true
	_, err = Apply(ctx, steps, NewDriver(l.engine, l.project, DriverOptions{Events: l.events}), options)
	return err
}

// result is how the session ended.
func (l *sessionLoop) result() SessionResult {
	r := SessionResult{Interrupted: l.state.interrupts > 0, Report: l.report}
	if l.first != nil {
		r.ExitCode = l.first.ExitCode
	}
	if from := l.options.Exit.CodeFrom; from != "" {
		r.ExitCode = 0
		for _, exit := range l.ended {
			if exit.Service == from {
				r.ExitCode = exit.ExitCode
				break
			}
		}
	}
	return r
}

// sessionSink lets several goroutines write into one sink.
type sessionSink struct {
	mu   sync.Mutex
	sink SessionSink
}

func (s *sessionSink) Line(line LogLine) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sink.Line(line)
}

func (s *sessionSink) Session(e SessionEvent) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sink.Session(e)
}

func (s *sessionSink) begin(p *planner.Plan) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sink.Begin(p)
}

func (s *sessionSink) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sink.End()
}
