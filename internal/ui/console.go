package ui

import (
	"bytes"
	"io"
	"slices"
	"sync"
	"time"
)

// maxQueue is how many bytes may wait to be written before [Console.Out] makes
// its caller wait.
const maxQueue = 1 << 18

// frameTime is how often live rows are drawn at most.
const frameTime = 100 * time.Millisecond

// Rows makes the live rows at the bottom of the terminal. It is called by the
// console's goroutine.
type Rows func(now time.Time, width, height int) []string

// ConsoleOptions say where output goes.
type ConsoleOptions struct {
	Out, Err io.Writer
	// Size of the terminal that Err is; nil where it is none.
	Size func() (width, height int)
	// OutShares tells that Out is the same terminal, so that what is written
	// there must make room for the live rows.
	OutShares bool
	// Unread is called, once and by the console's goroutine, when Out cannot be
	// written to any more; nil takes no notice.
	Unread func()
}

// Console owns the output of the program. One goroutine writes; callers leave
// what they have and go on. Close it to be sure that everything was written.
type Console struct {
	options ConsoleOptions
	wake    chan struct{}
	ended   chan struct{}

	mu      sync.Mutex
	drained *sync.Cond
	queue   []chunk
	size    int
	rows    Rows
	footer  string
	closed  bool
}

// chunk is something to write to one of the streams.
type chunk struct {
	text []byte
	err  bool
	rows Rows // instead of text: rows that stay
}

// NewConsole starts the console.
func NewConsole(o ConsoleOptions) *Console {
	c := &Console{options: o, wake: make(chan struct{}, 1), ended: make(chan struct{})}
	c.drained = sync.NewCond(&c.mu)
	go c.run()
	return c
}

// Out writes to standard output. It waits while much is waiting to be written
// already, so that a source of endless text is held back by a slow reader.
func (c *Console) Out(text []byte) { c.push(chunk{text: text}, true) }

// Print writes to standard output and never waits.
func (c *Console) Print(text []byte) { c.push(chunk{text: text}, false) }

// OutToErr is Out for standard error.
func (c *Console) OutToErr(text []byte) { c.push(chunk{text: text, err: true}, true) }

// Err writes to standard error and never waits.
func (c *Console) Err(text []byte) { c.push(chunk{text: text, err: true}, false) }

// TryErr is Err for what is not worth keeping when the reader is slow.
func (c *Console) TryErr(text []byte) {
	c.mu.Lock()
	full := c.size > maxQueue
	c.mu.Unlock()
	if !full {
		c.Err(text)
	}
}

func (c *Console) push(piece chunk, wait bool) {
	c.mu.Lock()
	for wait && c.size > maxQueue && !c.closed {
		c.drained.Wait()
	}
	if !c.closed {
		piece.text = bytes.Clone(piece.text)
		c.queue = append(c.queue, piece)
		c.size += len(piece.text)
	}
	c.mu.Unlock()
	c.nudge()
}

// Live keeps rows at the bottom of the terminal, or takes them away when rows
// is nil.
func (c *Console) Live(rows Rows) {
	c.mu.Lock()
	c.rows = rows
	c.mu.Unlock()
	c.nudge()
}

// Footer keeps a line at the very bottom of the terminal, below the live rows.
func (c *Console) Footer(text string) {
	c.mu.Lock()
	c.footer = text
	c.mu.Unlock()
	c.nudge()
}

// withFooter are the rows and the line below them, an empty one between.
func withFooter(rows Rows, footer string) Rows {
	if footer == "" {
		return rows
	}
	return func(now time.Time, width, height int) []string {
		var list []string
		if rows != nil {
			list = rows(now, width, height-2)
		}
		return append(slices.Clip(list), "", cut(footer, max(width-1, 0), ""))
	}
}

// Settle writes the rows once more, as text that stays, and keeps no live rows.
func (c *Console) Settle(rows Rows) {
	c.mu.Lock()
	c.rows = nil
	c.mu.Unlock()
	c.push(chunk{rows: rows, err: true}, false)
}

// Close writes what is left, takes the live rows away and waits until that is
// done. Nothing is written afterwards.
func (c *Console) Close() {
	c.mu.Lock()
	c.rows, c.footer, c.closed = nil, "", true
	c.mu.Unlock()
	c.drained.Broadcast()
	c.nudge()
	<-c.ended
}

func (c *Console) nudge() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

func (c *Console) run() {
	defer close(c.ended)
	screen := &screen{out: c.options.Out, unread: c.options.Unread, err: c.options.Err, size: c.options.Size, shared: c.options.OutShares}
	ticker := time.NewTicker(frameTime)
	defer ticker.Stop()
	for {
		c.mu.Lock()
		queue, rows, footer, closed := c.queue, c.rows, c.footer, c.closed
		c.queue, c.size = nil, 0
		c.mu.Unlock()
		c.drained.Broadcast()
		screen.draw(queue, withFooter(rows, footer))
		if closed {
			return
		}
		if rows == nil {
			<-c.wake
			continue
		}
		select {
		case <-c.wake:
		case <-ticker.C:
		}
	}
}
