package main

import (
	"golang.org/x/term"

	"os"

	"github.com/gocompose/gocompose/internal/ui"
)

// console starts to own standard output and the stream for progress.
func (p *program) console() *ui.Console {
	o := ui.ConsoleOptions{Out: p.Stdout, Err: p.status(), Unread: p.readerGone}
	if p.style.Mode == ui.TTY {
		o.Size = terminalSize(o.Err)
		o.OutShares = sameFile(p.Stdout, o.Err)
	}
	return ui.NewConsole(o)
}

// terminalSize asks the terminal for its size. Where progress is for a terminal
// by force, one of 80 by 24 is taken to be there.
func terminalSize(stream any) func() (int, int) {
	return func() (int, int) {
		if file, ok := stream.(*os.File); ok {
			if width, height, err := term.GetSize(int(file.Fd())); err == nil && width > 0 {
				return width, height
			}
		}
		return 80, 24
	}
}

func sameFile(a, b any) bool {
	if a == b {
		return true
	}
	first, ok1 := a.(*os.File)
	second, ok2 := b.(*os.File)
	if !ok1 || !ok2 {
		return false
	}
	one, err1 := first.Stat()
	two, err2 := second.Stat()
	return err1 == nil && err2 == nil && os.SameFile(one, two)
}
