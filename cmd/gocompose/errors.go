package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"syscall"

	"github.com/gocompose/gocompose/internal/ui"
)

// Exit statuses.
const (
	exitOK          = 0
	exitFailure     = 1
	exitChanges     = 2 // plan --exit-code: there is something to do
	exitInterrupted = 130
	exitUnread      = 141 // what a shell tells of a program that a broken pipe ended
)

// exitError ends the program with a status and without a word.
type exitError struct{ code int }

func (e *exitError) Error() string { return fmt.Sprintf("exit status %d", e.code) }

// asStatus has the program end with the status of a process in a container.
func asStatus(code int) error {
	if code == exitOK {
		return nil
	}
	return &exitError{code: code}
}

// errDeclined ends the program after a question was answered with no. That is
// no failure: what was asked for was done.
var errDeclined = errors.New("declined")

// exitCode maps an error to the exit status, in one place.
func exitCode(err error) int {
	var exit *exitError
	switch {
	case err == nil, errors.Is(err, errDeclined):
		return exitOK
	case errors.As(err, &exit):
		return exit.code
	case errors.Is(err, errInterrupted), errors.Is(err, context.Canceled):
		return exitInterrupted
	case errors.Is(err, syscall.EPIPE):
		return exitUnread
	default:
		return exitFailure
	}
}

// finish tells the error, if it is one to tell, and returns the exit status.
func (p *program) finish(err error) int {
	code := exitCode(err)
	var exit *exitError
	if code == exitUnread || err == nil || errors.As(err, &exit) || errors.Is(err, errDeclined) {
		return code
	}
	for _, r := range explain(err) {
		for i, hint := range r.hints {
			r.hints[i] = asCalled(hint, p.calling.name)
		}
		if p.style.Mode == ui.JSON {
			p.printf("%s\n", r.json())
		} else {
			p.printf("%s", r.text(p.style.Colour))
		}
	}
	return code
}

// report is an error as it is told.
type report struct {
	message string // may have several lines
	shown   string // instead of the message, to people
	details []string
	hints   []string
}

func (r report) text(colour bool) string {
	var b strings.Builder
	b.WriteString(strings.TrimRight(cmp.Or(r.shown, r.message), "\n") + "\n")
	for _, detail := range r.details {
		b.WriteString("  " + strings.ReplaceAll(detail, "\n", "\n  ") + "\n")
	}
	for _, hint := range r.hints {
		b.WriteString(ui.Paint(colour, ui.Cyan, "hint:") + " " + hint + "\n")
	}
	return b.String()
}

// json is the error in docker compose's form, with ours added.
func (r report) json() string {
	text, err := json.Marshal(struct {
		Error   bool     `json:"error"`
		Message string   `json:"message"`
		Details []string `json:"details,omitempty"`
		Hints   []string `json:"hints,omitempty"`
	}{true, r.message, r.details, r.hints})
	if err != nil {
		return `{"error":true}` // strings alone: it cannot fail
	}
	return string(text)
}

// printf writes to standard error. Where that fails there is nobody to tell.
func (p *program) printf(format string, args ...any) {
	_, _ = fmt.Fprintf(p.Stderr, format, args...)
}

// warn tells what the user should know though the command goes on. It must not
// be used while a console owns the terminal.
func (p *program) warn(text string) { p.printf("%s", ui.WarningText(p.style, text)) }
