package main

import "github.com/gocompose/gocompose/internal/ui"

// showStep shows and does one thing with a container that is no step of a plan.
// A dry run only shows it.
func (p *program) showStep(console *ui.Console, container, text, doing string, do func() (done string, err error)) error {
	console.Err(ui.StatusText(p.style, container, text, doing))
	if p.onlyShow() {
		return nil
	}
	done, err := do()
	if err == nil {
		console.Err(ui.StatusText(p.style, container, text, done))
	}
	return err
}
