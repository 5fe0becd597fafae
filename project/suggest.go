package project

import (
	"fmt"
	"slices"
)

// suggest is the hint that names the candidate nearest to what was written,
// or empty where none is near.
func suggest(written string, candidates []string) string {
	best, distance := "", 0
	for _, candidate := range slices.Sorted(slices.Values(candidates)) {
		d := editDistance(written, candidate)
		if candidate == written || d > tolerance(written) {
			continue
		}
		if best == "" || d < distance {
			best, distance = candidate, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("did you mean %q?", best)
}

// tolerance is how many edits still make a likely slip: one in a short word,
// up to three in a long one.
func tolerance(word string) int {
	return min(3, 1+len(word)/4)
}

// maxSuggestLength bounds the work on hostile input: no real key is longer.
const maxSuggestLength = 64

// editDistance counts insertions, deletions, substitutions and swaps of
// neighbours (Damerau-Levenshtein, optimal string alignment).
func editDistance(a, b string) int {
	if len(a) > maxSuggestLength || len(b) > maxSuggestLength {
		return maxSuggestLength
	}
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range len(a) {
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			row[j+1] = min(last[j+1]+1, row[j]+1, last[j]+cost)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
