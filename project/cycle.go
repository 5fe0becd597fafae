package project

import (
	"fmt"
	"slices"
	"strings"
)

// CycleError says that services need each other in a circle.
type CycleError struct {
	Edges []Edge // each goes to where the next starts; the last to the first
}

// Error shows the circle as a path, in the words of docker compose.
func (e *CycleError) Error() string {
	var names []string
	for _, edge := range e.Edges {
		names = append(names, edge.From)
	}
	names = append(names, e.Edges[0].From)
	return "dependency cycle detected: " + strings.Join(names, " -> ")
}

// Layers puts the enabled services into layers, each needing only services of
// earlier ones. Services of a layer are in name order. The error is a
// [*CycleError].
func (p *Project) Layers() ([][]string, error) {
	waiting := map[string]int{}
	var layer []string
	for _, name := range p.ServiceNames() {
		if waiting[name] = len(p.Edges(name)); waiting[name] == 0 {
			layer = append(layer, name)
		}
	}
	var layers [][]string
	placed := 0
	for len(layer) > 0 {
		layers = append(layers, layer)
		placed += len(layer)
		var next []string
		for _, name := range layer {
			for _, edge := range p.Dependents(name) {
				if waiting[edge.From]--; waiting[edge.From] == 0 {
					next = append(next, edge.From)
				}
			}
		}
		slices.Sort(next)
		layer = next
	}
	if placed < len(waiting) {
		return nil, p.cycle(waiting)
	}
	return layers, nil
}

// cycle finds one circle among the services that still wait for others. Each
// of them has an edge to another that waits, so following those must come
// back to a service that was passed.
func (p *Project) cycle(waiting map[string]int) *CycleError {
	names := p.ServiceNames()
	at := names[slices.IndexFunc(names, func(name string) bool { return waiting[name] > 0 })]
	passed := map[string]int{}
	var edges []Edge
	for {
		if start, ok := passed[at]; ok {
			return &CycleError{Edges: rotated(edges[start:])}
		}
		passed[at] = len(edges)
		out := p.Edges(at)
		edge := out[slices.IndexFunc(out, func(e Edge) bool { return waiting[e.To] > 0 })]
		edges = append(edges, edge)
		at = edge.To
	}
}

// rotated starts the circle at the service whose name comes first.
func rotated(edges []Edge) []Edge {
	first := 0
	for i, edge := range edges {
		if edge.From < edges[first].From {
			first = i
		}
	}
	return slices.Concat(edges[first:], edges[:first])
}

// checkCycle reports a circle with each of its edges and where that stands.
func (p *Project) checkCycle() Diagnostics {
	_, err := p.Layers()
	if err == nil {
		return nil
	}
	circle, ok := err.(*CycleError) //nolint:errorlint // Layers returns no other
	if !ok {
		return Diagnostics{{Code: CodeCycle, Summary: err.Error()}}
	}
	var lines []string
	for _, edge := range circle.Edges {
		line := fmt.Sprintf("%s needs %s: %s", edge.From, edge.To, edge.Why[0])
		if pos, ok := p.sources.Position(edge.path()); ok {
			line += fmt.Sprintf(" (%s)", pos.relative())
		}
		lines = append(lines, line)
	}
	return Diagnostics{{
		Code:    CodeCycle,
		Path:    circle.Edges[0].path(),
		Summary: circle.Error(),
		Detail:  strings.Join(lines, "\n"),
		Hint:    "take one of these out",
	}}
}

// path is the place in the model that makes the edge.
func (e Edge) path() string {
	switch e.Why[0] {
	case SharesNetwork, SharesIPC, SharesPID:
		return dotted("services", e.From, e.Why[0].String())
	default:
		return dotted("services", e.From, e.Why[0].String(), e.To)
	}
}
