package runtime

import "container/heap"

// laneSize is how many lines of one container wait for those of the others.
const laneSize = 256

// mergeLines passes the lines of several containers on in the order of time.
// Each lane is in order by itself and is closed at its end.
func mergeLines(lanes []chan LogLine, sink LogSink) {
	var heads lineHeap
	for i, lane := range lanes {
		if line, ok := <-lane; ok {
			heads = append(heads, head{line: line, lane: i})
		}
	}
	heap.Init(&heads)
	for len(heads) > 0 {
		first := heads[0]
		sink.Line(first.line)
		if line, ok := <-lanes[first.lane]; ok {
			heads[0].line = line
			heap.Fix(&heads, 0)
		} else {
			heap.Pop(&heads)
		}
	}
}

// head is the next line of a lane.
type head struct {
	line LogLine
	lane int
}

// lineHeap has the earliest line on top, and of several at one time that of
// the first lane.
type lineHeap []head

func (h lineHeap) Len() int      { return len(h) }
func (h lineHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h lineHeap) Less(i, j int) bool {
	if c := h[i].line.Time.Compare(h[j].line.Time); c != 0 {
		return c < 0
	}
	return h[i].lane < h[j].lane
}

// Push implements heap.Interface; lanes never join later.
func (h *lineHeap) Push(x any) {
	if item, ok := x.(head); ok {
		*h = append(*h, item)
	}
}

// Pop implements heap.Interface.
func (h *lineHeap) Pop() any {
	old := *h
	last := old[len(old)-1]
	*h = old[:len(old)-1]
	return last
}
