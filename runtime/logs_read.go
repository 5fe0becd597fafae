package runtime

import (
	"context"
	"io"
	"strings"
	"time"

	"github.com/docker/docker/api/types/container"

	"github.com/gocompose/gocompose/internal/engine"
	"github.com/gocompose/gocompose/internal/stream"
)

// logSource is a container whose output is read.
type logSource struct {
	id, name, service string
	number            int
	alive             bool
}

// logRead says which part of a log to read.
type logRead struct {
	follow       bool
	since, until string
	tail         string
	after        time.Time // only what came after; overrides since and tail
}

func (r logRead) options() container.LogsOptions {
	o := container.LogsOptions{
		ShowStdout: true, ShowStderr: true, Timestamps: true,
		Follow: r.follow, Since: r.since, Until: r.until, Tail: r.tail,
	}
	if !r.after.IsZero() {
		o.Since, o.Tail = timestamp(r.after), ""
	}
	return o
}

// read reads the container's log. Where its logging driver keeps none, the
// output is taken from the container itself while it is followed.
func (s logSource) read(ctx context.Context, e *engine.Client, r logRead, emit func(LogLine) error) error {
	logs, err := e.API().ContainerLogs(ctx, s.id, r.options())
	switch {
	case err == nil:
		defer func() { _ = logs.Close() }() // it was only read
		return s.scan(ctx, logs, stream.Options{Timestamps: true}, r.after, emit)
	case strings.Contains(err.Error(), "does not support reading"):
		return s.readLive(ctx, e, r, emit)
	case engine.IsNotFound(err):
		return nil // removed meanwhile
	default:
		return engine.Classify(err)
	}
}

// readLive attaches to a container that has no log to read.
func (s logSource) readLive(ctx context.Context, e *engine.Client, r logRead, emit func(LogLine) error) error {
	if !r.follow {
		return nil
	}
	attached, err := e.API().ContainerAttach(ctx, s.id, container.AttachOptions{Stream: true, Stdout: true, Stderr: true})
	if err != nil {
		return engine.Classify(err)
	}
	defer attached.Close()
	stop := context.AfterFunc(ctx, attached.Close) // a read knows no context
	defer stop()
	return s.scan(ctx, attached.Reader, stream.Options{}, time.Time{}, emit)
}

func (s logSource) scan(ctx context.Context, in io.Reader, o stream.Options, after time.Time, emit func(LogLine) error) error {
	err := stream.Scan(in, o, func(l stream.Line) error {
		if !after.IsZero() && !l.Time.After(after) {
			return nil // the engine's since includes the time itself
		}
		line := LogLine{Container: s.name, Service: s.service, Number: s.number, Time: l.Time, Text: string(l.Text)}
		if l.Stderr {
			line.Stream = Stderr
		}
		return emit(line)
	})
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return engine.Classify(err)
}
