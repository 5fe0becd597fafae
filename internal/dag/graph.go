// Package dag is a small ordered graph and the one bounded walk over it.
//
// Nodes are compared, so that every result comes in one order: two graphs
// with the same nodes and edges give the same answers, whatever the order of
// insertion. The package knows nothing of containers.
package dag

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Graph is a directed graph. The zero Graph is empty and ready to use.
type Graph[K cmp.Ordered] struct {
	needs map[K]map[K]struct{} // node -> what must come before it
}

// Add adds a node; adding it twice changes nothing.
func (g *Graph[K]) Add(node K) {
	if g.needs == nil {
		g.needs = map[K]map[K]struct{}{}
	}
	if g.needs[node] == nil {
		g.needs[node] = map[K]struct{}{}
	}
}

// Need says that node comes after before; both are added where they are new.
func (g *Graph[K]) Need(node, before K) {
	g.Add(node)
	g.Add(before)
	g.needs[node][before] = struct{}{}
}

// Has tells whether the node was added.
func (g *Graph[K]) Has(node K) bool {
	_, ok := g.needs[node]
	return ok
}

// Len is the number of nodes.
func (g *Graph[K]) Len() int { return len(g.needs) }

// Needs lists what the node comes directly after, in order.
func (g *Graph[K]) Needs(node K) []K { return keys(g.needs[node]) }

// CycleError reports a cycle by its path: the first node is also the last.
type CycleError[K cmp.Ordered] struct{ Path []K }

// Error prints the path as a -> b -> a.
func (e *CycleError[K]) Error() string {
	parts := make([]string, len(e.Path))
	for i, node := range e.Path {
		parts[i] = fmt.Sprint(node)
	}
	return "cycle: " + strings.Join(parts, " -> ")
}

// Order lists all nodes so that each stands after those it needs, and the
// smallest of those that are ready comes first. A cycle is a *CycleError.
func (g *Graph[K]) Order() ([]K, error) {
	waiting := make(map[K]int, len(g.needs))
	dependents := make(map[K][]K, len(g.needs))
	ready := &heap[K]{}
	for node, needs := range g.needs {
		waiting[node] = len(needs)
		if len(needs) == 0 {
			ready.push(node)
		}
		for need := range needs {
			dependents[need] = append(dependents[need], node)
		}
	}
	order := make([]K, 0, len(g.needs))
	for ready.len() > 0 {
		node := ready.pop()
		order = append(order, node)
		for _, dependent := range dependents[node] {
			if waiting[dependent]--; waiting[dependent] == 0 {
				ready.push(dependent)
			}
		}
	}
	if len(order) < len(g.needs) {
		return nil, &CycleError[K]{Path: g.cycle(waiting)}
	}
	return order, nil
}

// cycle finds one cycle among the nodes that Order could not place: each of
// them needs another one of them, so following the smallest need must return.
func (g *Graph[K]) cycle(waiting map[K]int) []K {
	var stuck []K
	for node, n := range waiting {
		if n > 0 {
			stuck = append(stuck, node)
		}
	}
	node := slices.Min(stuck)
	var path []K
	for !slices.Contains(path, node) {
		path = append(path, node)
		for _, need := range g.Needs(node) {
			if waiting[need] > 0 {
				node = need
				break
			}
		}
	}
	path = path[slices.Index(path, node):]
	smallest := slices.Index(path, slices.Min(path))
	path = slices.Concat(path[smallest:], path[:smallest])
	return append(path, path[0])
}

func keys[K cmp.Ordered](set map[K]struct{}) []K {
	list := make([]K, 0, len(set))
	for key := range set {
		list = append(list, key)
	}
	slices.Sort(list)
	return list
}
