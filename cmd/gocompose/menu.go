package main

import (
	"errors"
	"io"
	"os"
	"sync"

	"github.com/gocompose/gocompose/internal/ui"
)

// errDetached is why an attached up ended whose user has left the containers
// running.
var errDetached = errors.New("detached")

// The line of keys, in docker compose's words.
const (
	menuText         = "d Detach"
	menuWatch        = "w Enable Watch   " + menuText
	menuWatching     = "w Disable Watch   " + menuText
	watchUnavailable = "Watch is not yet configured. Learn more: https://docs.docker.com/compose/how-tos/file-watch/"
)

// wantsMenu tells whether up takes keys: on a terminal, unless that was refused.
func (p *program) wantsMenu(o upOptions) bool {
	return o.menu && p.style.Mode == ui.TTY && isTerminal(p.Stdin) && isTerminal(p.Stdout) && isTerminal(p.status())
}

// menu is the line of keys below the output of an attached up.
type menu struct {
	*change
	detach func()
	watch  *watching // nil where no service has anything to watch

	mu    sync.Mutex
	shown bool
	over  bool // the containers are being stopped: a key must not leave them half stopped
}

// show obeys the keys from now on, until the menu is closed or the program ends.
func (m *menu) show() {
	m.mu.Lock()
	defer m.mu.Unlock()
	file, ok := m.Stdin.(*os.File)
	if m.shown || m.over || !ok || !inForeground(int(file.Fd())) { // in the background, the terminal is not ours to change
		return
	}
	restore, err := takeKeys(int(file.Fd()))
	if err != nil {
		return // there are signals
	}
	m.terminal.undo(restore)
	m.shown = true
	m.console.Footer(m.text())
	go m.obey()
}

func (m *menu) text() string {
	switch {
	case m.watch == nil:
		return menuText
	case m.watch.on():
		return menuWatching
	default:
		return menuWatch
	}
}

// close takes the menu away for good.
func (m *menu) close() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.over = true
	m.console.Footer("")
}

func (m *menu) closed() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.over
}

func (m *menu) obey() {
	key := make([]byte, 1)
	for {
		if _, err := io.ReadFull(m.Stdin, key); err != nil || m.closed() {
			return
		}
		switch key[0] {
		case 'd':
			m.detach()
			return
		case 'w':
			m.toggleWatch()
		}
	}
}

// toggleWatch begins or ends to watch files.
func (m *menu) toggleWatch() {
	if m.watch == nil {
		m.console.Err(ui.WarningText(m.style, watchUnavailable))
		return
	}
	m.watch.toggle()
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.over {
		m.console.Footer(m.text())
	}
}
