package project

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"
	"pgregory.net/rapid"
)

// TestLayers draws graphs: either every edge goes to an earlier layer and all
// services are in one, or the circle that is reported is one.
func TestLayers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := New(drawGraph(t), nil)
		layers, err := p.Layers()
		var circle *CycleError
		if errors.As(err, &circle) {
			checkCircle(t, p, circle)
			return
		}
		place := map[string]int{}
		for i, layer := range layers {
			if !slices.IsSorted(layer) {
				t.Errorf("layer %v is not in name order", layer)
			}
			for _, name := range layer {
				place[name] = i
			}
		}
		for _, name := range p.ServiceNames() {
			if _, ok := place[name]; !ok {
				t.Errorf("%s is in no layer", name)
			}
			for _, edge := range p.Edges(name) {
				if place[edge.To] >= place[edge.From] {
					t.Errorf("%s is in layer %d, but needs %s of layer %d", edge.From, place[edge.From], edge.To, place[edge.To])
				}
			}
		}
	})
}

func drawGraph(t *rapid.T) *types.Project {
	n := rapid.IntRange(1, 8).Draw(t, "services")
	model := &types.Project{Name: "demo", Services: types.Services{}}
	for i := range n {
		service := types.ServiceConfig{}
		service.DependsOn = types.DependsOnConfig{}
		for range rapid.IntRange(0, 2).Draw(t, "edges") {
			to := rapid.IntRange(0, n-1).Draw(t, "to")
			service.DependsOn[fmt.Sprint("s", to)] = types.ServiceDependency{Condition: Started, Required: true}
		}
		model.Services[fmt.Sprint("s", i)] = service
	}
	return model
}

func checkCircle(t *rapid.T, p *Project, circle *CycleError) {
	for i, edge := range circle.Edges {
		next := circle.Edges[(i+1)%len(circle.Edges)]
		if edge.To != next.From {
			t.Errorf("%s -> %s is followed by %s", edge.From, edge.To, next.From)
		}
		if !slices.ContainsFunc(p.Edges(edge.From), func(e Edge) bool { return e.To == edge.To }) {
			t.Errorf("there is no edge %s -> %s", edge.From, edge.To)
		}
	}
}

// TestSelectClosure draws graphs and selects one service: all that it needs
// comes along, and nothing else.
func TestSelectClosure(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := New(drawGraph(t), nil)
		target := rapid.SampledFrom(p.ServiceNames()).Draw(t, "target")
		selected, err := p.Select([]string{target}, WithDependencies)
		if err != nil {
			t.Fatal(err)
		}
		reached := map[string]bool{}
		var reach func(string)
		reach = func(name string) {
			if reached[name] {
				return
			}
			reached[name] = true
			for to := range p.model.Services[name].DependsOn {
				reach(to)
			}
		}
		reach(target)
		for _, name := range p.ServiceNames() {
			if _, ok := selected.Service(name); ok != reached[name] {
				t.Errorf("%s selected: %t, needed: %t", name, ok, reached[name])
			}
			if !selected.Knows(name) {
				t.Errorf("%s is no longer known", name)
			}
		}
	})
}

// TestDenseDependencies loads layers that each need the whole layer before.
// The number of paths through them is beyond counting.
func TestDenseDependencies(t *testing.T) {
	model := &types.Project{Name: "demo", Services: types.Services{}}
	for layer := range 40 {
		for i := range 10 {
			service := types.ServiceConfig{ContainerSpec: types.ContainerSpec{Image: "x"}}
			service.DependsOn = types.DependsOnConfig{}
			for to := range 10 * min(layer, 1) {
				service.DependsOn[fmt.Sprintf("s%d-%d", layer-1, to)] = types.ServiceDependency{Condition: Started, Required: true}
			}
			model.Services[fmt.Sprintf("s%d-%d", layer, i)] = service
		}
	}
	p := New(model, nil)
	if ds := p.check(); len(ds) > 0 {
		t.Fatal(ds.Err())
	}
	layers, err := p.Layers()
	if err != nil || len(layers) != 40 {
		t.Fatalf("%d layers, %v", len(layers), err)
	}
}
