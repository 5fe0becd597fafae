package planner

import (
	"slices"
	"strings"
	"time"

	"github.com/gocompose/gocompose/project"
)

// interlock orders services that must not outlive each other: what shares a
// container's namespaces, or is to be restarted with it, stops before it
// stops. A container that is only restarted gets its stop step here.
func (u *up) interlock(order []project.Service) {
	for _, s := range order {
		for _, edge := range u.project.Edges(s.Name) {
			if !edge.Restart && !edge.Shares() {
				continue
			}
			for _, parent := range u.services[edge.To].replicas {
				if parent.disturbed() {
					u.stopBefore(s, edge, parent)
				}
			}
		}
	}
}

func (u *up) stopBefore(s project.Service, edge project.Edge, parent *replica) {
	for _, r := range u.services[s.Name].replicas {
		if r.stop == "" && edge.Restart && r.existing != nil && r.existing.Running() {
			r.reason = Reason{Code: DependencyRestarted, By: Ref{Kind: KindContainer, Name: edge.To, Index: parent.number}}
			r.stop = u.add(Step{
				Op:     StopContainer{ContainerOp: r.op(s, r.handle, r.name), Timeout: u.options.Timeout},
				Reason: r.reason, Risk: Downtime,
			})
		}
		u.need(parent.stop, r.stop)
	}
}

// start plans the starts of a service's containers, each after what the
// service depends on has reached its condition.
func (u *up) start(s project.Service) {
	var conditions []StepID
	waited := false
	for _, r := range u.services[s.Name].replicas {
		if r.existing != nil && r.existing.Running() && r.stop == "" {
			u.unpause(s, r)
			continue
		}
		if !waited {
			conditions, waited = u.conditions(s), true
		}
		reason := r.reason
		if reason.Code == "" {
			reason.Code = NotRunning
		}
		r.start = u.add(Step{
			Op:     StartContainer{ContainerOp: r.op(s, r.handle, r.name), Serial: hasPortRange(s)},
			Reason: reason,
		}, slices.Concat(r.ready, conditions)...)
		if r.existing != nil {
			u.need(r.start, r.stop)
		}
	}
}

func (u *up) unpause(s project.Service, r *replica) {
	if r.existing.Phase == PausedNow {
		r.start = u.add(Step{
			Op:     UnpauseContainer{r.op(s, r.handle, r.name)},
			Reason: Reason{Code: Paused},
		}, r.ready...)
	}
}

// hasPortRange tells whether the engine picks host ports out of a range,
// which it does not do safely for several containers at once.
func hasPortRange(s project.Service) bool {
	for _, port := range s.Ports {
		if strings.Contains(port.Published, "-") {
			return true
		}
	}
	return false
}

// conditions are the steps that a start of the service comes after.
func (u *up) conditions(s project.Service) []StepID {
	var steps []StepID
	for _, edge := range u.project.Edges(s.Name) {
		steps = append(steps, u.condition(edge)...)
	}
	return steps
}

func (u *up) condition(edge project.Edge) []StepID {
	target := u.services[edge.To]
	condition := Condition(edge.Condition)
	if condition == ConditionStarted || condition == "" {
		var starts []StepID
		for _, r := range target.replicas {
			starts = append(starts, r.start)
		}
		return starts
	}
	if target.satisfies(condition) {
		return nil
	}
	return []StepID{u.await(target, condition, 0, !edge.Required)}
}

// satisfies tells whether the condition held when the host was observed, and
// nothing in this plan changes that.
func (p *servicePlan) satisfies(condition Condition) bool {
	for _, r := range p.replicas {
		if r.existing == nil || r.start != "" || r.stop != "" || !r.existing.reached(condition) {
			return false
		}
	}
	return true
}

// reached tells whether the container is in the condition as observed.
func (c Container) reached(condition Condition) bool {
	switch condition {
	case ConditionHealthy:
		return c.Phase == Running && c.Health == Healthy
	case ConditionCompleted:
		return c.Phase == Exited && c.ExitCode == 0
	case ConditionReady:
		return c.Phase == Running && (c.Health == Healthy || c.Health == NoHealth)
	default:
		return c.Running()
	}
}

// await adds one wait for a service and condition, shared by all who need it.
func (u *up) await(target *servicePlan, condition Condition, timeout time.Duration, optional bool) StepID {
	waits := target.awaits
	if optional {
		waits = target.optional
	}
	if id, ok := waits[condition]; ok {
		return id
	}
	op := Await{Service: target.Name, For: condition, Timeout: timeout, Optional: optional}
	var starts []StepID
	for _, r := range target.replicas {
		op.Containers = append(op.Containers, r.handle)
		op.Names = append(op.Names, r.name)
		starts = append(starts, r.start)
	}
	reason := Reason{Code: Dependency}
	if condition == ConditionReady {
		reason.Code = Requested
	}
	id := u.add(Step{Op: op, Reason: reason, BestEffort: optional}, starts...)
	waits[condition] = id
	return id
}

// waitUntilReady plans the waits of --wait.
func (u *up) waitUntilReady(order []project.Service) {
	if !u.options.Wait {
		return
	}
	for _, s := range order {
		plan := u.services[s.Name]
		if len(plan.replicas) > 0 && !plan.satisfies(ConditionReady) {
			u.await(plan, ConditionReady, u.options.WaitTimeout, false)
		}
	}
}
