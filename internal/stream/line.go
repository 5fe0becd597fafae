package stream

import (
	"bufio"
	"bytes"
	"time"
)

// Line is one line of a container's output.
type Line struct {
	Stderr bool
	Time   time.Time // zero without timestamps
	Text   []byte    // without the line end
}

// assembler puts the lines of one stream together.
type assembler struct {
	timestamps bool
	stderr     bool
	emit       func(Line) error

	partial []byte
	time    time.Time // of the partial line's first entry
}

// frame reads one frame.
func (a *assembler) frame(in *bufio.Reader, size int) error {
	first := true
	for size > 0 {
		chunk, err := in.Peek(min(size, readSize))
		if len(chunk) == 0 {
			return err
		}
		if first {
			err = a.entry(chunk)
		} else {
			err = a.text(chunk)
		}
		if err != nil {
			return err
		}
		first = false
		size -= len(chunk)
		if _, err := in.Discard(len(chunk)); err != nil {
			return err
		}
	}
	return nil
}

// entry takes the beginning of an entry, of which the timestamp is the
// engine's. A long line is several entries, each with a timestamp.
func (a *assembler) entry(data []byte) error {
	if !a.timestamps {
		return a.text(data)
	}
	stamp, rest, ok := bytes.Cut(data, []byte{' '})
	if !ok {
		stamp, rest = bytes.TrimRight(data, "\r\n"), data[len(bytes.TrimRight(data, "\r\n")):]
	}
	at, err := time.Parse(time.RFC3339Nano, string(stamp))
	if err != nil {
		return a.text(data) // a part of a long line on a terminal
	}
	if len(a.partial) == 0 {
		a.time = at
	}
	return a.text(rest)
}

// text takes output, and passes on the lines that it ends.
func (a *assembler) text(data []byte) error {
	for {
		line, rest, ended := bytes.Cut(data, []byte{'\n'})
		if !ended {
			return a.keep(data)
		}
		if len(a.partial) > 0 {
			line = append(a.partial, line...)
		}
		if err := a.pass(line); err != nil {
			return err
		}
		a.partial = a.partial[:0]
		data = rest
	}
}

// keep holds on to the beginning of a line, within bounds.
func (a *assembler) keep(data []byte) error {
	a.partial = append(a.partial, data...)
	if len(a.partial) < MaxLine {
		return nil
	}
	return a.flush()
}

// flush passes on what there is of a line.
func (a *assembler) flush() error {
	if len(a.partial) == 0 {
		return nil
	}
	line := a.partial
	a.partial = a.partial[:0]
	return a.pass(line)
}

func (a *assembler) pass(line []byte) error {
	line = bytes.TrimSuffix(line, []byte{'\r'})
	return a.emit(Line{Stderr: a.stderr, Time: a.time, Text: line})
}
