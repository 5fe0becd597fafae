package ui

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"time"
)

// Escape codes of ECMA-48 that every terminal of today knows.
const (
	cursorUp  = "\x1b[1A"
	eraseLine = "\x1b[2K"
)

// screen writes text and, on a terminal, live rows below it. The cursor rests
// at the start of the line below the rows.
type screen struct {
	out, err io.Writer
	unread   func()                     // told once when out cannot be written to any more
	size     func() (width, height int) // nil where err is no terminal
	shared   bool                       // out is the same terminal
	drawn    []string                   // rows on the screen now
}

// draw writes the queue and then the rows, in as few writes as it can: a
// terminal shows at once what comes in one write.
func (s *screen) draw(queue []chunk, rows Rows) {
	now := s.make(rows)
	if len(queue) == 0 && slices.Equal(now, s.drawn) {
		return
	}
	var frame, lines bytes.Buffer
	frame.WriteString(s.erase())
	for _, piece := range queue {
		switch {
		case piece.rows != nil:
			s.write(&lines)
			writeRows(&frame, s.make(piece.rows))
		case piece.err || s.shared:
			s.write(&lines)
			frame.Write(piece.text)
		default:
			flush(s.err, &frame)
			lines.Write(piece.text)
		}
	}
	s.write(&lines)
	writeRows(&frame, now)
	flush(s.err, &frame)
	s.drawn = now
}

// write writes a buffer to standard output.
func (s *screen) write(lines *bytes.Buffer) {
	if lines.Len() == 0 {
		return
	}
	if _, err := s.out.Write(lines.Bytes()); err != nil && s.unread != nil {
		s.unread()
		s.unread = nil
	}
	lines.Reset()
}

func (s *screen) make(rows Rows) []string {
	if rows == nil || s.size == nil {
		return nil
	}
	width, height := s.size()
	return rows(time.Now(), width, height)
}

func writeRows(frame *bytes.Buffer, rows []string) {
	for _, row := range rows {
		frame.WriteString(row + "\n")
	}
}

// erase takes the rows off the screen, one by one: a terminal keeps what is
// erased all at once from its top in the scroll-back. Where the terminal has
// become narrower since, it has broken long rows into several lines.
func (s *screen) erase() string {
	if len(s.drawn) == 0 {
		return ""
	}
	columns, _ := s.size()
	lines := 0
	for _, row := range s.drawn {
		lines += 1 + max(0, visibleWidth(row)-1)/max(1, columns)
	}
	return "\r" + strings.Repeat(cursorUp+eraseLine, lines)
}

// flush writes a buffer. There is nobody to tell when standard error is gone.
func flush(w io.Writer, buffer *bytes.Buffer) {
	if buffer.Len() > 0 {
		_, _ = w.Write(buffer.Bytes())
		buffer.Reset()
	}
}
