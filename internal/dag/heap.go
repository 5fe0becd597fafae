package dag

import "cmp"

// heap is a binary min-heap; container/heap would box every node.
type heap[K cmp.Ordered] struct{ items []K }

func (h *heap[K]) len() int { return len(h.items) }

func (h *heap[K]) push(item K) {
	h.items = append(h.items, item)
	for i := len(h.items) - 1; i > 0; {
		parent := (i - 1) / 2
		if h.items[parent] <= h.items[i] {
			return
		}
		h.items[parent], h.items[i] = h.items[i], h.items[parent]
		i = parent
	}
}

func (h *heap[K]) pop() K {
	top := h.items[0]
	last := len(h.items) - 1
	h.items[0] = h.items[last]
	h.items = h.items[:last]
	for i := 0; ; {
		child := 2*i + 1
		if child >= last {
			return top
		}
		if child+1 < last && h.items[child+1] < h.items[child] {
			child++
		}
		if h.items[i] <= h.items[child] {
			return top
		}
		h.items[i], h.items[child] = h.items[child], h.items[i]
		i = child
	}
}
