package main

import "time"

// interruptFollows is how long after its reader the program may get the
// interrupt that has ended the reader.
const interruptFollows = 200 * time.Millisecond

// readerGone ends the program when nobody reads its output any more, as a broken
// pipe ends others; but in gocompose up | tee log, Ctrl-C ends tee as well, and
// then there are containers to stop.
func (p *program) readerGone() {
	time.AfterFunc(interruptFollows, func() {
		if !p.interrupts.any() {
			p.endOnce.Do(func() { close(p.unread) })
		}
	})
}
