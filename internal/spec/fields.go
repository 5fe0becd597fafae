package spec

import (
	"maps"
	"slices"
)

// Fields are the configuration of a container as people think of it: a path in
// Compose terms, such as environment.LANG or ports.80/tcp, to a printable
// value in a normal form.
type Fields map[string]string

// Change is one field that differs.
type Change struct {
	Path     string
	Old, New string // empty where it is not set
}

// Diff lists the fields that differ, in path order.
func Diff(before, after Fields) []Change {
	var changes []Change
	for _, path := range union(before, after) {
		if before[path] != after[path] {
			changes = append(changes, Change{Path: path, Old: before[path], New: after[path]})
		}
	}
	return changes
}

// union lists the keys of both, sorted.
func union(a, b map[string]string) []string {
	paths := slices.AppendSeq(make([]string, 0, len(a)+len(b)), maps.Keys(a))
	paths = slices.AppendSeq(paths, maps.Keys(b))
	slices.Sort(paths)
	return slices.Compact(paths)
}
