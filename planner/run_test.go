package planner_test

import (
	"testing"

	"github.com/gocompose/gocompose/planner"
	"github.com/gocompose/gocompose/project"
)

// The start of the one-off container need not be the last step of its plan.
func TestSplitFindsTheOneOffContainer(t *testing.T) {
	const files = `services: {web: {image: web}, sidecar: {image: sidecar, network_mode: "service:vpn"}, vpn: {image: vpn}}`
	m := newModel()
	p := load(t, files)
	m.have(p)
	up, err := planner.Up(p, m.snapshot(), planner.UpOptions{})
	if err != nil {
		t.Fatal(err)
	}
	m.apply(t, p, up)
	p, err = p.WithOneOff("sidecar", project.OneOff{Name: "once"})
	if err != nil {
		t.Fatal(err)
	}
	plan, err := planner.Run(p, m.snapshot(), planner.RunOptions{
		Service: "sidecar", Name: "once", OneOff: planner.OneOff{Slug: "slug"}, Up: planner.UpOptions{Recreate: planner.RecreateForce, RecreateDeps: planner.RecreateForce},
	})
	if err != nil {
		t.Fatal(err)
	}
	before, start := plan.Split()
	if len(before.Steps) != len(plan.Steps)-1 || plan.Steps[len(plan.Steps)-1].AboutOneOff() {
		t.Error("the plan does not test what it is to test")
	}
	for _, step := range before.Steps {
		if _, starts := step.Op.(planner.StartContainer); starts && step.AboutOneOff() {
			t.Errorf("%s is before the start", step.ID)
		}
	}
	steps := start("id").Steps
	if len(steps) != 1 || steps[0].Name() != "once" || len(steps[0].After) != 0 {
		t.Errorf("the start is %+v", steps)
	}
	m.apply(t, p, before)
	for _, c := range m.state.Containers {
		if c.Name == "once" {
			m.apply(t, p, start(c.ID))
			return
		}
	}
	t.Error("there is no container")
}
