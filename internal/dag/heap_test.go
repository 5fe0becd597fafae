package dag

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestHeapYieldsInOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		items := rapid.SliceOf(rapid.IntRange(0, 20)).Draw(t, "items")
		var h heap[int]
		var got []int
		for i, item := range items {
			h.push(item)
			if i%3 == 2 { // pops between pushes must not disturb the order
				h.push(h.pop())
			}
		}
		for h.len() > 0 {
			got = append(got, h.pop())
		}
		if want := slices.Sorted(slices.Values(items)); !slices.Equal(got, want) {
			t.Fatalf("got %v, want %v", got, want)
		}
	})
}
