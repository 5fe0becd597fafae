package runtime

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocompose/gocompose/internal/enginetest"
	"github.com/gocompose/gocompose/planner"
)

// stuck is a sink whose reader reads nothing: a stopped terminal.
type stuck struct {
	transcript
	free chan struct{}
}

func (s *stuck) Line(LogLine) { <-s.free }

func (h host) plan(yaml string) (*Session, *stuck, *planner.Plan) {
	h.Helper()
	p := load(h.T, yaml)
	state, err := Observe(h.Context(), h.engine, p)
	h.must(err)
	plan, err := planner.Up(p, state, planner.UpOptions{})
	h.must(err)
	sink := &stuck{free: make(chan struct{})}
	return NewSession(h.engine, p, SessionOptions{Attach: p.ServiceNames(), Sink: sink}), sink, plan
}

const talking = `
services:
  web:
    image: app:1
    labels: {enginetest.stdout: hello, enginetest.stop-after: 1s}
`

// TestInterruptsReachASessionWhoseSinkIsStuck: containers are stopped though
// nobody reads their output, and the third interrupt leaves.
func TestInterruptsReachASessionWhoseSinkIsStuck(t *testing.T) {
	onHost(t, enginetest.Options{}, func(h host) {
		session, sink, plan := h.plan(talking)
		ended := make(chan SessionResult)
		go func() {
			result, err := session.Run(h.Context(), plan)
			h.must(err)
			ended <- result
		}()
		wait(time.Second)
		session.Interrupt()
		wait(2 * time.Second)
		if list, err := List(h.Context(), h.engine, testProject); err != nil || list[0].Phase != planner.Exited {
			h.Errorf("web was not stopped: %v, %v", list, err)
		}
		session.Interrupt()
		session.Interrupt()
		if result := <-ended; !result.Interrupted {
			h.Error("not interrupted")
		}
		close(sink.free)
		synctest.Wait()
	})
}

// TestLeavingStopsNothing: when the context ends, containers run on.
func TestLeavingStopsNothing(t *testing.T) {
	onHost(t, enginetest.Options{}, func(h host) {
		session, sink, plan := h.plan(talking)
		close(sink.free)
		gone := errors.New("gone")
		ctx, cancel := context.WithCancelCause(h.Context())
		h.at(time.Second, func() { cancel(gone) })
		if _, err := session.Run(ctx, plan); !errors.Is(err, gone) {
			h.Errorf("error is %v", err)
		}
		if list, err := List(h.Context(), h.engine, testProject); err != nil || list[0].Phase != planner.Running {
			h.Errorf("web does not run: %v, %v", list, err)
		}
	})
}

// TestThirdInterruptWaitsForNoRequest: not even for those that the engine does
// not answer.
func TestThirdInterruptWaitsForNoRequest(t *testing.T) {
	onHost(t, enginetest.Options{}, func(h host) {
		session, sink, plan := h.plan(talking)
		close(sink.free)
		h.fake.Fault(func(r enginetest.Request) enginetest.Action {
			return enginetest.Action{Hang: r.Op == "ContainerStart"}
		})
		began := time.Now()
		for range 3 {
			h.at(time.Second, session.Interrupt)
		}
		_, err := session.Run(h.Context(), plan)
		h.must(err)
		if took := time.Since(began); took > 2*time.Second {
			h.Errorf("it took %s to leave", took)
		}
	})
}
