package planner_test

import (
	"fmt"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/gocompose/gocompose/planner"
	"github.com/gocompose/gocompose/project"
)

// manyServices is a project of n services, each of which needs the one before
// it in its group of ten.
func manyServices(n int, value string) *project.Project {
	model := &types.Project{
		Name:     "bench",
		Services: types.Services{},
		Networks: types.Networks{"default": {Name: "bench_default"}},
	}
	for i := range n {
		name := fmt.Sprintf("s%05d", i)
		s := types.ServiceConfig{Name: name}
		s.Image = "image"
		s.Environment = types.MappingWithEquals{"A": &value, "B": &value, "C": &value}
		s.Networks = map[string]*types.ServiceNetworkConfig{"default": nil}
		s.Ports = []types.ServicePortConfig{{Target: 80, Protocol: "tcp", Mode: "ingress"}}
		if i%10 > 0 {
			s.DependsOn = types.DependsOnConfig{fmt.Sprintf("s%05d", i-1): {Condition: project.Healthy, Required: true}}
		}
		model.Services[name] = s
	}
	return project.New(model, nil)
}

// BenchmarkUp plans from memory: an empty host, one with nothing to do, and one
// where three variables of every service have changed.
func BenchmarkUp(b *testing.B) {
	for _, n := range []int{1000, 5000} {
		p := manyServices(n, "value")
		m := newModel()
		m.have(p)
		empty := m.snapshot()
		plan, err := planner.Up(p, empty, planner.UpOptions{})
		if err != nil {
			b.Fatal(err)
		}
		b.Run(fmt.Sprintf("create/%d", n), func(b *testing.B) { benchmarkUp(b, p, empty) })
		m.apply(b, p, plan)
		full := m.snapshot()
		for i := range full.Containers {
			full.Containers[i].Health = planner.Healthy
		}
		b.Run(fmt.Sprintf("nothing/%d", n), func(b *testing.B) { benchmarkUp(b, p, full) })
		changed := manyServices(n, "changed")
		b.Run(fmt.Sprintf("changed/%d", n), func(b *testing.B) { benchmarkUp(b, changed, full) })
	}
}

func benchmarkUp(b *testing.B, p *project.Project, s planner.State) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := planner.Up(p, s, planner.UpOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}
