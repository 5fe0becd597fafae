//go:build unix

package main

import (
	"syscall"
	"testing"

	xterm "golang.org/x/term"
)

// TestMenuAfterSuspension has a shell put its own modes back, as it does when
// the user presses Ctrl-Z and goes on with fg.
func TestMenuAfterSuspension(t *testing.T) {
	p := newPlace(t, shop)
	term := p.start(t, "up")
	term.expect(menuText)
	if err := xterm.Restore(int(term.file.Fd()), freshTerminal(t)); err != nil {
		t.Fatal(err)
	}
	term.signal(syscall.SIGCONT)
	term.send("d")
	if output, code := term.wait(); code != 0 {
		t.Errorf("exit status %d:\n%s", code, output)
	}
}
