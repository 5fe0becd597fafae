package main

import (
	"os"
	"syscall"
)

// passedSignals has none: Windows knows interrupts and requests to end alone.
func passedSignals() []os.Signal { return nil }

func signalName(s os.Signal) string {
	if s == syscall.SIGTERM {
		return "SIGTERM"
	}
	return "SIGINT"
}
