package enginetest

import (
	"slices"
	"time"
)

// timeline holds what is to happen later. One timer serves all of it, so that
// things due at the same instant happen in the order they were asked for. The
// engine's lock guards it.
type timeline struct {
	tasks []*task // by time, then by order of asking
	timer *time.Timer
}

type task struct {
	due time.Time
	run func()
}

// after runs f under the lock in d, unless the engine is closed first. The
// returned function, called under the lock, cancels it.
func (e *Engine) after(d time.Duration, f func()) (cancel func()) {
	if e.closed {
		return func() {}
	}
	t := &e.tasks
	added := &task{due: time.Now().Add(d), run: f}
	at, _ := slices.BinarySearchFunc(t.tasks, added, func(other, added *task) int {
		if other.due.After(added.due) {
			return 1
		}
		return -1 // after those due at the same time
	})
	t.tasks = slices.Insert(t.tasks, at, added)
	if at == 0 {
		e.arm()
	}
	return func() {
		t.tasks = slices.DeleteFunc(t.tasks, func(other *task) bool { return other == added })
	}
}

// arm sets the timer for the first task. A timer that fires early does no harm.
func (e *Engine) arm() {
	t := &e.tasks
	if len(t.tasks) == 0 {
		return
	}
	d := time.Until(t.tasks[0].due)
	if t.timer == nil {
		t.timer = time.AfterFunc(d, e.runDue)
		return
	}
	t.timer.Reset(d)
}

// runDue runs what is due, including what that brings about.
func (e *Engine) runDue() {
	e.mu.Lock()
	defer e.mu.Unlock()
	t := &e.tasks
	now := time.Now()
	for len(t.tasks) > 0 && !t.tasks[0].due.After(now) {
		first := t.tasks[0]
		t.tasks = t.tasks[1:]
		first.run()
	}
	e.arm()
}

func (t *timeline) stop() {
	t.tasks = nil
	if t.timer != nil {
		t.timer.Stop()
	}
}
