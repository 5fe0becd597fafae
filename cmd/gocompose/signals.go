package main

import (
	"math"
	"os"
	"os/signal"
)

// signalsKept is how many signals may wait to be passed on; more are dropped.
const signalsKept = 16

// passSignals returns the names of signals that come to the program, which does
// nothing else about them until stop is called.
func (p *program) passSignals() (names <-chan string, stop func()) {
	passed := make(chan string, signalsKept)
	pass := func(s os.Signal) {
		select {
		case passed <- signalName(s):
		default:
		}
	}
	release := p.interrupts.take(math.MaxInt, pass)
	others, ended := make(chan os.Signal, signalsKept), make(chan struct{})
	if list := passedSignals(); len(list) > 0 { // none would stand for all
		signal.Notify(others, list...)
	}
	go func() {
		for {
			select {
			case s := <-others:
				pass(s)
			case <-ended:
				return
			}
		}
	}()
	return passed, func() {
		signal.Stop(others)
		close(ended)
		release()
	}
}
