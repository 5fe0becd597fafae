package runtime

import (
	"context"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/events"

	"github.com/gocompose/gocompose/internal/engine"
)

// notice follows what happens to the members.
func (c *crew) notice(ctx context.Context, e containerEvent) {
	if e.resync {
		c.resync(ctx)
		return
	}
	source, ok := sourceOfEvent(e)
	if !ok || !c.wants(source) {
		return
	}
	m := c.member(source)
	switch e.action {
	case events.ActionCreate:
		m.fresh = true
	case events.ActionStart:
		c.started(ctx, m)
	case events.ActionKill:
		m.killed = true
	case events.ActionDie:
		c.died(ctx, m, e.exitCode, e.time)
	case events.ActionStop:
		// What waits to be restarted does not die once more when it is stopped.
		if m.phase == memberRestarting {
			c.exited(m)
		}
	case events.ActionDestroy:
		c.destroyed(m)
	default: // says nothing about a run
	}
}

// started books that a run began.
func (c *crew) started(ctx context.Context, m *member) {
	switch m.phase {
	case memberEnding, memberSettling:
		if !m.spared {
			c.tell(TurnRestarted, m)
		}
	case memberCreated, memberRunning, memberRestarting, memberExited:
	}
	m.phase = memberRunning
	m.spared, m.killed, m.halted, m.deadline = false, false, false, time.Time{}
	m.run++
	c.each(func(old *member) {
		if old != m && old.phase == memberSettling && old.service == m.service && old.number == m.number {
			old.phase, old.deadline = memberExited, time.Time{} // m took its place
		}
	})
	c.show(ctx, m)
}

// died books that a run ended. at is the engine's time.
func (c *crew) died(ctx context.Context, m *member, code int, at time.Time) {
	if m.phase != memberRunning && m.phase != memberRestarting && m.phase != memberCreated {
		return // it is known already
	}
	m.code, m.deadline = code, time.Time{}
	if m.read == m.run && m.span.after.time.IsZero() {
		m.span = logSpan{since: timestamp(at)} // the next run's output begins here
	}
	switch {
	case m.spared || c.stopping:
		c.exited(m)
	case c.successor(m):
		c.tell(TurnExited, m)
		m.phase, m.spared, m.deadline = memberSettling, true, time.Now().Add(replaceGrace)
	default:
		m.phase = memberEnding
		c.judge(ctx, m)
	}
}

// judge decides on a member that stopped. The engine says whether it starts the
// container again: it decides before it tells of the end.
func (c *crew) judge(ctx context.Context, m *member) {
	c.ask(ctx, m, func(state *container.State) {
		switch {
		case m.phase != memberEnding:
		case state != nil && (state.Restarting || state.Running):
			m.phase = memberRestarting
			c.tell(TurnRestarted, m)
			if !m.killed && c.awaits(m.logSource) {
				c.counts(m) // it came to its end by itself, whatever its restart policy makes of that
			}
		case state != nil && m.killed && !c.stopping:
			// Between the two halves of docker restart nothing tells it from
			// docker stop.
			m.phase, m.deadline = memberSettling, time.Now().Add(restartGrace)
		default:
			c.exited(m)
		}
	})
}

// exited books that a member stopped for good.
func (c *crew) exited(m *member) {
	m.phase, m.deadline, m.halted = memberExited, time.Time{}, false
	if m.spared {
		return
	}
	c.tell(TurnExited, m)
	if c.awaits(m.logSource) {
		c.counts(m)
	}
}

// destroyed books that a container was removed.
func (c *crew) destroyed(m *member) {
	switch m.phase {
	case memberSettling, memberRestarting:
		if !m.spared {
			c.exited(m)
		}
	case memberRunning:
		c.exited(m)
	case memberCreated:
		if !m.reading {
			c.forget(m)
		}
	case memberEnding, memberExited:
	}
}

// verify brings the account of a container in line with what it does: an event
// was missed, or the connection broke while its output was read.
func (c *crew) verify(ctx context.Context, m *member) {
	c.ask(ctx, m, func(state *container.State) {
		runs := state != nil && (state.Running || state.Restarting)
		if state != nil {
			m.code = state.ExitCode
		}
		switch {
		case m.up() && m.phase != memberRunning && m.phase != memberRestarting:
			// It is being decided on.
		case m.up() && runs:
			m.halted = false // somebody else started it again
			if m.phase == memberRunning && m.shown && !m.reading {
				c.read(ctx, m)
			}
		case m.up():
			c.died(ctx, m, m.code, time.Now())
		case runs:
			c.started(ctx, m)
		case m.run < m.expect:
			m.expect = 0 // it has come and gone
			c.exited(m)
		}
	})
}

// ask looks at a container. The answer is dropped if another run began
// meanwhile; its state is nil where the container is gone. An engine that does
// not answer is asked again: the event stream gives up on one that stays away.
func (c *crew) ask(ctx context.Context, m *member, answer func(*container.State)) {
	run := m.run
	c.tasks.Go(func() {
		inspect, err := c.engine.API().ContainerInspect(ctx, m.id)
		c.post(ctx, func() {
			switch {
			case m.run != run:
			case err == nil && inspect.ContainerJSONBase != nil:
				answer(inspect.State)
			case engine.IsNotFound(err):
				answer(nil)
			case engine.IsTransport(err):
				m.deadline = time.Now().Add(recheckAfter)
			default:
				c.err = engine.Classify(err)
			}
		})
	})
}

// resync looks at all containers, since events were missed. The list that the
// engine keeps may be late (moby 23 and newer answer a stop before they update
// it), so it only says which ones there are.
func (c *crew) resync(ctx context.Context) {
	c.tasks.Go(func() {
		list, err := List(ctx, c.engine, c.project)
		if err != nil {
			return // the next break of the event stream is told of, too
		}
		c.post(ctx, func() {
			for _, l := range list {
				if source := sourceOfListed(l); !l.OneOff && c.wants(source) {
					c.member(source)
				}
			}
			c.each(func(m *member) { c.verify(ctx, m) })
		})
	})
}
