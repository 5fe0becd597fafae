package runtime

import (
	"context"
	"sync"

	"github.com/gocompose/gocompose/internal/stream"
)

// batchesAhead is how many pieces of output wait for the sink at most.
const batchesAhead = 4

// printer hands lines, and what happens between them, to a sink, one call at a
// time and in the order in which it gets them. A slow sink holds up those who
// bring lines, and nobody else.
type printer struct {
	sink  LogSink
	slots chan struct{} // one for each batch in the queue
	wake  chan struct{} // has an element when there is something to do
	ended chan struct{} // closed when everything was passed on

	mu     sync.Mutex
	queue  []printed
	closed bool
}

// printed is lines of a container, or a note.
type printed struct {
	source logSource
	lines  []stream.Line
	note   func()
}

func newPrinter(sink LogSink) *printer {
	return &printer{
		sink:  sink,
		slots: make(chan struct{}, batchesAhead),
		wake:  make(chan struct{}, 1),
		ended: make(chan struct{}),
	}
}

// run passes on what comes until close, or until ctx is done.
func (p *printer) run(ctx context.Context) {
	defer close(p.ended)
	for {
		select {
		case <-p.wake:
		case <-ctx.Done():
			return
		}
		queue, closed := p.take()
		for _, item := range queue {
			p.print(ctx, item)
		}
		if closed {
			return
		}
	}
}

func (p *printer) take() (queue []printed, closed bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	queue, p.queue = p.queue, nil
	return queue, p.closed
}

func (p *printer) print(ctx context.Context, item printed) {
	if item.note != nil {
		if ctx.Err() == nil {
			item.note()
		}
		return
	}
	for i := 0; i < len(item.lines) && ctx.Err() == nil; i++ {
		p.sink.Line(item.source.line(item.lines[i]))
	}
	<-p.slots
}

// lines brings lines. It waits while many wait to be printed.
func (p *printer) lines(ctx context.Context, source logSource, lines []stream.Line) error {
	select {
	case p.slots <- struct{}{}:
		p.add(printed{source: source, lines: lines})
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// after lets the note run after everything that was brought before. It does not
// wait for it.
func (p *printer) after(note func()) { p.add(printed{note: note}) }

func (p *printer) add(item printed) {
	p.mu.Lock()
	p.queue = append(p.queue, item)
	p.mu.Unlock()
	p.nudge()
}

// close tells that nothing more is brought.
func (p *printer) close() {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	p.nudge()
}

func (p *printer) nudge() {
	select {
	case p.wake <- struct{}{}:
	default: // it is awake already
	}
}
