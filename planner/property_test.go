package planner_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/gocompose/gocompose/internal/spec"
	"github.com/gocompose/gocompose/planner"
	"github.com/gocompose/gocompose/project"
)

// drawHost brings one random project up, on an old or a new engine, and
// disturbs what came of it.
func drawHost(t *rapid.T) *model {
	m := newModel()
	if rapid.Bool().Draw(t, "old engine") {
		m.state.Features = spec.FeaturesOf("1.41")
	}
	before := drawProject(t, "before ")
	m.have(before)
	plan := mustUp(t, before, m, planner.UpOptions{})
	cut := len(plan.Steps)
	if rapid.Bool().Draw(t, "cut off") {
		cut = rapid.IntRange(0, cut).Draw(t, "steps")
	}
	m.applyFirst(t, before, plan, cut)
	m.disturb(t)
	return m
}

// disturb does to some containers what users and crashes do.
func (m *model) disturb(t *rapid.T) {
	for i := range m.state.Containers {
		c := &m.state.Containers[i]
		switch rapid.IntRange(0, 7).Draw(t, "event "+c.Name) {
		case 0:
			c.Phase = planner.Exited
		case 1:
			c.Phase = planner.PausedNow
		case 2:
			c.Phase = planner.DeadNow
		case 3:
			c.Networks = nil
		case 4:
			c.Hash = "another"
		}
	}
}

func mustUp(t *rapid.T, p *project.Project, m *model, o planner.UpOptions) *planner.Plan {
	t.Helper()
	plan, err := planner.Up(p, m.snapshot(), o)
	var parent *planner.ParentMissingError
	if errors.As(err, &parent) {
		t.Skip("a namespace of a service without containers")
	}
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// outcome is the host in terms of the project: what does not differ between
// two runs that both succeeded.
func (m *model) outcome() string {
	var lines []string
	for _, c := range m.snapshot().Containers {
		var on []string
		for _, a := range c.Networks {
			on = append(on, a.Network)
		}
		lines = append(lines, fmt.Sprintf("container %s %s#%d %s %v", c.Name, c.Service, c.Number, c.Phase, on))
	}
	for _, n := range m.snapshot().Networks {
		lines = append(lines, "network "+n.Name+" "+n.Hash)
	}
	for _, v := range m.snapshot().Volumes {
		lines = append(lines, "volume "+v.Name+" "+v.Hash)
	}
	return strings.Join(lines, "\n")
}

// TestUpConverges: what up plans can be done in the planned order, and then
// there is nothing left to do.
func TestUpConverges(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := drawHost(t)
		p := drawProject(t, "after ")
		m.have(p)
		options := planner.UpOptions{ReplaceVolumes: rapid.Bool().Draw(t, "replace volumes"), RemoveOrphans: rapid.Bool().Draw(t, "remove orphans")}
		m.apply(t, p, mustUp(t, p, m, options))
		if again := mustUp(t, p, m, options); !again.Empty() {
			t.Fatalf("the second plan has steps: %v", again.Steps)
		}
	})
}

// TestEveryOrderWorks: the edges say all that there is to say about order, so
// that any order which respects them works.
func TestEveryOrderWorks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := drawHost(t)
		p := drawProject(t, "after ")
		m.have(p)
		options := planner.UpOptions{ReplaceVolumes: true, RemoveOrphans: true}
		plan := mustUp(t, p, m, options)
		shuffled := *plan
		shuffled.Steps = drawOrder(t, plan.Steps)
		m.apply(t, p, &shuffled)
		if again := mustUp(t, p, m, options); !again.Empty() {
			t.Fatalf("the second plan has steps: %v", again.Steps)
		}
	})
}

// drawOrder picks one of the orders that the edges allow.
func drawOrder(t *rapid.T, steps []planner.Step) []planner.Step {
	left := slices.Clone(steps)
	done := map[planner.StepID]bool{}
	var order []planner.Step
	for len(left) > 0 {
		var ready []int
		for i, step := range left {
			if !slices.ContainsFunc(step.After, func(id planner.StepID) bool { return !done[id] }) {
				ready = append(ready, i)
			}
		}
		i := rapid.SampledFrom(ready).Draw(t, "next step")
		done[left[i].ID] = true
		order = append(order, left[i])
		left = slices.Delete(left, i, i+1)
	}
	return order
}

// TestInterruptedUpConverges: an up that is cut off anywhere is finished by
// the next one, with the same outcome and no temporary name left.
func TestInterruptedUpConverges(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := drawHost(t)
		p := drawProject(t, "after ")
		m.have(p)
		options := planner.UpOptions{ReplaceVolumes: true, RemoveOrphans: true}
		plan := mustUp(t, p, m, options)
		undisturbed := m.clone()
		undisturbed.apply(t, p, plan)
		m.applyFirst(t, p, plan, rapid.IntRange(0, len(plan.Steps)).Draw(t, "cut"))
		m.apply(t, p, mustUp(t, p, m, options))
		if got, want := m.withoutNumbers(), undisturbed.withoutNumbers(); got != want {
			t.Fatalf("outcome differs:\n%s\nwant:\n%s", got, want)
		}
		for _, c := range m.state.Containers {
			if strings.Contains(c.Name, "_") {
				t.Fatalf("%s has a temporary name", c.Name)
			}
		}
	})
}

func (m *model) clone() *model {
	c := *m
	c.state = m.snapshot()
	return &c
}

// withoutNumbers counts containers instead of naming them: a replica that was
// made before the cut keeps its number, and one made after gets another.
func (m *model) withoutNumbers() string {
	lines := strings.FieldsFunc(m.outcome(), func(r rune) bool { return r == '\n' })
	for i, line := range lines {
		words := strings.Fields(line)
		if words[0] == "container" {
			service, _, _ := strings.Cut(words[2], "#")
			lines[i] = strings.Join(append([]string{words[0], service}, words[3:]...), " ")
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// TestUpIsCareful: no volume goes without consent, nothing is stopped before
// its replacement is there, and the inputs stay as they were.
func TestUpIsCareful(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := drawHost(t)
		p := drawProject(t, "after ")
		m.have(p)
		state := m.snapshot()
		before := fmt.Sprint(state)
		plan := mustUp(t, p, m, planner.UpOptions{})
		networkGoes := false
		for _, step := range plan.Steps {
			switch step.Op.(type) {
			case planner.RemoveVolume:
				t.Fatalf("%s without consent", step.ID)
			case planner.RemoveNetwork:
				networkGoes = true
			}
		}
		if !networkGoes {
			replacementsComeFirst(t, plan)
		}
		if again, err := planner.Up(p, state, planner.UpOptions{}); err != nil || fmt.Sprint(again) != fmt.Sprint(plan) {
			t.Fatal("two plans from the same inputs differ", err)
		}
		if after := fmt.Sprint(state); after != before {
			t.Fatal("planning changed its input")
		}
	})
}

func replacementsComeFirst(t *rapid.T, plan *planner.Plan) {
	created := map[string]bool{} // by the ID of the container that is replaced
	replaced := map[string]bool{}
	for _, step := range plan.Steps {
		if op, ok := step.Op.(planner.CreateContainer); ok && !op.Replaces.IsZero() {
			replaced[op.Replaces.ID] = true
		}
	}
	for _, step := range plan.Steps {
		switch op := step.Op.(type) {
		case planner.CreateContainer:
			created[op.Replaces.ID] = true
		case planner.StopContainer:
			if replaced[op.Container.ID] && !created[op.Container.ID] {
				t.Fatalf("%s comes before its replacement is created", step.ID)
			}
		}
	}
}

// TestDownLeavesNothing: after down -v --remove-orphans nothing of the project
// is left.
func TestDownLeavesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := drawHost(t)
		p := drawProject(t, "after ")
		plan, err := planner.Down(p, m.snapshot(), planner.DownOptions{Volumes: true, RemoveOrphans: true})
		if err != nil {
			t.Fatal(err)
		}
		plan.Steps = drawOrder(t, plan.Steps)
		m.apply(t, p, plan)
		if left := m.outcome(); left != "" {
			t.Fatalf("left over:\n%s", left)
		}
	})
}

// TestStopOrder: whatever order the edges of a stop allow, a container stops
// only after all that depend on it.
func TestStopOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := newModel()
		p := drawProject(t, "")
		m.have(p)
		m.apply(t, p, mustUp(t, p, m, planner.UpOptions{}))
		plan, err := planner.Stop(p, m.snapshot(), planner.VerbOptions{})
		if err != nil {
			t.Fatal(err)
		}
		position := map[string]int{}
		for i, step := range drawOrder(t, plan.Steps) {
			position[step.Op.Target().String()] = i
		}
		for _, step := range plan.Steps {
			for _, edge := range p.Dependents(step.Op.Target().Name) {
				for _, c := range m.state.ContainersOf(edge.From) {
					from := planner.Ref{Kind: planner.KindContainer, Name: c.Service, Index: c.Number}
					if position[from.String()] > position[step.Op.Target().String()] {
						t.Fatalf("%s stops before %s, which needs it", step.Op.Target(), from)
					}
				}
			}
		}
	})
}
