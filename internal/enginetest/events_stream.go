package enginetest

import (
	"encoding/json"
	"net/http"
	"time"

	etypes "github.com/docker/docker/api/types/events"
	"github.com/docker/docker/api/types/filters"
	timetypes "github.com/docker/docker/api/types/time"
)

// systemEvents streams events until the client leaves or the time given by
// "until" has come.
func (e *Engine) systemEvents(w http.ResponseWriter, r *request) error {
	since, err := readTime(r.query.Get("since"))
	if err != nil {
		return err
	}
	until, err := readTime(r.query.Get("until"))
	if err != nil {
		return err
	}
	if !until.IsZero() && until.Before(since) {
		return invalid("`since` time (%s) cannot be after `until` time (%s)", r.query.Get("since"), r.query.Get("until"))
	}
	filter, err := filters.FromJSON(r.query.Get("filters"))
	if err != nil {
		return invalid("%v", err)
	}

	e.mu.Lock()
	l, past := e.events.listen(filter, since, until)
	e.mu.Unlock()
	defer func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.events.leave(l)
	}()

	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusOK)
	out := &eventWriter{enc: json.NewEncoder(w), flush: http.NewResponseController(w).Flush, r: r}
	if !out.send(past) {
		return nil
	}
	var deadline <-chan time.Time
	if !until.IsZero() {
		timer := time.NewTimer(time.Until(until))
		defer timer.Stop()
		deadline = timer.C
	}
	for {
		select {
		case <-l.wake:
			e.mu.Lock()
			events := l.queue
			l.queue = nil
			e.mu.Unlock()
			if !out.send(events) {
				return nil
			}
		case <-deadline:
			return nil
		case <-r.Context().Done():
			return nil
		}
	}
}

type eventWriter struct {
	enc   *json.Encoder
	flush func() error
	r     *request
}

// send writes events; false means that the client is gone.
func (w *eventWriter) send(events []etypes.Message) bool {
	for _, event := range events {
		if event.Type == etypes.ImageEventType && event.Action == etypes.ActionCreate && !w.r.speaks("1.46") {
			continue
		}
		if w.enc.Encode(event) != nil {
			return false
		}
	}
	return w.flush() == nil
}

// readTime reads a timestamp parameter: seconds with a fraction, or RFC 3339.
// Empty is the zero time.
func readTime(text string) (time.Time, error) {
	seconds, nanos, err := timetypes.ParseTimestamps(text, -1)
	if err != nil {
		return time.Time{}, invalid("%v", err)
	}
	if seconds == -1 {
		return time.Time{}, nil
	}
	return time.Unix(seconds, nanos), nil
}

// stamp writes a time the way the engine does in its answers.
func stamp(t time.Time) string { return t.Format(time.RFC3339Nano) }
