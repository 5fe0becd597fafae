package runtime

import (
	"context"
	"time"

	"github.com/docker/docker/api/types/events"

	"github.com/gocompose/gocompose/internal/engine"
)

// How patient the reader is with an engine that does not answer.
const (
	reopenFirst  = 50 * time.Millisecond
	reopenSlow   = time.Second
	reopenGiveUp = 10 * time.Second
	// An error of opening the stream comes at once; one that stands for longer
	// is open.
	openAfter = 50 * time.Millisecond
)

// eventReader reads the engine's stream for an Events. It belongs to one
// goroutine.
type eventReader struct {
	events   *Events
	since    string
	last     time.Time              // of the newest event
	seen     map[sameEvent]struct{} // the last events, which the engine may repeat
	recent   [eventsKept]sameEvent  // the keys of seen, in turn
	next     int                    // place in recent
	broken   bool                   // the stream broke before: events may be missing
	messages <-chan events.Message
	failed   <-chan error
}

// open asks for the stream from where it was left. It returns once the engine
// has answered.
func (r *eventReader) open(ctx context.Context) {
	r.messages, r.failed = r.events.engine.API().Events(ctx, r.events.listOptions(r.since))
}

// run reads until ctx is done or the engine is gone for good.
func (r *eventReader) run(ctx context.Context) {
	var down time.Time // since when the engine does not answer
	wait := reopenFirst
	for {
		good, err := r.read(ctx)
		if ctx.Err() != nil {
			return
		}
		if good || down.IsZero() {
			down, wait = time.Now(), reopenFirst
		}
		if time.Since(down) > reopenGiveUp {
			r.events.fail(engine.Classify(err))
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
		wait = min(2*wait, reopenSlow)
		r.broken = true
		r.open(ctx)
	}
}

// read passes events on until the stream ends. It tells whether the stream was
// open at all.
func (r *eventReader) read(ctx context.Context) (good bool, err error) {
	open := time.NewTimer(openAfter)
	defer open.Stop()
	for {
		select {
		case m := <-r.messages:
			good = true
			r.take(m)
		case <-open.C:
			good = true
			if r.broken {
				r.events.publish(containerEvent{resync: true})
			}
		case err := <-r.failed:
			return good, err
		case <-ctx.Done():
			return good, ctx.Err()
		}
	}
}

// eventsKept is how many events an engine keeps to repeat (moby
// daemon/events: eventsLimit).
const eventsKept = 256

// sameEvent is what an event is known by when it comes once more.
type sameEvent struct {
	id     string
	action events.Action
	at     int64 // Unix nanoseconds
}

// take publishes an event, unless it was published before: the engine repeats
// some where the stream was opened. Times decide nothing else, since events of
// two containers can come in the wrong order, and clocks are set back.
func (r *eventReader) take(m events.Message) {
	event := eventOf(m)
	key := sameEvent{event.id, event.action, event.time.UnixNano()}
	if _, known := r.seen[key]; known {
		return
	}
	r.remember(key)
	if event.time.After(r.last) {
		r.last, r.since = event.time, timestamp(event.time)
	}
	r.events.publish(event)
}

// remember keeps a key in the place of the oldest.
func (r *eventReader) remember(key sameEvent) {
	if r.seen == nil {
		r.seen = make(map[sameEvent]struct{}, eventsKept)
	}
	delete(r.seen, r.recent[r.next])
	r.recent[r.next], r.seen[key] = key, struct{}{}
	r.next = (r.next + 1) % eventsKept
}
