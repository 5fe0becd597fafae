package runtime

import (
	"context"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/client"

	"github.com/gocompose/gocompose/internal/engine"
	"github.com/gocompose/gocompose/internal/stream"
	"github.com/gocompose/gocompose/project"
)

// flushAfter is how long the beginning of a line, such as a prompt, waits for
// its end.
const flushAfter = 100 * time.Millisecond

// logSource is a container whose output is read.
type logSource struct {
	id, name, service string
	number            int
	hook              bool // a hook in the container, and not its own process
}

func sourceOfListed(c Listed) logSource {
	return logSource{id: c.ID, name: c.Name, service: c.Service, number: c.Number}
}

// sourceOfEvent reads whose event it is; one-off containers are left out.
func sourceOfEvent(e containerEvent) (logSource, bool) {
	service := e.attributes[project.LabelService]
	if service == "" || isOneOff(e.attributes) {
		return logSource{}, false
	}
	return logSource{id: e.id, name: e.name, service: service, number: numberOf(e.attributes)}, true
}

// line is what the sink gets.
func (s *logSource) line(l stream.Line) LogLine {
	line := LogLine{Container: s.name, Service: s.service, Number: s.number, Hook: s.hook, Time: l.Time, Text: l.Text}
	if l.Stderr {
		line.Stream = Stderr
	}
	return line
}

// errUnreadable says that a container's output is not kept.
var errUnreadable = errors.New("its logging driver keeps no output that can be read")

// read reads a part of the container's log. Where its logging driver keeps none
// and the log is followed, the output is taken from the container itself.
func (s logSource) read(ctx context.Context, e *engine.Client, span logSpan, emit func([]stream.Line) error) error {
	logs, err := e.API().ContainerLogs(ctx, s.id, span.options())
	switch {
	case err == nil:
		defer logs.Close()
		skip := logSkip{span.after}
		return scan(ctx, logs, stream.Options{Timestamps: true, FlushAfter: flushAfter}, func(lines []stream.Line) error {
			if lines = skip.rest(lines); len(lines) == 0 {
				return nil
			}
			return emit(lines)
		})
	case engine.IsNotFound(err):
		return nil // removed meanwhile
	case !strings.Contains(err.Error(), "does not support reading"):
		return engine.Classify(err)
	case !span.follow:
		return errUnreadable
	}
	live, err := attach(ctx, e.API(), s.id)
	if err != nil {
		return err
	}
	return live.read(ctx, emit)
}

// liveOutput is the output of a container from the moment on when it was asked
// for.
type liveOutput struct {
	in    io.Reader
	close func()
}

// attach asks for the output that the container writes from now on. A
// container that is not running yet then shows its very first line. The engine
// holds the container back where its output is not read.
func attach(ctx context.Context, api *client.Client, id string) (*liveOutput, error) {
	attached, err := api.ContainerAttach(ctx, id, container.AttachOptions{Stream: true, Stdout: true, Stderr: true})
	if err != nil {
		return nil, engine.Classify(err)
	}
	return &liveOutput{in: attached.Reader, close: attached.Close}, nil
}

// read passes the output on until it ends.
func (o *liveOutput) read(ctx context.Context, emit func([]stream.Line) error) error {
	defer o.close()
	defer context.AfterFunc(ctx, o.close)() // a read of a connection knows no context
	return scan(ctx, o.in, stream.Options{FlushAfter: flushAfter}, func(lines []stream.Line) error {
		now := time.Now()
		for i := range lines {
			lines[i].Time = now
		}
		return emit(lines)
	})
}

func scan(ctx context.Context, in io.Reader, o stream.Options, emit func([]stream.Line) error) error {
	err := stream.Scan(in, o, emit)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return engine.Classify(err)
}
