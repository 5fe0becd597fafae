package argv

import (
	"slices"
	"strings"
)

// didYouMean is a question that names the nearest of the names, or nothing.
func didYouMean(dashes, typed string, names []string) string {
	name := nearest(typed, names)
	if name == "" {
		return ""
	}
	return "did you mean " + dashes + name + "?"
}

// nearest finds the name that was probably meant: the shortest that starts with
// the three or more letters typed, else the one with the fewest edits, at most
// one for every three letters. Among equals the first in the alphabet wins.
func nearest(typed string, names []string) string {
	typed = strings.ToLower(typed)
	names = slices.Sorted(slices.Values(names))
	best := ""
	for _, name := range names {
		if len(typed) >= 3 && strings.HasPrefix(name, typed) && (best == "" || len(name) < len(best)) {
			best = name
		}
	}
	if best != "" {
		return best
	}
	bestCost := 1 + max(1, len(typed)/3)
	for _, name := range names {
		if cost := edits(typed, name); cost < bestCost {
			best, bestCost = name, cost
		}
	}
	return best
}

// edits counts the letters to insert, delete, replace or swap with their
// neighbour (optimal string alignment) to make one word of the other.
func edits(a, b string) int {
	previous2, previous := []int(nil), make([]int, len(b)+1)
	for j := range previous {
		previous[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row := make([]int, len(b)+1)
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(previous[j]+1, row[j-1]+1, previous[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], previous2[j-2]+1)
			}
		}
		previous2, previous = previous, row
	}
	return previous[len(b)]
}
