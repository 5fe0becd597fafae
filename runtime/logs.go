package runtime

import (
	"context"
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
	OneOff    bool
	Stream    Stream
	Time      time.Time // when the engine recorded it; zero where it does not say
	Text      string    // without the line end
}

// LogSink takes lines, one at a time. Line may block; the streams then wait.
type LogSink interface{ Line(LogLine) }

// LogOptions say which lines to read.
type LogOptions struct {
	Follow bool
	Since  string // RFC 3339, Unix seconds, or a duration before now
	Until  string
	Tail   string // number of last lines, or "all"; empty means all
}

// LogTarget says whose logs to read.
type LogTarget struct {
	Project  string
	Services []string // empty means all
	Number   int      // only the container of that number; 0 means all
}

// FollowLogs reads the logs of a project's containers into the sink. With
// Follow it goes on until no container is left running or ctx is done, and
// containers that are started meanwhile join.
func FollowLogs(ctx context.Context, e *engine.Client, t LogTarget, o LogOptions, sink LogSink) error {
	return nil
}
