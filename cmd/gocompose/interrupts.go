package main

import (
	"context"
	"errors"
	"os"
	"sync"
	"syscall"
)

// errInterrupted is why a run ended that the user broke off.
var errInterrupted = errors.New("interrupted")

// interrupts turns signals into what the command under way makes of them. Where
// it says nothing else, the first ends the command in good order and the second
// leaves at once.
type interrupts struct {
	leave chan struct{} // closed when the program is to end at once
	ended chan struct{}

	mu     sync.Mutex
	cancel context.CancelCauseFunc
	react  func(os.Signal) // instead of cancel
	most   int             // reactions; one more leaves
	count  int
	came   bool // there was one
	echo   bool // the next one is the same as the last
}

func newInterrupts(signals <-chan os.Signal, cancel context.CancelCauseFunc) *interrupts {
	i := &interrupts{leave: make(chan struct{}), ended: make(chan struct{}), cancel: cancel, most: 1}
	go i.watch(signals)
	return i
}

func (i *interrupts) watch(signals <-chan os.Signal) {
	for {
		select {
		case <-i.ended:
			return
		case s, open := <-signals:
			if !open || i.interrupt(s) {
				return
			}
		}
	}
}

// interrupt tells whether that was the last one.
func (i *interrupts) interrupt(s os.Signal) (last bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.echo {
		i.echo = false
		return false
	}
	return i.heed(s)
}

func (i *interrupts) heed(s os.Signal) (last bool) {
	i.count++
	i.came = true
	switch {
	case i.count > i.most:
		close(i.leave)
		return true
	case i.react != nil:
		i.react(s)
	default:
		i.cancel(errInterrupted)
	}
	return false
}

// hangUp is an interrupt by the docker command, which the program is a plugin
// of. At a terminal, where the keys reach both, it comes along with a signal, in
// either order, and is the same as that.
func (i *interrupts) hangUp() {
	i.mu.Lock()
	defer i.mu.Unlock()
	if !i.came {
		i.heed(syscall.SIGTERM)
		i.echo = true
	}
}

// take hands the next signals, so many at most, to react, which must return at
// once. The returned function gives them back.
func (i *interrupts) take(most int, react func(os.Signal)) (release func()) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.react, i.most, i.count = react, most, 0
	return func() {
		i.mu.Lock()
		defer i.mu.Unlock()
		i.react, i.most = nil, max(1, i.count)
	}
}

// any tells whether there was an interrupt.
func (i *interrupts) any() bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.came
}

// stop ends the watching.
func (i *interrupts) stop() { close(i.ended) }
