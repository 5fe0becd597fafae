//go:build unix

package main

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// passedSignals are those that people send to programs, but for interrupts and
// requests to end, which the program always gets.
func passedSignals() []os.Signal {
	return []os.Signal{
		syscall.SIGHUP, syscall.SIGQUIT, syscall.SIGUSR1, syscall.SIGUSR2, syscall.SIGALRM, syscall.SIGTSTP,
		syscall.SIGCONT, syscall.SIGWINCH,
	}
}

// signalName is the same on all systems, which numbers are not.
func signalName(s os.Signal) string {
	if number, ok := s.(syscall.Signal); ok {
		return unix.SignalName(number)
	}
	return s.String()
}
