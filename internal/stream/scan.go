package stream

import (
	"errors"
	"io"
	"sync"
	"time"
)

// MaxLine is the size in bytes after which a line without an end is passed on
// in parts. What is kept of a stream is bounded by it.
const MaxLine = 256 << 10

// readSize is how much is read at a time. It holds several of the engine's log
// messages, which are at most 16 KiB.
const readSize = 32 << 10

// Line is one line of a container's output.
type Line struct {
	Stderr bool
	Time   time.Time // when the engine recorded it; zero without timestamps
	Text   string    // without the line end
}

// Options say what the engine was asked for.
type Options struct {
	// Timestamps: each message begins with a time and a space.
	Timestamps bool
	// FlushAfter is how long the beginning of a line, such as a prompt, waits for
	// its end before it is passed on as it is; 0 is for ever. Within a burst of
	// output it waits much longer, since there it is no prompt: the buffer of a
	// program was full.
	FlushAfter time.Duration
}

// Scan reads lines until the stream ends, and passes them on as they come,
// several at a time where that many are there. Calls of emit do not overlap; the
// slice is the callee's. An error of emit ends the reading and is returned.
//
// A container with a terminal has one raw stream; another has one of frames,
// which begin with bytes that no terminal's output begins with.
func Scan(r io.Reader, o Options, emit func([]Line) error) error {
	s := newScanner(o, emit)
	buf := make([]byte, readSize)
	for {
		n, err := r.Read(buf)
		if n > 0 {
			// Lines are parts of this one string, so that none needs memory of
			// its own.
			if emitErr := s.take(string(buf[:n])); emitErr != nil {
				return s.end(emitErr)
			}
		}
		if err != nil {
			return s.end(errors.Join(s.finish(), endOfStream(err)))
		}
	}
}

// endOfStream tells the end of a stream from a failure. One that ends within a
// frame was cut off by the container's end.
func endOfStream(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil
	}
	return err
}

// burst is how much is not written by a program that waits for an answer: the
// smallest usual buffer of a program's output.
const burst = 4 << 10

// burstPatience is how many times longer a line's end is waited for in a burst.
// Busy engines have pauses.
const burstPatience = 30

// scanner passes lines on. Its lock is for the timer that flushes.
type scanner struct {
	mu     sync.Mutex
	demux  demux
	batch  *batch
	emit   func([]Line) error
	wait   time.Duration
	last   time.Time // when something was taken
	amount int       // of what was taken without a pause
	timer  *time.Timer
	round  int // counts what was taken; a timer of an earlier round does nothing
	failed error
	ended  bool
}

// batch is what the assemblers of a stream leave to be passed on.
type batch struct {
	lines []Line
	usual int // how many there were the last time
}

func (b *batch) add(l Line) {
	if b.lines == nil {
		b.lines = make([]Line, 0, max(b.usual, 1))
	}
	b.lines = append(b.lines, l)
}

func newScanner(o Options, emit func([]Line) error) *scanner {
	b := &batch{}
	return &scanner{demux: newDemux(o.Timestamps, b), batch: b, emit: emit, wait: o.FlushAfter}
}

// take reads a piece of the stream.
func (s *scanner) take(data string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failed != nil {
		return s.failed
	}
	err := s.demux.take(data)
	if passErr := s.pass(); passErr != nil {
		return passErr
	}
	s.round++
	if s.wait > 0 {
		s.patient(len(data))
	}
	return err
}

// patient decides how long to wait for the end of the line, if one has begun.
func (s *scanner) patient(size int) {
	now := time.Now()
	if now.Sub(s.last) > s.wait {
		s.amount = 0
	}
	s.last = now
	s.amount += size
	switch {
	case !s.demux.waits():
	case s.amount < burst:
		s.arm(s.round, s.wait)
	default:
		s.arm(s.round, burstPatience*s.wait)
	}
}

// arm lets what waits for the end of its line be passed on in a while.
func (s *scanner) arm(round int, wait time.Duration) {
	if s.timer != nil {
		s.timer.Stop()
	}
	s.timer = time.AfterFunc(wait, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.ended || s.round != round {
			return
		}
		s.demux.flush()
		s.failed = s.pass()
	})
}

// finish passes on what is left at the end of the stream.
func (s *scanner) finish() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failed != nil {
		return s.failed
	}
	err := s.demux.end()
	return errors.Join(s.pass(), err)
}

// end makes sure that nothing is passed on any more.
func (s *scanner) end(err error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended = true
	if s.timer != nil {
		s.timer.Stop()
	}
	return err
}

func (s *scanner) pass() error {
	lines := s.batch.lines
	if len(lines) == 0 {
		return nil
	}
	s.batch.lines, s.batch.usual = nil, len(lines)
	return s.emit(lines)
}
