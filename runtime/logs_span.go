package runtime

import (
	"fmt"
	"time"

	"github.com/docker/docker/api/types/container"
	timetypes "github.com/docker/docker/api/types/time"

	"github.com/gocompose/gocompose/internal/stream"
)

// logSpan is a part of a log.
type logSpan struct {
	follow       bool
	since, until string // on the engine's clock; empty is without bound
	tail         string
	deadline     time.Time // of until, for those who follow; zero without one
	after        logMark   // only what comes after; overrides since and tail
}

// span reads the options. Durations count from now, the same for all containers.
func (o LogOptions) span(now time.Time) (logSpan, error) {
	s := logSpan{tail: o.Tail}
	var err error
	if s.since, _, err = point("since", o.Since, now); err != nil {
		return s, err
	}
	s.until, s.deadline, err = point("until", o.Until, now)
	return s, err
}

// point reads a point in time as the engine's command line writes it.
func point(name, value string, now time.Time) (string, time.Time, error) {
	if value == "" {
		return "", time.Time{}, nil
	}
	text, err := timetypes.GetTimestamp(value, now)
	if err != nil {
		return "", time.Time{}, fmt.Errorf("invalid value for %q: %w", name, err)
	}
	seconds, nanoseconds, err := timetypes.ParseTimestamps(text, 0)
	if err != nil {
		return "", time.Time{}, fmt.Errorf("invalid value for %q: %w", name, err)
	}
	return text, time.Unix(seconds, nanoseconds), nil
}

func (s logSpan) options() container.LogsOptions {
	o := container.LogsOptions{
		ShowStdout: true, ShowStderr: true, Timestamps: true,
		Follow: s.follow, Since: s.since, Until: s.until, Tail: s.tail,
	}
	if !s.after.time.IsZero() {
		o.Since, o.Tail = timestamp(s.after.time), ""
	}
	return o
}

// logMark is a place in a log: so many lines into what was recorded at a time.
type logMark struct {
	time  time.Time
	lines int
}

// note moves the mark behind the lines.
func (m *logMark) note(lines []stream.Line) {
	for _, l := range lines {
		if l.Time.After(m.time) {
			m.time, m.lines = l.Time, 0
		}
		if l.Time.Equal(m.time) {
			m.lines++
		}
	}
}

// logSkip drops what lies before a mark from a log that is read again: the
// engine's since includes the time itself.
type logSkip struct{ logMark }

func (s *logSkip) rest(lines []stream.Line) []stream.Line {
	for len(lines) > 0 && !s.time.IsZero() {
		switch at := lines[0].Time; {
		case at.Before(s.time):
		case at.Equal(s.time) && s.lines > 0:
			s.lines--
		default:
			s.time = time.Time{} // the rest is new
			continue
		}
		lines = lines[1:]
	}
	return lines
}
