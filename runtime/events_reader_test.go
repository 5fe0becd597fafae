package runtime

import (
	"slices"
	"testing"
	"time"

	"github.com/docker/docker/api/types/events"
)

// TestEventReaderPassesEachEventOnOnce has events come late, with a clock that
// was set back, and once more: only the last is no news.
func TestEventReaderPassesEachEventOnOnce(t *testing.T) {
	at := func(id string, action events.Action, second int64) events.Message {
		return events.Message{Action: action, Actor: events.Actor{ID: id}, TimeNano: second * int64(time.Second)}
	}
	stream := NewEvents(nil, "shop")
	s := &subscription{events: stream, wake: make(chan struct{}, 1)}
	stream.subscriptions[s] = struct{}{}
	reader := &eventReader{events: stream}
	for _, m := range []events.Message{
		at("db", events.ActionStart, 20),
		at("web", events.ActionStart, 19), // of another goroutine of the engine
		at("db", events.ActionStart, 20),  // repeated
		at("web", events.ActionStart, 19), // repeated, and not the newest
		at("web", events.ActionDie, 20),   // at the time of another
		at("web", events.ActionStart, 3),  // the clock was set back
		at("web", events.ActionDestroy, 4),
	} {
		reader.take(m)
	}
	taken, err := s.take()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, event := range taken {
		got = append(got, event.id+" "+string(event.action))
	}
	want := []string{"db start", "web start", "web die", "web start", "web destroy"}
	if !slices.Equal(got, want) {
		t.Errorf("passed on %q, want %q", got, want)
	}
	if want := timestamp(time.Unix(20, 0)); reader.since != want {
		t.Errorf("goes on from %s, want %s", reader.since, want)
	}
}

// TestEventReaderForgets bounds what is kept to tell repeated events by.
func TestEventReaderForgets(t *testing.T) {
	reader := &eventReader{events: NewEvents(nil, "shop")}
	for n := range int64(3 * eventsKept) {
		reader.take(events.Message{Action: events.ActionStart, Actor: events.Actor{ID: "web"}, TimeNano: n + 1})
	}
	if len(reader.seen) != eventsKept {
		t.Errorf("%d events are kept, want %d", len(reader.seen), eventsKept)
	}
}
