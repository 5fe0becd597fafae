package planner

import (
	"slices"
	"strings"
	"time"

	"github.com/compose-spec/compose-go/v2/types"

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
			r.stop = u.stop(r.op(s, r.handle, r.name), r.existing.Phase, u.options.Timeout, r.reason)
		}
		u.need(parent.stop, r.stop)
	}
}

// start plans the starts of a service's containers, each after what the
// service depends on has reached its condition.
func (u *up) start(s project.Service) {
	plan := u.services[s.Name]
	var starting []*replica
	for _, r := range plan.replicas {
		if r.existing != nil && r.existing.Running() && r.stop == "" {
			u.unpause(s, r)
		} else {
			starting = append(starting, r)
		}
	}
	if len(starting) > 0 {
		u.startAll(s, starting, len(starting) == len(plan.replicas))
	}
	plan.started = u.startedAfter(plan)
}

// startAll plans the starts of these containers, which may be the whole service,
// after its pre_start.
func (u *up) startAll(s project.Service, starting []*replica, whole bool) {
	before := u.conditions(s)
	for command := range s.PreStart { // it may be on networks and mount volumes of its own
		initializer := s.Initializer(command)
		before = slices.Concat(before, u.networksOf(initializer), u.volumesOf(initializer))
	}
	after := make([][]StepID, len(starting))
	ops := make([]ContainerOp, len(starting))
	for i, r := range starting {
		if r.reason.Code == "" {
			r.reason.Code = NotRunning
		}
		ops[i] = r.op(s, r.handle, r.name)
		after[i] = slices.Concat(r.ready, before)
		if r.existing != nil {
			after[i] = append(append(after[i], u.networksOf(s)...), r.stop)
		}
	}
	after = u.preStart(s, ops, whole, starting[0].reason, after)
	for i, r := range starting {
		r.start = u.add(Step{
			Op:     StartContainer{ContainerOp: ops[i], Serial: hasPortRange(s)},
			Reason: r.reason,
		}, after[i]...)
		r.started = u.postStart(ops[i], r.reason, r.start)
	}
}

// startedAfter lists the steps after which all is started that the service
// stands for.
func (u *up) startedAfter(plan *servicePlan) []StepID {
	var steps []StepID
	for _, r := range plan.replicas {
		if r.started != "" {
			steps = append(steps, r.started)
		}
	}
	if call := u.provided[plan.Name]; call != "" {
		steps = append(steps, call)
	}
	if len(steps) > 0 {
		return steps
	}
	for _, edge := range u.project.Edges(plan.Name) {
		steps = append(steps, u.services[edge.To].started...)
	}
	slices.Sort(steps)
	return slices.Compact(steps)
}

// networksOf are the steps that come before the service's networks can be used.
func (u *up) networksOf(s project.Service) []StepID {
	var steps []StepID
	for _, key := range networkKeys(s) {
		steps = append(steps, u.networks[key].create)
	}
	return steps
}

// volumesOf are the steps that come before the service's volumes can be mounted.
func (u *up) volumesOf(s project.Service) []StepID {
	var steps []StepID
	for _, mount := range s.Volumes {
		if mount.Type == types.VolumeTypeVolume {
			steps = append(steps, u.volumes[mount.Source].create)
		}
	}
	return steps
}

func (u *up) unpause(s project.Service, r *replica) {
	if r.existing.Phase == PausedNow {
		r.start = u.add(Step{
			Op:     UnpauseContainer{r.op(s, r.handle, r.name)},
			Reason: Reason{Code: Paused},
		}, r.ready...)
		r.started = r.start
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
		return target.started
	}
	if target.satisfies(condition) {
		return target.started
	}
	return []StepID{u.await(target, condition, !edge.Required)}
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
		// That one without a health check runs is not enough: it may have been
		// started this moment.
		return c.reached(ConditionHealthy) || c.reached(ConditionCompleted)
	default:
		return c.Running()
	}
}

// await waits for the containers of a service as they will be.
func (u *up) await(target *servicePlan, condition Condition, optional bool) StepID {
	op := Await{Service: target.Name, For: condition, Timeout: waitLimit(u.options.Wait, u.options.WaitTimeout), Optional: optional}
	var starts []StepID
	for _, r := range target.replicas {
		op.Containers = append(op.Containers, r.handle)
		op.Names = append(op.Names, r.name)
		starts = append(starts, r.started)
	}
	return u.wait(op, starts...)
}

// waitUntilReady plans the waits of --wait, for services that no other service
// waits for anyway.
func (u *up) waitUntilReady(order []project.Service) {
	if !u.options.Wait {
		return
	}
	for _, s := range order {
		plan := u.services[s.Name]
		if len(plan.replicas) > 0 && !u.awaited[s.Name] && !plan.satisfies(ConditionReady) {
			ready := u.await(plan, ConditionReady, false)
			u.need(ready, u.startsDespite(s)...)
		}
	}
}

// startsDespite are the starts of the services that go on though the service
// fails: they come before a wait that ends the run then.
func (u *up) startsDespite(s project.Service) []StepID {
	var steps []StepID
	for _, edge := range u.project.Dependents(s.Name) {
		if !edge.Required {
			steps = append(steps, u.services[edge.From].started...)
		}
	}
	return steps
}

// waitLimit is how long one wait may take: --wait-timeout also bounds the waits
// for dependencies.
func waitLimit(wait bool, timeout time.Duration) time.Duration {
	if !wait {
		return 0
	}
	return timeout
}
