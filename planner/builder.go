package planner

import (
	"fmt"
	"strconv"

	"github.com/gocompose/gocompose/internal/dag"
	"github.com/gocompose/gocompose/project"
)

// builder collects the parts of a plan. It belongs to one planning call.
type builder struct {
	project *project.Project
	state   State
	graph   dag.Graph[StepID]
	steps   map[StepID]*Step
	plan    *Plan
	// replicas are the state's containers by service. One-off containers and
	// helpers of hooks, which have no number, are left out.
	replicas map[string][]Container
	awaited  map[string]bool // services whose failure ends the run, by some wait
}

func newBuilder(command string, p *project.Project, s State) *builder {
	b := &builder{
		project:  p,
		state:    s,
		steps:    map[StepID]*Step{},
		plan:     &Plan{Project: p.Name(), Command: command},
		replicas: map[string][]Container{},
		awaited:  map[string]bool{},
	}
	for _, c := range s.Containers {
		if !c.OneOff && c.Number > 0 {
			b.replicas[c.Service] = append(b.replicas[c.Service], c)
		}
	}
	return b
}

// add puts a step into the plan and returns its ID. Empty IDs in after are
// passed over, so that callers can name steps that may not exist.
func (b *builder) add(step Step, after ...StepID) StepID {
	step.ID = b.freshID(step.Op)
	b.steps[step.ID] = &step
	b.graph.Add(step.ID)
	b.need(step.ID, after...)
	return step.ID
}

// need orders step after the others; empty IDs are passed over.
func (b *builder) need(step StepID, after ...StepID) {
	for _, before := range after {
		if step != "" && before != "" && before != step {
			b.graph.Need(step, before)
		}
	}
}

// wait adds a wait for a service and condition, or finds the one that there is:
// all who need it share it.
func (b *builder) wait(op Await, after ...StepID) StepID {
	id := plainID(op)
	if _, known := b.steps[id]; known {
		return id
	}
	if !op.Optional {
		b.awaited[op.Service] = true
	}
	reason := Reason{Code: Dependency}
	if op.For == ConditionReady {
		reason.Code = Requested
	}
	return b.add(Step{Op: op, Reason: reason, BestEffort: op.Optional}, after...)
}

// plainID is TARGET:VERB.
func plainID(op Op) StepID {
	return StepID(op.Target().String() + ":" + string(op.Verb()) + qualifier(op))
}

// freshID makes TARGET:VERB unique where one target is, say, removed twice:
// several containers can claim the same number after an interrupted run.
func (b *builder) freshID(op Op) StepID {
	id := plainID(op)
	if _, taken := b.steps[id]; !taken {
		return id
	}
	for n := 2; ; n++ {
		next := StepID(fmt.Sprintf("%s~%d", id, n))
		if _, taken := b.steps[next]; !taken {
			return next
		}
	}
}

// qualifier tells apart operations of one verb on one target.
func qualifier(op Op) string {
	switch op := op.(type) {
	case ConnectNetwork:
		return ":" + op.Network
	case DisconnectNetwork:
		return ":" + op.Network
	case RunHook:
		return ":" + string(op.Hook) + ":" + strconv.Itoa(op.Place)
	case Await:
		if op.Optional {
			return ":" + string(op.For) + ":optional"
		}
		return ":" + string(op.For)
	default:
		return ""
	}
}

func (b *builder) keep(k Kept) { b.plan.Kept = append(b.plan.Kept, k) }

func (b *builder) note(code NoteCode, target Ref, format string, args ...any) {
	b.plan.Notes = append(b.plan.Notes, Note{Code: code, Target: target, Text: fmt.Sprintf(format, args...)})
}

// finish orders the steps. A cycle can only come from services that need each
// other, which the caller was to rule out; it is reported, never followed.
func (b *builder) finish() (*Plan, error) {
	order, err := b.graph.Order()
	if err != nil {
		return nil, fmt.Errorf("planning %s of project %s: %w", b.plan.Command, b.plan.Project, err)
	}
	b.plan.Steps = make([]Step, 0, len(order))
	for _, id := range order {
		step := b.steps[id]
		step.After = b.graph.Needs(id)
		b.plan.Steps = append(b.plan.Steps, *step)
	}
	return b.plan, nil
}
