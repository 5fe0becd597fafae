package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	mobyterm "github.com/moby/term"
	"golang.org/x/term"

	"github.com/gocompose/gocompose/runtime"
)

// interaction is what a command wants of the user's side.
type interaction struct {
	tty    bool // the process runs on a terminal of its own
	input  bool // it gets the user's input
	detach bool // the user leaves at once
	// detachKeys let the user leave later, such as ctrl-p,ctrl-q; empty for these.
	detachKeys string
	keysFrom   string // where the keys were set, if not in docker's configuration
	without    string // what the user can do who has no terminal to give input by
}

// usualDetachKeys are docker's, where its configuration has no others.
const usualDetachKeys = "ctrl-p,ctrl-q"

// interact connects a process to the standard streams. For a process on a
// terminal, the user's terminal passes every key on from now on, until
// p.terminal.restore.
func (p *program) interact(want interaction) (runtime.Interaction, error) {
	user := runtime.Interaction{Out: p.Stdout, Err: p.Stderr, TTY: want.tty}
	if want.detach {
		return user, nil
	}
	if want.input {
		user.In = p.Stdin
	}
	if !want.tty {
		return user, nil
	}
	if err := p.canInteract(want); err != nil {
		return user, err
	}
	keys, err := mobyterm.ToBytes(cmp.Or(want.detachKeys, usualDetachKeys))
	if err != nil {
		return user, fmt.Errorf("%s: %w", cmp.Or(want.keysFrom, "detachKeys in docker's configuration"), err)
	}
	if isTerminal(p.Stdout) {
		user.Size, user.Resized = terminalSize(p.Stdout), p.terminal.watch(p.Stdout)
	}
	if want.input {
		user.In = detachable{mobyterm.NewEscapeProxy(p.Stdin, keys)}
		return user, p.terminal.raw(p.Stdin)
	}
	return user, nil
}

// canInteract refuses what interact would, so that nothing is begun in vain.
func (p *program) canInteract(want interaction) error {
	if want.tty && want.input && !want.detach && !isTerminal(p.Stdin) {
		return errors.New("the input device is not a TTY; cannot attach stdin to a TTY-enabled container " +
			"because stdin is not a terminal (" + want.without + ")")
	}
	return nil
}

// detachable is input in which the detach keys end the interaction.
type detachable struct{ io.Reader }

func (d detachable) Read(b []byte) (int, error) {
	n, err := d.Reader.Read(b)
	if _, leave := err.(mobyterm.EscapeError); leave { //nolint:errorlint // it is returned as it is
		err = runtime.ErrDetached
	}
	return n, err
}

// terminalState is the user's terminal while a process in a container has it.
// The zero value is ready for use.
type terminalState struct {
	mu    sync.Mutex
	undos []func()
}

// raw has the terminal pass every key on, Ctrl-C included.
func (t *terminalState) raw(stream any) error {
	file, ok := stream.(*os.File)
	if !ok {
		return nil
	}
	before, err := term.MakeRaw(int(file.Fd()))
	if err != nil {
		return err
	}
	t.undo(func() { _ = term.Restore(int(file.Fd()), before) })
	return nil
}

// watch returns a channel that has an element when the size has changed.
func (t *terminalState) watch(stream any) <-chan struct{} {
	changed := make(chan struct{}, 1)
	t.undo(watchSize(stream, func() {
		select {
		case changed <- struct{}{}:
		default: // it is known already
		}
	}))
	return changed
}

func (t *terminalState) undo(f func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.undos = append(t.undos, f)
}

// restore gives the terminal back to the user. It may be called more than once,
// and by any goroutine.
func (t *terminalState) restore() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, undo := range t.undos {
		undo()
	}
	t.undos = nil
}
