package runtime

import (
	"context"
	"sync"
	"time"

	"github.com/gocompose/gocompose/internal/engine"
)

// crew is the containers whose output is shown or whose end is waited for. It
// follows their runs through restarts and replacements.
//
// It belongs to the goroutine that calls step. Requests and streams have
// goroutines of their own, which post what they find out.
type crew struct {
	engine  *engine.Client
	events  *subscription
	project string
	printer *printer
	inbox   chan func()
	tasks   sync.WaitGroup

	members  map[string]*member // by container ID
	order    []string           // their IDs in the order in which they joined
	stopping bool               // whatever stops now was asked to
	err      error              // why it cannot go on

	// awaits chooses those whose end is waited for, shows those whose output is
	// read. Who is neither is no member.
	awaits, shows func(logSource) bool
	// resume says where to begin to read a member's log, of which nothing was
	// read yet. It may make requests.
	resume func(ctx context.Context, m member) logSpan
	// turn takes what happens to a member, after the output before it.
	turn func(Turn, logSource, int)
	// counts takes the end of a member that is waited for and stopped for good, or
	// that its restart policy starts again, at once.
	counts func(*member)
	// trouble takes why a member's output cannot be read any further.
	trouble func(logSource, error)
}

func newCrew(e *engine.Client, project string, events *subscription, p *printer) *crew {
	return &crew{
		engine: e, project: project, events: events, printer: p,
		inbox:   make(chan func()),
		members: map[string]*member{},
		turn:    func(Turn, logSource, int) {},
		counts:  func(*member) {},
		trouble: func(logSource, error) {},
	}
}

// post has the crew's goroutine run f. It tells whether it did.
func (c *crew) post(ctx context.Context, f func()) bool {
	select {
	case c.inbox <- f:
		return true
	case <-ctx.Done():
		return false
	}
}

// step waits for one thing to happen and reacts to it. It returns the error
// that makes it impossible to go on. A message on nudge is left to the caller.
func (c *crew) step(ctx context.Context, nudge <-chan struct{}) (nudged bool, err error) {
	var due <-chan time.Time
	if next := c.nextDeadline(); !next.IsZero() {
		timer := time.NewTimer(time.Until(next))
		defer timer.Stop()
		due = timer.C
	}
	select {
	case <-ctx.Done():
		return false, context.Cause(ctx)
	case <-nudge:
		return true, nil
	case f := <-c.inbox:
		f()
	case <-due:
		c.tick(ctx, time.Now())
	case <-c.events.ready():
		happened, err := c.events.take()
		if err != nil {
			return false, err
		}
		for _, event := range happened {
			c.notice(ctx, event)
		}
	}
	return false, c.err
}

func (c *crew) nextDeadline() time.Time {
	var next time.Time
	for _, m := range c.members {
		if !m.deadline.IsZero() && (next.IsZero() || m.deadline.Before(next)) {
			next = m.deadline
		}
	}
	return next
}

// tick does what is due.
func (c *crew) tick(ctx context.Context, now time.Time) {
	c.each(func(m *member) {
		if m.deadline.IsZero() || now.Before(m.deadline) {
			return
		}
		m.deadline = time.Time{}
		switch {
		case m.phase == memberSettling && m.spared:
			m.phase = memberExited
		case m.phase == memberSettling:
			c.exited(m)
		case m.phase == memberEnding:
			c.judge(ctx, m)
		default:
			c.verify(ctx, m)
		}
	})
}

// busy tells whether there is anything left to wait for.
func (c *crew) busy() bool {
	return c.draining() || c.any(func(m *member) bool { return m.alive() && c.awaits(m.logSource) })
}

func (c *crew) wants(s logSource) bool { return c.awaits(s) || c.shows(s) }

// draining tells whether output of members that have stopped is still to come.
func (c *crew) draining() bool {
	return c.any(func(m *member) bool {
		return m.phase == memberEnding || m.phase == memberExited && (m.reading || m.unread())
	})
}

// unread tells whether there was a run whose output is yet to be read.
func (m *member) unread() bool { return m.shown && m.read < m.run }
