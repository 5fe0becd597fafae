package runtime

import (
	"context"
	"sync"

	"github.com/gocompose/gocompose/internal/stream"
)

// printer hands lines, and what happens between them, to a sink, one call at a
// time. A slow sink holds up those who bring lines, and nobody else.
type printer struct {
	sink    LogSink
	batches chan logBatch
	wake    chan struct{} // has an element when notes is not empty
	done    chan struct{} // closed when there will be no more
	ended   chan struct{} // closed when everything was passed on

	mu    sync.Mutex
	notes []func()
}

// logBatch is what a container wrote at a time.
type logBatch struct {
	source logSource
	lines  []stream.Line
}

func newPrinter(sink LogSink) *printer {
	return &printer{
		sink:    sink,
		batches: make(chan logBatch),
		wake:    make(chan struct{}, 1),
		done:    make(chan struct{}),
		ended:   make(chan struct{}),
	}
}

// run passes on what comes until close, or until ctx is done.
func (p *printer) run(ctx context.Context) {
	defer close(p.ended)
	for {
		select {
		case b := <-p.batches:
			p.tell(ctx)
			for i := 0; i < len(b.lines) && ctx.Err() == nil; i++ {
				p.sink.Line(b.source.line(b.lines[i]))
			}
		case <-p.wake:
			p.tell(ctx)
		case <-p.done:
			p.tell(ctx)
			return
		case <-ctx.Done():
			return
		}
	}
}

// offer brings lines. It returns when they are about to be printed.
func (p *printer) offer(ctx context.Context, b logBatch) error {
	select {
	case p.batches <- b:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// after lets the note run after all lines that were offered before, and before
// all that are offered later. It does not wait for it.
func (p *printer) after(note func()) {
	p.mu.Lock()
	p.notes = append(p.notes, note)
	p.mu.Unlock()
	select {
	case p.wake <- struct{}{}:
	default: // it is awake already
	}
}

func (p *printer) tell(ctx context.Context) {
	p.mu.Lock()
	notes := p.notes
	p.notes = nil
	p.mu.Unlock()
	for _, note := range notes {
		if ctx.Err() == nil {
			note()
		}
	}
}

// close tells that nothing more is brought.
func (p *printer) close() { close(p.done) }
