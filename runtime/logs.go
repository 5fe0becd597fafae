package runtime

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/gocompose/gocompose/internal/engine"
)

// Stream is where a container wrote a line.
type Stream uint8

// The streams. A container with a terminal has only Stdout.
const (
	Stdout Stream = iota
	Stderr
)

// LogLine is one line of a container's output.
type LogLine struct {
	Container string // name
	Service   string
	Number    int
	Hook      bool // written by a hook in the container
	Stream    Stream
	Time      time.Time // when the engine recorded it, or when it arrived
	Text      string    // without the line end
}

// LogSink takes lines, one at a time. Line may block; the streams then wait.
type LogSink interface{ Line(LogLine) }

// LogAudience is a [LogSink] that wants to know before the first line whose
// lines will come.
type LogAudience interface {
	LogSink
	Containers([]Listed)
}

// LogOptions say which lines to read.
type LogOptions struct {
	Follow bool
	Since  string // RFC 3339, Unix seconds, or a duration before now
	Until  string // the same
	Tail   string // number of last lines, or "all"; empty means all
	// Notice takes what the user should know though nothing failed, such as that
	// a container's output is not kept; nil drops it.
	Notice func(text string)
}

// LogTarget says whose logs to read. One-off containers are left out.
type LogTarget struct {
	Project  string
	Services []string // empty means all
	Number   int      // only the container of that number; 0 means all
}

func (t LogTarget) wants(s logSource) bool {
	return (len(t.Services) == 0 || slices.Contains(t.Services, s.service)) &&
		(t.Number == 0 || t.Number == s.number)
}

// FollowLogs reads the logs of a project's containers into the sink, in the
// order of time across containers. With Follow it then goes on, in the order in
// which lines come, until no container is left running, the time of Until has
// come, or ctx is done; containers that are started meanwhile join. What is
// read ahead of the sink is bounded.
func FollowLogs(ctx context.Context, e *engine.Client, t LogTarget, o LogOptions, sink LogSink) error {
	now := time.Now()
	span, err := o.span(now)
	if err != nil {
		return err
	}
	f := logFollow{engine: e, target: t, span: span, notice: o.Notice, sink: sink, live: map[string]bool{}}
	if f.notice == nil {
		f.notice = func(string) {}
	}
	if o.Follow && (span.deadline.IsZero() || span.deadline.After(now)) {
		return f.follow(ctx)
	}
	list, err := f.list(ctx)
	if err != nil {
		return err
	}
	_, err = f.history(ctx, list)
	return err
}

// list finds the containers of the target.
func (f *logFollow) list(ctx context.Context) ([]Listed, error) {
	list, err := List(ctx, f.engine, f.target.Project)
	if err != nil {
		return nil, err
	}
	list = slices.DeleteFunc(list, func(c Listed) bool { return c.OneOff || !f.target.wants(sourceOfListed(c)) })
	if f.target.Number > 0 && len(list) == 0 && len(f.target.Services) == 1 {
		return nil, fmt.Errorf("service %q is not running container #%d", f.target.Services[0], f.target.Number)
	}
	if audience, ok := f.sink.(LogAudience); ok {
		audience.Containers(list)
	}
	return list, nil
}
