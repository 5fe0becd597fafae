package runtime

import (
	"bytes"
	"strings"

	"github.com/gocompose/gocompose/internal/stream"
)

// hookOutputKept is how many lines of a hook an error shows.
const hookOutputKept = 10

// hookOutput puts together the lines that a hook writes, passes them on, and
// keeps the last of them. It is an [io.Writer] for one goroutine.
type hookOutput struct {
	show func(line string)

	partial []byte
	last    []string
}

// Write implements [io.Writer].
func (o *hookOutput) Write(data []byte) (int, error) {
	n := len(data)
	for {
		line, rest, whole := bytes.Cut(data, []byte("\n"))
		o.partial = append(o.partial, line...)
		if !whole {
			break
		}
		o.flush()
		data = rest
	}
	if len(o.partial) >= stream.MaxLine {
		o.flush()
	}
	return n, nil
}

// end passes on a last line that has no end.
func (o *hookOutput) end() {
	if len(o.partial) > 0 {
		o.flush()
	}
}

func (o *hookOutput) flush() {
	line := strings.TrimSuffix(string(o.partial), "\r")
	o.partial = o.partial[:0]
	o.line(line)
}

// line takes a whole line.
func (o *hookOutput) line(line string) {
	if len(o.last) == hookOutputKept {
		o.last = append(o.last[:0], o.last[1:]...)
	}
	o.last = append(o.last, line)
	o.show(line)
}
