package main

import "golang.org/x/sys/windows"

// inForeground has no meaning on Windows.
func inForeground(int) bool { return true }

// takeKeys has the console pass each key on at once and unseen; Ctrl-C stays a
// signal.
func takeKeys(fd int) (restore func(), err error) {
	console := windows.Handle(fd)
	var before uint32
	if err := windows.GetConsoleMode(console, &before); err != nil {
		return nil, err
	}
	keys := before &^ (windows.ENABLE_LINE_INPUT | windows.ENABLE_ECHO_INPUT)
	if err := windows.SetConsoleMode(console, keys); err != nil {
		return nil, err
	}
	return func() { _ = windows.SetConsoleMode(console, before) }, nil
}
