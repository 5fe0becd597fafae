package runtime

import (
	"context"
	"errors"
	"time"

	"github.com/gocompose/gocompose/internal/engine"
	"github.com/gocompose/gocompose/internal/stream"
)

// show reads the output of a member's run, if it is to be shown and nobody
// does so already.
func (c *crew) show(ctx context.Context, m *member) {
	if c.shows(m.logSource) && !m.reading && m.read < m.run {
		c.read(ctx, m)
	}
}

// read reads a member's log from where its output was left.
func (c *crew) read(ctx context.Context, m *member) {
	c.announce(m)
	m.reading, m.read = true, m.run
	snapshot := *m
	c.tasks.Go(func() {
		span := snapshot.span
		if span == (logSpan{}) {
			span = c.resume(ctx, snapshot)
		}
		span.follow = true
		mark := span.after
		err := snapshot.logSource.read(ctx, c.engine, span, func(lines []stream.Line) error {
			mark.note(lines)
			return c.printer.lines(ctx, snapshot.logSource, lines)
		})
		c.post(ctx, func() {
			m.span.after = mark
			c.outputEnded(ctx, m, err)
		})
	})
}

// whichRun is which run of a container is meant.
type whichRun int

const (
	presentRun whichRun = iota
	nextRun
)

// attach reads what a container writes from now on. It returns when nothing
// that the container writes can be missed any more, and is called by
// goroutines other than the crew's. Where it fails, the container's log is read
// once it runs.
func (c *crew) attach(ctx context.Context, s logSource, which whichRun) {
	output, err := attach(ctx, c.engine.API(), s.id)
	if err != nil {
		return
	}
	if !c.post(ctx, func() { c.attached(ctx, s, which, output) }) {
		output.close()
	}
}

func (c *crew) attached(ctx context.Context, s logSource, which whichRun, output *liveOutput) {
	m := c.member(s)
	read := m.run + int(which)
	if m.reading || m.read >= read {
		output.close() // it is read already
		return
	}
	c.announce(m)
	m.reading, m.read = true, read
	last := time.Now()
	c.tasks.Go(func() {
		err := output.read(ctx, func(lines []stream.Line) error {
			last = lines[len(lines)-1].Time
			return c.printer.lines(ctx, s, lines)
		})
		c.post(ctx, func() {
			if m.phase == memberRunning && m.span == (logSpan{}) {
				m.span = c.since(last)
			}
			c.outputEnded(ctx, m, err)
		})
	})
}

// since is where a log goes on that was read until a time on this machine's
// clock.
func (c *crew) since(last time.Time) logSpan {
	if c.engine.Local() {
		return logSpan{since: timestamp(last)}
	}
	return logSpan{tail: "0"}
}

func (c *crew) announce(m *member) {
	if !m.shown {
		c.tell(TurnAttached, m)
		m.shown = true
	}
}

// outputEnded goes on after the last line of a run.
func (c *crew) outputEnded(ctx context.Context, m *member, err error) {
	m.reading = false
	if err != nil && !broken(err) {
		m.read = m.run // there is no more to be had
	}
	c.release(m)
	switch {
	case ctx.Err() != nil:
	case err != nil && !broken(err):
		c.trouble(m.logSource, err)
	case m.read < m.run:
		c.read(ctx, m) // another run has begun meanwhile
	case m.phase == memberRunning:
		m.deadline = time.Now().Add(recheckAfter)
	}
}

// broken tells whether the connection is to blame.
func broken(err error) bool {
	kind := engine.KindOf(err)
	return kind == engine.Gone || kind == engine.Unreachable || errors.Is(err, context.Canceled)
}

// tell tells of a turn.
func (c *crew) tell(turn Turn, m *member) {
	source, code := m.logSource, m.code
	c.after(m, func() { c.turn(turn, source, code) })
}

// after has a note passed on after the output of the member's run.
func (c *crew) after(m *member, note func()) {
	if m.shown && (m.read < m.run || m.reading && m.read == m.run) {
		m.pending = append(m.pending, turnNote{m.run, note})
		return
	}
	c.printer.after(note)
}

// release passes on the notes about runs whose output has been.
func (c *crew) release(m *member) {
	for len(m.pending) > 0 && m.pending[0].run <= m.read {
		c.printer.after(m.pending[0].tell)
		m.pending = m.pending[1:]
	}
}
