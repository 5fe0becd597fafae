package main

import (
	"errors"
	"io"
	"os"

	"github.com/gocompose/gocompose/internal/ui"
)

// errDetached is why an attached up ended whose user has left the containers
// running.
var errDetached = errors.New("detached")

// menuText is the line of keys. Watching has a key, too, and no place in it yet.
const menuText = "d Detach"

// wantsMenu tells whether up takes keys: on a terminal, unless that was refused.
func (p *program) wantsMenu(o upOptions) bool {
	return o.menu && p.style.Mode == ui.TTY && isTerminal(p.Stdin) && isTerminal(p.Stdout) && isTerminal(p.status())
}

// menu shows the keys below the output and obeys them until the program ends.
func (c *change) menu(detach func()) {
	file, ok := c.Stdin.(*os.File)
	if !ok || !inForeground(int(file.Fd())) { // in the background, the terminal is not ours to change
		return
	}
	restore, err := takeKeys(int(file.Fd()))
	if err != nil {
		return // there are signals
	}
	c.terminal.undo(restore)
	c.console.Footer(menuText)
	go func() {
		key := make([]byte, 1)
		for {
			if _, err := io.ReadFull(c.Stdin, key); err != nil {
				return
			}
			switch key[0] {
			case 'd':
				detach()
				return
			case 'w':
				c.console.Err(ui.WarningText(c.style, notYet("watch").Error()))
			}
		}
	}()
}
