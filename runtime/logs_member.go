package runtime

import (
	"slices"
	"time"
)

// memberPhase is where a container stands, as far as its run is followed.
type memberPhase uint8

const (
	memberCreated    memberPhase = iota // it never ran while it was watched
	memberRunning                       // or paused
	memberEnding                        // it stopped; whether the engine starts it again is being asked
	memberRestarting                    // the engine is about to start it again
	memberSettling                      // somebody stopped or replaced it, and may be about to start it
	memberExited
)

// How long it takes at most until a container is back that somebody else
// restarts, and one that somebody else replaces.
const (
	restartGrace = time.Second
	replaceGrace = 10 * time.Second
)

// recheckAfter is how long a container may say that it runs, after its output
// has ended, before it is asked.
const recheckAfter = 500 * time.Millisecond

// member is a container that a crew watches.
type member struct {
	logSource
	phase    memberPhase
	fresh    bool      // it was made while it was watched: all its output is new
	spared   bool      // it was to stop: that does not count
	killed   bool      // somebody sent it a signal since it started
	halted   bool      // the session stopped it, and its end is yet to be heard of
	code     int       // exit status of the last run
	deadline time.Time // when something has to be done about it; zero for never

	run     int  // counts its runs
	met     int  // 1 where it ran already when it joined
	expect  int  // the run that is sure to begin, whatever has been heard of it
	read    int  // the last run whose output was or is read
	reading bool // its output is being read
	shown   bool // its output was announced
	span    logSpan
	pending []turnNote
}

// turnNote waits to be told until the output of a run has been passed on.
type turnNote struct {
	run  int
	tell func()
}

// alive tells whether the container runs, or may be about to.
func (m *member) alive() bool { return m.up() || m.run < m.expect }

func (m *member) up() bool { return m.phase != memberCreated && m.phase != memberExited }

// successor tells whether another container of the same number is there to
// take the member's place.
func (c *crew) successor(m *member) bool {
	for _, id := range c.order {
		other := c.members[id]
		if other != m && other.service == m.service && other.number == m.number && other.number > 0 && other.phase == memberCreated {
			return true
		}
	}
	return false
}

// member returns the container's record, and makes it where there is none.
func (c *crew) member(s logSource) *member {
	m, known := c.members[s.id]
	if !known {
		m = &member{logSource: s}
		c.members[s.id] = m
		c.order = append(c.order, s.id)
	}
	m.name = s.name // it may have been renamed
	return m
}

func (c *crew) forget(m *member) {
	delete(c.members, m.id)
	c.order = slices.DeleteFunc(c.order, func(id string) bool { return id == m.id })
}

// each visits the members in the order in which they joined.
func (c *crew) each(visit func(*member)) {
	for _, id := range slices.Clone(c.order) {
		visit(c.members[id])
	}
}

// any tells whether some member is as asked.
func (c *crew) any(is func(*member) bool) bool {
	return slices.ContainsFunc(c.order, func(id string) bool { return is(c.members[id]) })
}
