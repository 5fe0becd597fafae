package planner

import (
	"slices"

	"github.com/gocompose/gocompose/project"
)

// Start plans to start containers that exist, in the order of their
// dependencies and their conditions.
func Start(p *project.Project, s State, o VerbOptions) (*Plan, error) {
	v, err := newVerbs("start", p, s, o)
	if err != nil {
		return nil, err
	}
	for _, service := range v.order {
		if v.asked(service.Name) && service.Replicas() > 0 && service.Provider == nil {
			if err := v.start(service); err != nil {
				return nil, err
			}
		}
		v.pass(service.Name)
	}
	if o.Wait {
		v.waitUntilReady()
	}
	return v.finish()
}

func (v *verbs) start(s project.Service) error {
	containers := v.replicas[s.Name]
	if len(containers) == 0 {
		return &NoContainerError{Service: s.Name}
	}
	var starting []ContainerOp
	for _, c := range containers {
		if c.Running() {
			v.kept(c)
		} else {
			starting = append(starting, c.op())
		}
	}
	if len(starting) > 0 {
		v.startAll(s, starting, len(starting) == len(containers))
	}
	return nil
}

// startAll plans the starts of these containers, which may be the whole service,
// after its pre_start.
func (v *verbs) startAll(s project.Service, starting []ContainerOp, whole bool) {
	reason := Reason{Code: Requested}
	conditions := v.conditions(s)
	after := make([][]StepID, len(starting))
	for i := range after {
		after[i] = conditions
	}
	after = v.preStart(s, starting, whole, reason, after)
	for i, op := range starting {
		start := v.add(Step{
			Op:     StartContainer{ContainerOp: op, Serial: hasPortRange(s)},
			Reason: reason,
		}, after[i]...)
		v.did(s.Name, v.postStart(op, reason, start))
	}
}

// Restart plans to restart containers, running or not, in the order of their
// dependencies and their conditions. Containers that follow their dependency
// (depends_on … restart: true) are taken along unless NoDeps is set.
func Restart(p *project.Project, s State, o VerbOptions) (*Plan, error) {
	v, err := newVerbs("restart", p, s, o)
	if err != nil {
		return nil, err
	}
	follows := v.followers()
	for _, service := range v.order {
		if by, follow := follows[service.Name]; v.asked(service.Name) || follow {
			v.restart(service, by)
		}
		v.pass(service.Name)
	}
	return v.finish()
}

// restart restarts the containers of a service that was asked for, or those
// that run of one that follows another.
func (v *verbs) restart(s project.Service, follows string) {
	reason := Reason{Code: Requested}
	if !v.asked(s.Name) {
		reason = Reason{Code: DependencyRestarted, By: Ref{Kind: KindService, Name: follows}}
	}
	conditions := v.conditions(s)
	for _, c := range v.replicas[s.Name] {
		if v.asked(s.Name) || c.Running() {
			restart := v.add(Step{
				Op:     RestartContainer{ContainerOp: c.op(), Timeout: v.options.Timeout},
				Reason: reason, Risk: Downtime,
			}, v.preStop(c.op(), c.Phase, reason, conditions...)...)
			v.did(s.Name, v.postStart(c.op(), reason, restart))
		}
	}
}

// followers maps the services that are not asked for, but follow one that is,
// to the one that they follow.
func (v *verbs) followers() map[string]string {
	follows := map[string]string{}
	if v.options.NoDeps {
		return follows
	}
	for _, s := range v.order {
		for _, edge := range v.project.Edges(s.Name) {
			_, indirect := follows[edge.To]
			if edge.Restart && (v.asked(edge.To) || indirect) {
				follows[s.Name] = edge.To
				break
			}
		}
	}
	return follows
}

// pass notes what comes before a service in which nothing is done.
func (v *verbs) pass(service string) {
	if len(v.done[service]) > 0 {
		return
	}
	for _, edge := range v.project.Edges(service) {
		v.passed[service] = append(v.passed[service], slices.Concat(v.done[edge.To], v.passed[edge.To])...)
	}
	slices.Sort(v.passed[service])
	v.passed[service] = slices.Compact(v.passed[service])
}

func (v *verbs) did(service string, step StepID) { v.done[service] = append(v.done[service], step) }

// conditions are the steps that a service's containers start after: its
// dependencies' steps in this plan, and waits for them where a condition asks
// for more than a start and does not hold already.
func (v *verbs) conditions(s project.Service) []StepID {
	var steps []StepID
	for _, edge := range v.project.Edges(s.Name) {
		condition := Condition(edge.Condition)
		disturbed := v.done[edge.To]
		steps = append(steps, v.passed[edge.To]...)
		switch {
		case condition == ConditionStarted || condition == "":
			steps = append(steps, disturbed...)
		case len(disturbed) > 0 || !v.satisfied(edge.To, condition):
			steps = append(steps, v.await(edge.To, condition, !edge.Required, disturbed))
		}
	}
	return steps
}

// satisfied tells whether the condition held when the host was observed. A
// service without containers has nothing to wait for.
func (v *verbs) satisfied(service string, condition Condition) bool {
	for _, c := range v.replicas[service] {
		if !c.reached(condition) {
			return false
		}
	}
	return true
}

// await waits for the containers of a service as they are.
func (v *verbs) await(service string, condition Condition, optional bool, after []StepID) StepID {
	op := Await{
		Service: service, For: condition, Timeout: waitLimit(v.options.Wait, v.options.WaitTimeout), Optional: optional,
	}
	for _, c := range v.replicas[service] {
		op.Containers = append(op.Containers, Handle{ID: c.ID})
		op.Names = append(op.Names, c.Name)
	}
	return v.wait(op, after...)
}

// waitUntilReady plans the waits of --wait, as up does.
func (v *verbs) waitUntilReady() {
	for _, service := range v.order {
		name := service.Name
		if !v.asked(name) || service.Replicas() == 0 || v.awaited[name] {
			continue
		}
		if started := v.done[name]; len(started) > 0 || !v.satisfied(name, ConditionReady) {
			v.await(name, ConditionReady, false, append(v.startsDespite(name), started...))
		}
	}
}

// startsDespite are the starts of the services that go on though the service
// fails: they come before a wait that ends the run then.
func (v *verbs) startsDespite(service string) []StepID {
	var steps []StepID
	for _, edge := range v.project.Dependents(service) {
		if !edge.Required {
			steps = append(steps, v.done[edge.From]...)
		}
	}
	return steps
}
