package planner

import (
	"github.com/gocompose/gocompose/project"
)

// RunOptions say how a service's one-off container is run.
type RunOptions struct {
	Service string
	Name    string // of the container
	OneOff  OneOff
	// Up is how the services are brought up that it needs. The pull policy and
	// what it says of orphans and volumes goes for the whole plan.
	Up UpOptions
}

// OneOff is what sets a one-off container apart from a replica.
type OneOff struct {
	Slug       string `json:"slug"`                 // 64 hexadecimal digits, its identity
	AutoRemove bool   `json:"autoRemove,omitempty"` // the engine removes it once it has ended
	UseAliases bool   `json:"useAliases,omitempty"` // it answers to the names of the service too
}

// Run plans a one-off container of a service: what it needs, as [Up] does, and
// after that the container. Replicas of the service are left alone. The project
// has the service as the container is to be, see [project.Project.WithOneOff].
func Run(p *project.Project, s State, o RunOptions) (*Plan, error) {
	target, ok := p.Service(o.Service)
	if !ok {
		return nil, &project.UnknownServiceError{Name: o.Service}
	}
	o.Up.Command, o.Up.Services = "run", []string{o.Service}
	u, order, err := newUp(p, s, o.Up)
	if err != nil {
		return nil, err
	}
	u.alone = o.Service
	u.services[o.Service] = &servicePlan{Service: target}
	needed := order[:0:0]
	for _, service := range order {
		if service.Name != o.Service {
			needed = append(needed, service)
		}
	}
	if err := u.resources(order); err != nil {
		return nil, err
	}
	if err := u.bringUp(needed); err != nil {
		return nil, err
	}
	if err := u.oneOff(target, o); err != nil {
		return nil, err
	}
	return u.finish()
}

// oneOff creates the container only once what it needs is ready: where that
// fails, no container is left behind.
func (u *up) oneOff(s project.Service, o RunOptions) error {
	if err := u.unsupported(s); err != nil {
		return err
	}
	if err := u.checkParents(s); err != nil {
		return err
	}
	r := &replica{name: o.Name, reason: Reason{Code: Requested}, oneOff: &o.OneOff}
	u.create(s, r, CreateContainer{Name: o.Name})
	u.need(r.create, u.conditions(s)...)
	r.ready = append(r.ready, r.create)
	u.prepare(s, r)
	u.add(Step{
		Op:     StartContainer{ContainerOp: r.op(s, r.handle, r.name), Serial: hasPortRange(s)},
		Reason: r.reason,
	}, r.ready...)
	return nil
}

// AboutOneOff tells whether a step of a plan of [Run] is about the container that
// is run, and not about one that it needs or that is in the way.
func (s Step) AboutOneOff() bool {
	switch op := s.Op.(type) {
	case CreateContainer:
		return op.OneOff != nil
	case StartContainer:
		return op.Number == 0
	default:
		c, ok := containerOp(op)
		return ok && c.Number == 0 && c.Container.Step != ""
	}
}

// Split parts the start of the one-off container from what a plan of [Run] does
// before, so that somebody can attach to the container in between. The second
// plan is the start of the container with that ID.
func (p *Plan) Split() (before *Plan, start func(id string) *Plan) {
	others := *p
	others.Steps = make([]Step, 0, len(p.Steps))
	var last Step
	var op StartContainer
	for _, step := range p.Steps {
		if starts, ok := step.Op.(StartContainer); ok && step.AboutOneOff() {
			last, op = step, starts
			continue
		}
		others.Steps = append(others.Steps, step)
	}
	return &others, func(id string) *Plan {
		op.Container = Handle{ID: id}
		return &Plan{Project: p.Project, Command: p.Command, Steps: []Step{{ID: last.ID, Op: op, Reason: last.Reason}}}
	}
}

// Abandon removes the one-off container with that ID, of a plan of [Run] that came
// to its creation and not to its start.
func (p *Plan) Abandon(id string) *Plan {
	for _, step := range p.Steps {
		if create, ok := step.Op.(CreateContainer); ok && create.OneOff != nil {
			op := RemoveContainer{ContainerOp: ContainerOp{
				Container: Handle{ID: id}, Service: create.Service, Name: create.Name,
			}, Force: true, Volumes: true}
			return &Plan{Project: p.Project, Command: p.Command, Steps: []Step{{ID: plainID(op), Op: op, Reason: step.Reason}}}
		}
	}
	return &Plan{Project: p.Project, Command: p.Command}
}
