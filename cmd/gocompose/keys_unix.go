//go:build unix

package main

import (
	"os"
	"os/signal"

	"golang.org/x/sys/unix"
)

// inForeground tells whether the program may use the terminal: the shell stops
// it otherwise.
func inForeground(fd int) bool {
	group, err := unix.IoctlGetInt(fd, unix.TIOCGPGRP)
	return err == nil && group == unix.Getpgrp()
}

// takeKeys has the terminal pass each key on at once and unseen. Those that
// make signals, such as Ctrl-C, still do, and output is as it was.
func takeKeys(fd int) (restore func(), err error) {
	before, err := unix.IoctlGetTermios(fd, getTermios)
	if err != nil {
		return nil, err
	}
	keys := *before
	keys.Lflag &^= unix.ICANON | unix.ECHO
	keys.Cc[unix.VMIN], keys.Cc[unix.VTIME] = 1, 0
	if err := unix.IoctlSetTermios(fd, setTermios, &keys); err != nil {
		return nil, err
	}
	stop := whenContinued(func() { setInForeground(fd, &keys) })
	return func() {
		stop()
		setInForeground(fd, before)
	}, nil
}

// setInForeground leaves the terminal alone while it is another program's.
func setInForeground(fd int, modes *unix.Termios) {
	if inForeground(fd) {
		_ = unix.IoctlSetTermios(fd, setTermios, modes)
	}
}

// whenContinued calls do each time the program goes on after it was stopped, by
// Ctrl-Z say: the shell has given the terminal its own modes meanwhile.
func whenContinued(do func()) (stop func()) {
	continued := make(chan os.Signal, 1)
	asked, ended := make(chan struct{}), make(chan struct{})
	signal.Notify(continued, unix.SIGCONT)
	go func() {
		defer close(ended)
		for {
			select {
			case <-continued:
				do()
			case <-asked:
				return
			}
		}
	}()
	return func() {
		signal.Stop(continued)
		close(asked)
		<-ended
	}
}
