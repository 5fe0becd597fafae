package ui

import (
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/gocompose/gocompose/runtime"
)

// LogOptions say how log lines look.
type LogOptions struct {
	Colour     bool
	NoPrefix   bool
	Timestamps bool
	// OneStream sends to standard output what containers wrote to their standard
	// error, too: docker compose logs does, and its readers count on it.
	OneStream bool
	// Services are the names that colours are given to, in name order.
	Services []string
}

// Logs prints the output of containers, each line behind the name of its
// container. It is a [runtime.LogSink].
type Logs struct {
	console *Console
	options LogOptions

	mu       sync.Mutex
	columns  int
	prefixes map[string]string
}

// NewLogs makes a printer that lines go through to the console.
func NewLogs(c *Console, o LogOptions) *Logs {
	o.Services = slices.Sorted(slices.Values(o.Services))
	return &Logs{console: c, options: o, prefixes: map[string]string{}}
}

// Expect makes room for the names of containers whose lines will come, so that
// the first lines are aligned with the last.
func (l *Logs) Expect(names ...string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, name := range names {
		l.widen(name)
	}
}

// Containers implements [runtime.LogAudience].
func (l *Logs) Containers(list []runtime.Listed) {
	for _, c := range list {
		l.Expect(Label(c.Name, c.Service, c.Number))
	}
}

func (l *Logs) widen(name string) {
	if columns := width(name); columns > l.columns {
		l.columns = columns
		clear(l.prefixes)
	}
}

// Label is the name of a container in logs: its name on the engine, without
// the project's where it starts with that.
func Label(container, service string, number int) string {
	for _, separator := range []string{"-", "_"} {
		label := service + separator + strconv.Itoa(number)
		if strings.HasSuffix(container, separator+label) {
			return label
		}
	}
	return container
}

// logTime has all digits of the time, so that what follows is aligned. The
// engine writes times so, and docker compose passes them on.
const logTime = "2006-01-02T15:04:05.000000000Z07:00"

// hookMark tells the lines of a container's hooks from its own, as docker
// compose does.
const hookMark = " ->"

// Line implements [runtime.LogSink]. It waits while the reader of the output is
// far behind.
func (l *Logs) Line(line runtime.LogLine) {
	text := l.prefix(line)
	if l.options.Timestamps && !line.Time.IsZero() {
		text += line.Time.UTC().Format(logTime) + " "
	}
	text += line.Text + "\n"
	if line.Stream == runtime.Stderr && !l.options.OneStream {
		l.console.OutToErr([]byte(text))
		return
	}
	l.console.Out([]byte(text))
}

func (l *Logs) prefix(line runtime.LogLine) string {
	if l.options.NoPrefix {
		return ""
	}
	name := Label(line.Container, line.Service, line.Number)
	if line.Hook {
		name += hookMark
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.widen(name)
	prefix, ok := l.prefixes[name]
	if !ok {
		colour := serviceColour(line.Service, l.options.Services)
		prefix = Paint(l.options.Colour, colour, pad(name, l.columns)+"  |") + " "
		l.prefixes[name] = prefix
	}
	return prefix
}

// Aside prints what something beside the containers has to say, such as a watch of
// files, behind a mark in the place of their names.
func (l *Logs) Aside(mark, text string) {
	if !l.options.NoPrefix {
		l.mu.Lock()
		text = strings.Repeat(" ", l.columns+len("  |")) + Paint(l.options.Colour, Green, mark) + " " + text
		l.mu.Unlock()
	}
	l.console.Out([]byte(text + "\n"))
}

// Status prints what happened to a container, such as that it exited.
func (l *Logs) Status(container, service string, number int, text string) {
	colour := serviceColour(service, l.options.Services)
	line := Paint(l.options.Colour, colour, Label(container, service, number)+" "+text)
	l.console.Out([]byte(line + "\n"))
}
