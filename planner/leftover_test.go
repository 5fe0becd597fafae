package planner_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/gocompose/gocompose/planner"
)

// TestScaleDownOfAnInterruptedReplacement leaves neither the old container nor
// the one that was to take its place.
func TestScaleDownOfAnInterruptedReplacement(t *testing.T) {
	m := newModel()
	up := func(yaml string, steps int) {
		t.Helper()
		p := load(t, yaml)
		m.have(p)
		plan, err := planner.Up(p, m.snapshot(), planner.UpOptions{})
		if err != nil {
			t.Fatal(err)
		}
		m.applyFirst(t, p, plan, min(steps, len(plan.Steps)))
	}
	const all = 100
	up("services: {web: {image: web, scale: 2, environment: {A: one}}}", all)
	up("services: {web: {image: web, scale: 2, environment: {A: two}}}", 1)
	if n := len(m.state.Containers); n != 3 {
		t.Fatalf("%d containers after the interrupted run, want 3", n)
	}
	up("services: {web: {image: web, scale: 0, environment: {A: two}}}", all)
	for _, c := range m.state.Containers {
		t.Errorf("%s is left", c.Name)
	}
}

// TestOrderAcrossStoppedServicesIsCheap has many ways lead from the only
// service that runs to each of the others.
func TestOrderAcrossStoppedServicesIsCheap(t *testing.T) {
	const layers, width = 9, 6
	var yaml strings.Builder
	yaml.WriteString("services:\n  top: {image: a, depends_on: [s0x0, s0x1, s0x2, s0x3, s0x4, s0x5]}\n")
	for layer := range layers {
		for n := range width {
			fmt.Fprintf(&yaml, "  s%dx%d: {image: a", layer, n)
			if layer+1 < layers {
				yaml.WriteString(", depends_on: [")
				for below := range width {
					fmt.Fprintf(&yaml, "s%dx%d, ", layer+1, below)
				}
				yaml.WriteString("]")
			}
			yaml.WriteString("}\n")
		}
	}
	p := load(t, yaml.String())
	m := newModel()
	m.have(p)
	plan, err := planner.Up(p, m.snapshot(), planner.UpOptions{})
	if err != nil {
		t.Fatal(err)
	}
	m.apply(t, p, plan)
	for i, c := range m.state.Containers {
		if c.Service != "top" {
			m.state.Containers[i].Phase = planner.Exited
		}
	}
	s := m.snapshot()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := planner.Down(p, s, planner.DownOptions{}); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; used > 4<<20 {
		t.Errorf("planning took %d MiB", used>>20)
	}
}
