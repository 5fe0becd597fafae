package runtime

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/docker/docker/api/types/events"
	"github.com/docker/docker/api/types/filters"

	"github.com/gocompose/gocompose/internal/engine"
	"github.com/gocompose/gocompose/project"
)

// Events is the one stream of engine events of a run: what happens to the
// containers of a project. Everyone who waits for something shares it. The
// stream opens with the first subscription and is opened again where it breaks.
type Events struct {
	engine  *engine.Client
	project string

	mu            sync.Mutex // guards what follows
	subscriptions map[*subscription]struct{}
	cancel        context.CancelFunc // nil while the stream was never opened
	opened        chan struct{}      // closed when the engine answered for the first time
	done          chan struct{}      // closed when the stream's goroutine ended
	err           error              // why the stream was given up
}

// NewEvents prepares the event stream of a project. The caller closes it.
func NewEvents(e *engine.Client, projectName string) *Events {
	return &Events{engine: e, project: projectName, subscriptions: map[*subscription]struct{}{}}
}

// containerEvent is one event of a container.
type containerEvent struct {
	id         string
	name       string
	action     events.Action // health events carry the status: "health_status: healthy"
	exitCode   int           // of die
	time       time.Time     // on the engine's clock
	attributes map[string]string
	// resync stands for events that may have been missed: the stream broke and
	// is back. Whoever keeps account of states has to look again. It has no
	// other fields.
	resync bool
}

// watched are the actions that say something about a container's state. The
// engine matches them as prefixes where health_status is among them, since
// these events carry the status in the action (moby daemon/events/filter.go).
func watched() []events.Action {
	return []events.Action{
		events.ActionCreate, events.ActionStart, events.ActionDie, events.ActionOOM, events.ActionStop,
		events.ActionKill, events.ActionPause, events.ActionUnPause, events.ActionDestroy, events.ActionRename, events.ActionHealthStatus,
	}
}

// subscribe begins to collect events. When it returns, the stream is open, so
// that what happens from now on is not missed, or ctx is done.
func (e *Events) subscribe(ctx context.Context) *subscription {
	s, opened := e.register(ctx)
	select {
	case <-opened:
	case <-ctx.Done():
	}
	return s
}

// register makes a subscription, and begins to read the stream if nobody did.
func (e *Events) register(ctx context.Context) (*subscription, <-chan struct{}) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.cancel == nil {
		ctx, cancel := context.WithCancel(context.WithoutCancel(ctx)) // lives until Close
		e.cancel, e.opened, e.done = cancel, make(chan struct{}), make(chan struct{})
		go func() {
			defer close(e.done)
			reader := &eventReader{events: e, since: e.start()}
			reader.open(ctx)
			close(e.opened)
			reader.run(ctx)
		}()
	}
	s := &subscription{events: e, wake: make(chan struct{}, 1), err: e.err}
	if e.err != nil {
		s.signal()
	}
	e.subscriptions[s] = struct{}{}
	return s, e.opened
}

// start is the time from which events are asked for: now, if the engine shares
// this machine's clock. It closes the gap between the moment when the engine
// answers and the moment when it begins to listen.
func (e *Events) start() string {
	if !e.engine.Local() {
		return ""
	}
	return timestamp(time.Now())
}

// Close ends the stream and waits for its goroutine.
func (e *Events) Close() error {
	e.mu.Lock()
	cancel, done := e.cancel, e.done
	e.mu.Unlock()
	if cancel != nil {
		cancel()
		<-done
	}
	return nil
}

// publish hands an event to every subscription.
func (e *Events) publish(event containerEvent) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for s := range e.subscriptions {
		s.queue = append(s.queue, event)
		s.signal()
	}
}

// fail tells every subscription that there will be no more events.
func (e *Events) fail(err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.err = err
	for s := range e.subscriptions {
		s.err = err
		s.signal()
	}
}

// subscription collects events for one reader.
type subscription struct {
	events *Events
	wake   chan struct{}    // has an element when there is something to take
	queue  []containerEvent // guarded by events.mu, like err
	err    error
}

// signal wakes the reader. The lock is held.
func (s *subscription) signal() {
	select {
	case s.wake <- struct{}{}:
	default: // it is awake already
	}
}

// ready has an element when take has something to return.
func (s *subscription) ready() <-chan struct{} { return s.wake }

// take returns the events since the last call, oldest first. The error is not
// nil when the engine is gone and no more events will come.
func (s *subscription) take() ([]containerEvent, error) {
	s.events.mu.Lock()
	defer s.events.mu.Unlock()
	queue := s.queue
	s.queue = nil
	return queue, s.err
}

// close ends the subscription.
func (s *subscription) close() {
	s.events.mu.Lock()
	defer s.events.mu.Unlock()
	delete(s.events.subscriptions, s)
}

// listOptions selects the project's container events since a time.
func (e *Events) listOptions(since string) events.ListOptions {
	args := filters.NewArgs(
		filters.Arg("type", string(events.ContainerEventType)),
		filters.Arg("label", project.LabelProject+"="+e.project),
	)
	for _, action := range watched() {
		args.Add("event", string(action))
	}
	return events.ListOptions{Since: since, Filters: args}
}

func eventOf(m events.Message) containerEvent {
	code, err := strconv.Atoi(m.Actor.Attributes["exitCode"])
	if err != nil {
		code = 0 // only die events have one
	}
	return containerEvent{
		id:         m.Actor.ID,
		name:       strings.TrimPrefix(m.Actor.Attributes["name"], "/"),
		action:     m.Action,
		exitCode:   code,
		time:       timeOf(m),
		attributes: m.Actor.Attributes,
	}
}

func timeOf(m events.Message) time.Time {
	if m.TimeNano != 0 {
		return time.Unix(0, m.TimeNano)
	}
	return time.Unix(m.Time, 0)
}

// timestamp is the form in which the engine takes times with nanoseconds.
func timestamp(t time.Time) string {
	return fmt.Sprintf("%d.%09d", t.Unix(), t.Nanosecond())
}
