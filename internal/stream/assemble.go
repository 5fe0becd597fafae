package stream

import (
	"strings"
	"time"
)

// messageSize is how much of a line the engine logs as one message at most
// (moby daemon/logger: defaultBufSize).
const messageSize = 16 << 10

// longestStamp is longer than any timestamp.
const longestStamp = 40

// assembler puts the lines of one stream together.
type assembler struct {
	timestamps bool
	stderr     bool
	batch      *batch

	due     bool   // a timestamp comes next
	stamp   string // the beginning of one
	time    time.Time
	partial []byte // of a line whose end is yet to come
	flushed bool   // the beginning of the line was passed on already
	written int    // bytes of the message so far, on a terminal
}

// message begins a message: a timestamp comes first. A line that is longer
// than a message comes in several, each with a timestamp.
func (a *assembler) message() { a.due = a.timestamps }

// write reads a part of a message.
func (a *assembler) write(data string) {
	if a.due {
		data = a.stamped(data)
	}
	a.text(data)
}

// terminal reads a part of a raw stream. Where a message ends that does not end
// a line is known by its size alone.
func (a *assembler) terminal(data string) {
	for data != "" {
		if a.due {
			data = a.stamped(data)
			continue
		}
		n := strings.IndexByte(data, '\n') + 1
		room := messageSize - a.written
		switch {
		case !a.timestamps:
			n = len(data)
		case n == 0 && len(data) < room:
			n = len(data)
			a.written += n
		case n > 0 && n <= room+1:
			a.written, a.due = 0, true
		default:
			n, a.written, a.due = room, 0, true
		}
		a.text(data[:n])
		data = data[n:]
	}
}

// stamped takes the timestamp off the beginning of a message and returns what
// comes after it. What is no timestamp is text.
func (a *assembler) stamped(data string) string {
	stamp, rest, whole := strings.Cut(data, " ")
	a.stamp += stamp
	if !whole && len(a.stamp) < longestStamp {
		return ""
	}
	stamp, a.stamp, a.due = a.stamp, "", false
	at, err := time.Parse(time.RFC3339Nano, stamp)
	switch {
	case err != nil && whole:
		return stamp + " " + rest
	case err != nil:
		return stamp
	}
	if len(a.partial) == 0 && !a.flushed {
		a.time = at
	}
	return rest
}

// text takes output, and passes on the lines that it ends.
func (a *assembler) text(data string) {
	for data != "" {
		n := strings.IndexByte(data, '\n')
		if n < 0 {
			a.keep(data)
			return
		}
		line := data[:n]
		data = data[n+1:]
		if len(a.partial) > 0 {
			line = string(append(a.partial, line...))
			a.partial = a.partial[:0]
		}
		if line = strings.TrimSuffix(line, "\r"); line != "" || !a.flushed {
			a.pass(line)
		}
		a.flushed = false
	}
}

// keep holds on to the beginning of a line, within bounds.
func (a *assembler) keep(data string) {
	a.partial = append(a.partial, data...)
	if len(a.partial) >= MaxLine {
		a.flush()
	}
}

func (a *assembler) waits() bool { return len(a.partial) > 0 }

// end passes on what is left when the stream is over.
func (a *assembler) end() {
	if a.stamp != "" {
		a.keep(a.stamp)
	}
	a.flush()
}

// flush passes on what there is of a line.
func (a *assembler) flush() {
	if len(a.partial) == 0 {
		return
	}
	a.pass(string(a.partial))
	a.partial, a.flushed = a.partial[:0], true
}

func (a *assembler) pass(line string) {
	a.batch.add(Line{Stderr: a.stderr, Time: a.time, Text: line})
}
