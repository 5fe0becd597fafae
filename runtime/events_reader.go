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
	last     time.Time       // of the newest event
	seen     map[string]bool // events at that time, which the engine repeats
	broken   bool            // the stream broke before: events may be missing
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

// take publishes an event, unless it was published before the stream broke.
func (r *eventReader) take(m events.Message) {
	event := eventOf(m)
	key := event.id + " " + string(event.action)
	switch {
	case event.time.Before(r.last):
		return
	case event.time.Equal(r.last):
		if r.seen[key] {
			return
		}
	default:
		r.last, r.seen = event.time, map[string]bool{}
	}
	r.seen[key] = true
	r.since = timestamp(event.time)
	r.events.publish(event)
}
