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
	// passed are, of a service in which nothing is done, the steps of those that
	// it needs: order holds across it.
	passed map[string][]StepID
}

func newVerbs(command string, p *project.Project, s State, o VerbOptions) (*verbs, error) {
	order, err := serviceOrder(p)
	if err != nil {
		return nil, err
	}
	return &verbs{
		builder: newBuilder(command, p, s), options: o, order: order,
		done: map[string][]StepID{}, passed: map[string][]StepID{},
	}, nil
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
		return v.stopAsked(c, after)
	}, v.stopProvider)
	return v.finish()
}

// stopProvider plans to have the provider of a service stop what it provides,
// where it can. That it cannot keeps nothing from being stopped.
func (v *verbs) stopProvider(s project.Service, after []StepID) {
	v.did(s.Name, v.add(Step{
		Op:     CallProvider{Service: s.Name, Provider: s.Provider.Type, Call: ProviderStop},
		Reason: Reason{Code: Requested}, BestEffort: true,
	}, after...))
}

func (v *verbs) stopAsked(c Container, after []StepID) StepID {
	return v.stop(c.op(), c.Phase, v.options.Timeout, Reason{Code: Requested}, after...)
}

// backwards visits the replicas of the services asked for, each service after
// those that need it. Visit gets the stops that come before the container's,
// and returns its own, if it has one; provided, if it is not nil, gets those
// before a provider's. Order holds across a service in which nothing stops.
func (v *verbs) backwards(visit func(c Container, after []StepID) StepID, provided func(s project.Service, after []StepID)) {
	for _, s := range slices.Backward(v.order) {
		after := afterDependents(v.project, s.Name, v.done)
		if v.asked(s.Name) {
			for _, c := range v.replicas[s.Name] {
				if stop := visit(c, after); stop != "" {
					v.did(s.Name, stop)
				}
			}
			if s.Provider != nil && provided != nil {
				provided(s, after)
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
			stop = v.stopAsked(c, after)
		}
		v.add(Step{
			Op:     RemoveContainer{ContainerOp: c.op(), Volumes: o.Volumes, Force: true},
			Reason: Reason{Code: Requested},
		}, stop)
		return stop
	}, nil)
	if v.graph.Len() == 0 {
		v.note(NoteNothing, Ref{}, "No stopped containers")
	}
	return v.finish()
}
