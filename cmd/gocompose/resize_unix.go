//go:build unix

package main

import (
	"os"
	"os/signal"
	"syscall"
)

// watchSize calls changed when the terminal's size may have changed.
func watchSize(_ any, changed func()) (stop func()) {
	signals := make(chan os.Signal, 1)
	ended := make(chan struct{})
	signal.Notify(signals, syscall.SIGWINCH)
	go func() {
		for {
			select {
			case <-signals:
				changed()
			case <-ended:
				return
			}
		}
	}()
	return func() {
		signal.Stop(signals)
		close(ended)
	}
}
