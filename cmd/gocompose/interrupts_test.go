package main

import (
	"context"
	"os"
	"testing"
	"testing/synctest"
)

// signalled sends so many interrupts and waits until they are dealt with.
func signalled(signals chan<- os.Signal, times int) {
	for range times {
		signals <- os.Interrupt
		synctest.Wait()
	}
}

func left(i *interrupts) bool {
	select {
	case <-i.leave:
		return true
	default:
		return false
	}
}

func TestInterruptsEndThenLeave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(context.Background())
		signals := make(chan os.Signal)
		i := newInterrupts(signals, cancel)
		defer i.stop()
		signalled(signals, 1)
		if context.Cause(ctx) != errInterrupted || left(i) { //nolint:errorlint // that very value
			t.Errorf("after one: %v, left %v", context.Cause(ctx), left(i))
		}
		signalled(signals, 1)
		if !left(i) {
			t.Error("after two it has not left")
		}
	})
}

func TestInterruptsAreTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(context.Background())
		defer cancel(nil)
		signals := make(chan os.Signal)
		i := newInterrupts(signals, cancel)
		defer i.stop()
		taken := 0
		release := i.take(3, func() { taken++ })
		signalled(signals, 2)
		if taken != 2 || ctx.Err() != nil || left(i) {
			t.Errorf("taken %d, %v, left %v", taken, ctx.Err(), left(i))
		}
		release()
		signalled(signals, 1) // what is under way after a session has no time of its own
		if taken != 2 || !left(i) {
			t.Errorf("after the release: taken %d, left %v", taken, left(i))
		}
	})
}
