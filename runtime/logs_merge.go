package runtime

import (
	"container/heap"
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/gocompose/gocompose/internal/stream"
)

// history passes on what the containers wrote until now, in the order of time,
// and returns how far it came in each log, by container ID. Of every container
// at most a few pieces of the stream are held in memory.
func (f *logFollow) history(ctx context.Context, list []Listed) (map[string]logMark, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	lanes := make([]*lane, len(list))
	var readers sync.WaitGroup
	for i, c := range list {
		l := &lane{logSource: sourceOfListed(c), batches: make(chan []stream.Line)}
		lanes[i] = l
		readers.Go(func() {
			defer close(l.batches)
			l.err = l.read(ctx, f.engine, f.span, func(lines []stream.Line) error { return l.offer(ctx, lines) })
			if l.err != nil && !errors.Is(l.err, errUnreadable) {
				cancel(l.err)
			}
		})
	}
	mergeLines(ctx, lanes, f.sink)
	readers.Wait()
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	marks := map[string]logMark{}
	for _, l := range lanes {
		if errors.Is(l.err, errUnreadable) && !f.live[l.id] {
			f.notice(fmt.Sprintf("cannot read the logs of container %s: %v", l.name, errUnreadable))
		}
		marks[l.id] = l.mark
	}
	return marks, nil
}

// lane is the log of one container, on its way to be merged.
type lane struct {
	logSource
	batches chan []stream.Line
	head    []stream.Line // what was taken from batches and not passed on yet
	mark    logMark
	err     error
}

func (l *lane) offer(ctx context.Context, lines []stream.Line) error {
	l.mark.note(lines)
	select {
	case l.batches <- lines:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// more makes sure that there is a next line, if one is left.
func (l *lane) more() bool {
	if len(l.head) == 0 {
		l.head = <-l.batches
	}
	return len(l.head) > 0
}

// mergeLines passes the lines of the lanes on in the order of time, until all
// lanes end or ctx is done. Each lane is taken to be in order by itself.
func mergeLines(ctx context.Context, lanes []*lane, sink LogSink) {
	var heads laneHeap
	for i, l := range lanes {
		if l.more() {
			heads = append(heads, entry{lane: l, place: i})
		}
	}
	heap.Init(&heads)
	for len(heads) > 0 && ctx.Err() == nil {
		first := heads[0].lane
		sink.Line(first.line(first.head[0]))
		first.head = first.head[1:]
		if first.more() {
			heap.Fix(&heads, 0)
		} else {
			heap.Pop(&heads)
		}
	}
}

// entry is a lane with lines left.
type entry struct {
	lane  *lane
	place int
}

// laneHeap has the lane with the earliest line on top, and of several with one
// time the first of them.
type laneHeap []entry

func (h laneHeap) Len() int      { return len(h) }
func (h laneHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h laneHeap) Less(i, j int) bool {
	if c := h[i].lane.head[0].Time.Compare(h[j].lane.head[0].Time); c != 0 {
		return c < 0
	}
	return h[i].place < h[j].place
}

// Push implements heap.Interface; no lane joins later.
func (h *laneHeap) Push(x any) {
	if e, ok := x.(entry); ok {
		*h = append(*h, e)
	}
}

// Pop implements heap.Interface.
func (h *laneHeap) Pop() any {
	old := *h
	last := old[len(old)-1]
	*h = old[:len(old)-1]
	return last
}
