package ui

import (
	"context"
	"strings"
	"sync"

	"github.com/moby/buildkit/client"
	"github.com/moby/buildkit/util/progress/progressui"

	"github.com/gocompose/gocompose/planner"
	"github.com/gocompose/gocompose/runtime"
)

// builds shows what builders tell, off a terminal: the text of BuildKit, of all
// builds of a plan in one.
type builds struct {
	write   func([]byte)
	several bool // steps carry the names of their services
	wake    chan struct{}
	ended   chan struct{}

	mu     sync.Mutex
	queue  []*client.SolveStatus // told, and not shown yet
	closed bool
}

// newBuilds starts to show the builds of a plan; nil where there is nothing to
// show.
func newBuilds(plan *planner.Plan, mode Mode, write func([]byte)) *builds {
	display := map[Mode]progressui.DisplayMode{Plain: progressui.PlainMode, JSON: progressui.RawJSONMode}[mode]
	count := 0
	for _, step := range plan.Steps {
		if _, ok := step.Op.(planner.BuildImage); ok {
			count++
		}
	}
	if count == 0 || display == progressui.DefaultMode {
		return nil
	}
	b := &builds{
		write: write, several: count > 1,
		wake: make(chan struct{}, 1), ended: make(chan struct{}),
	}
	go b.show(display)
	return b
}

// show writes until the builds are over: a display that ended with the context of
// a run would not tell how it ended.
func (b *builds) show(mode progressui.DisplayMode) {
	defer close(b.ended)
	statuses := make(chan *client.SolveStatus)
	go b.pass(statuses)
	display, err := progressui.NewDisplay(writerFunc(b.write), mode)
	if err == nil {
		_, err = display.UpdateFrom(context.Background(), statuses)
	}
	if err != nil {
		for range statuses { // nobody shall wait for a display that failed
		}
	}
}

// pass hands over what was told, in its order, until the end.
func (b *builds) pass(statuses chan<- *client.SolveStatus) {
	defer close(statuses)
	for {
		b.mu.Lock()
		queue, closed := b.queue, b.closed
		b.queue = nil
		b.mu.Unlock()
		for _, s := range queue {
			statuses <- s
		}
		if closed {
			return
		}
		<-b.wake
	}
}

func (b *builds) nudge() {
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

// event passes on what a builder tells, and does not wait for it to be shown.
func (b *builds) event(e runtime.Event) {
	op, ok := e.Step.Op.(planner.BuildImage)
	if b == nil || !ok || e.Progress == nil || e.Progress.Build == nil {
		return
	}
	told := e.Progress.Build
	if told.Status == nil {
		b.write([]byte(told.Text))
		return
	}
	if b.several {
		nameVertexes(told.Status, op.Service)
	}
	b.mu.Lock()
	b.queue = append(b.queue, told.Status)
	b.mu.Unlock()
	b.nudge()
}

// close ends the display, with all that is left to show.
func (b *builds) close() {
	if b == nil {
		return
	}
	b.mu.Lock()
	b.closed = true
	b.mu.Unlock()
	b.nudge()
	<-b.ended
}

// nameVertexes puts the service before what a builder does: [web 2/3] RUN make.
func nameVertexes(s *client.SolveStatus, service string) {
	for _, v := range s.Vertexes {
		if rest, ok := strings.CutPrefix(v.Name, "["); ok {
			v.Name = "[" + service + " " + rest
		} else {
			v.Name = "[" + service + "] " + v.Name
		}
	}
}

type writerFunc func([]byte)

func (f writerFunc) Write(text []byte) (int, error) {
	f(text)
	return len(text), nil
}
