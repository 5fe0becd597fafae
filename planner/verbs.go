package planner

import (
	"slices"

	"github.com/gocompose/gocompose/project"
)

// verbs is the state of planning a verb on containers that exist.
type verbs struct {
	*builder
	options VerbOptions
	order   []project.Service
	done    map[string][]StepID // the steps of each service
}

func newVerbs(command string, p *project.Project, s State, o VerbOptions) (*verbs, error) {
	order, err := serviceOrder(p)
	if err != nil {
		return nil, err
	}
	return &verbs{builder: newBuilder(command, p, s), options: o, order: order, done: map[string][]StepID{}}, nil
}

func (v *verbs) asked(service string) bool {
	return len(v.options.Services) == 0 || slices.Contains(v.options.Services, service)
}

// each visits the replicas of the services asked for.
func (v *verbs) each(visit func(Container)) {
	for _, s := range v.order {
		if !v.asked(s.Name) {
			continue
		}
		for _, c := range v.replicas[s.Name] {
			visit(c)
		}
	}
}

func (c Container) op() ContainerOp {
	return ContainerOp{Container: Handle{ID: c.ID}, Service: c.Service, Number: c.Number, Name: c.Name}
}

func (c Container) ref() Ref { return Ref{Kind: KindContainer, Name: c.Service, Index: c.Number} }

func (v *verbs) kept(c Container) { v.keep(Kept{Target: c.ref(), Name: c.Name, State: c.Phase}) }

// Stop plans to stop containers, each after those that depend on it.
func Stop(p *project.Project, s State, o VerbOptions) (*Plan, error) {
	v, err := newVerbs("stop", p, s, o)
	if err != nil {
		return nil, err
	}
	v.backwards(func(c Container, after []StepID) StepID {
		if !c.Running() {
			v.kept(c)
			return ""
		}
		return v.stop(c, after)
	})
	return v.finish()
}

func (v *verbs) stop(c Container, after []StepID) StepID {
	return v.add(Step{
		Op:     StopContainer{ContainerOp: c.op(), Timeout: v.options.Timeout},
		Reason: Reason{Code: Requested}, Risk: Downtime,
	}, after...)
}

// backwards visits the replicas of the services asked for, each service after
// those that need it. Visit gets the stops that come before the container's,
// and returns its own, if it has one. Order holds across a service in which
// nothing stops.
func (v *verbs) backwards(visit func(c Container, after []StepID) StepID) {
	for _, s := range slices.Backward(v.order) {
		after := afterDependents(v.project, s.Name, v.done)
		if v.asked(s.Name) {
			for _, c := range v.replicas[s.Name] {
				if stop := visit(c, after); stop != "" {
					v.did(s.Name, stop)
				}
			}
		}
		if len(v.done[s.Name]) == 0 {
			v.done[s.Name] = after
		}
	}
}

// afterDependents lists the stops of the services that need the service, each
// of them once: many ways may lead there.
func afterDependents(p *project.Project, service string, stops map[string][]StepID) []StepID {
	var after []StepID
	for _, edge := range p.Dependents(service) {
		after = append(after, stops[edge.From]...)
	}
	slices.Sort(after)
	return slices.Compact(after)
}

func (v *verbs) did(service string, step StepID) { v.done[service] = append(v.done[service], step) }

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
		by, follow := follows[service.Name]
		if !v.asked(service.Name) && !follow {
			continue
		}
		conditions := v.conditions(service)
		for _, c := range v.replicas[service.Name] {
			reason := Reason{Code: Requested}
			if !v.asked(service.Name) {
				if !c.Running() {
					continue
				}
				reason = Reason{Code: DependencyRestarted, By: Ref{Kind: KindService, Name: by}}
			}
			v.did(service.Name, v.add(Step{
				Op:     RestartContainer{ContainerOp: c.op(), Timeout: o.Timeout},
				Reason: reason, Risk: Downtime,
			}, conditions...))
		}
	}
	return v.finish()
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

// conditions are the steps that a service's containers start after: its
// dependencies' steps in this plan, and waits for them where a condition asks
// for more than a start and does not hold already.
func (v *verbs) conditions(s project.Service) []StepID {
	var steps []StepID
	for _, edge := range v.project.Edges(s.Name) {
		condition := Condition(edge.Condition)
		disturbed := v.done[edge.To]
		if condition == ConditionStarted || condition == "" {
			steps = append(steps, disturbed...)
			continue
		}
		if len(disturbed) == 0 && v.satisfied(edge.To, condition) {
			continue
		}
		steps = append(steps, v.await(edge.To, condition, !edge.Required, disturbed))
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

// await adds one wait for a service and condition, shared by all who need it.
func (v *verbs) await(service string, condition Condition, optional bool, after []StepID) StepID {
	op := Await{Service: service, For: condition, Optional: optional}
	reason := Reason{Code: Dependency}
	if condition == ConditionReady {
		op.Timeout = v.options.WaitTimeout
		reason.Code = Requested
	}
	id := StepID(op.Target().String() + ":" + string(VerbAwait) + qualifier(op))
	if _, ok := v.steps[id]; ok {
		return id
	}
	for _, c := range v.replicas[service] {
		op.Containers = append(op.Containers, Handle{ID: c.ID})
		op.Names = append(op.Names, c.Name)
	}
	return v.add(Step{Op: op, Reason: reason, BestEffort: optional}, after...)
}

// Kill plans to send a signal to running containers, all at once.
func Kill(p *project.Project, s State, o VerbOptions) (*Plan, error) {
	v, err := newVerbs("kill", p, s, o)
	if err != nil {
		return nil, err
	}
	kill := func(c Container, reason Reason) {
		if c.Running() {
			v.add(Step{Op: KillContainer{ContainerOp: c.op(), Signal: o.Signal}, Reason: reason, Risk: Downtime})
		}
	}
	v.each(func(c Container) { kill(c, Reason{Code: Requested}) })
	for _, c := range s.Containers {
		if o.Orphans && isOrphan(p, c) {
			kill(c, Reason{Code: Orphan})
		}
	}
	if v.graph.Len() == 0 {
		v.note(NoteNothing, Ref{}, "no container to kill")
	}
	return v.finish()
}

// Pause plans to freeze running containers.
func Pause(p *project.Project, s State, o VerbOptions) (*Plan, error) {
	return onPhase("pause", p, s, o, Running, func(c ContainerOp) Op { return PauseContainer{c} })
}

// Unpause plans to thaw paused containers.
func Unpause(p *project.Project, s State, o VerbOptions) (*Plan, error) {
	return onPhase("unpause", p, s, o, PausedNow, func(c ContainerOp) Op { return UnpauseContainer{c} })
}

func onPhase(command string, p *project.Project, s State, o VerbOptions, phase Phase, op func(ContainerOp) Op) (*Plan, error) {
	v, err := newVerbs(command, p, s, o)
	if err != nil {
		return nil, err
	}
	v.each(func(c Container) {
		if c.Phase != phase {
			v.kept(c)
			return
		}
		v.add(Step{Op: op(c.op()), Reason: Reason{Code: Requested}})
	})
	return v.finish()
}

// Remove plans to remove stopped containers; with Stop, those that run too.
func Remove(p *project.Project, s State, o VerbOptions) (*Plan, error) {
	v, err := newVerbs("rm", p, s, o)
	if err != nil {
		return nil, err
	}
	v.backwards(func(c Container, after []StepID) (stop StepID) {
		switch {
		case c.Running() && !o.Stop:
			v.kept(c)
			return ""
		case c.Running():
			stop = v.stop(c, after)
		}
		v.add(Step{
			Op:     RemoveContainer{ContainerOp: c.op(), Volumes: o.Volumes, Force: true},
			Reason: Reason{Code: Requested},
		}, stop)
		return stop
	})
	if v.graph.Len() == 0 {
		v.note(NoteNothing, Ref{}, "No stopped containers")
	}
	return v.finish()
}

// Start plans to start containers that exist, in the order of their
// dependencies and their conditions.
func Start(p *project.Project, s State, o VerbOptions) (*Plan, error) {
	v, err := newVerbs("start", p, s, o)
	if err != nil {
		return nil, err
	}
	for _, service := range v.order {
		if !v.asked(service.Name) || service.Replicas() == 0 {
			continue
		}
		containers := v.replicas[service.Name]
		if len(containers) == 0 {
			return nil, &NoContainerError{Service: service.Name}
		}
		conditions := v.conditions(service)
		for _, c := range containers {
			if c.Running() {
				v.kept(c)
				continue
			}
			v.did(service.Name, v.add(Step{
				Op:     StartContainer{ContainerOp: c.op(), Serial: hasPortRange(service)},
				Reason: Reason{Code: Requested},
			}, conditions...))
		}
		if o.Wait {
			v.await(service.Name, ConditionReady, false, v.done[service.Name])
		}
	}
	return v.finish()
}
