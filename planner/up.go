package planner

import (
	"fmt"
	"slices"

	"github.com/gocompose/gocompose/internal/dag"
	"github.com/gocompose/gocompose/internal/spec"
	"github.com/gocompose/gocompose/project"
)

// Up plans to make the host run what the project describes: images that are
// missing, networks, volumes, containers created, replaced, removed and
// started in the order of their dependencies.
//
// Impossible requests are errors; what the user should only know is a [Note].
func Up(p *project.Project, s State, o UpOptions) (*Plan, error) {
	if o.Command == "" {
		o.Command = "up"
	}
	u, order, err := newUp(p, s, o)
	if err != nil {
		return nil, err
	}
	if err := u.resources(order); err != nil {
		return nil, err
	}
	if err := u.bringUp(order); err != nil {
		return nil, err
	}
	return u.finish()
}

func newUp(p *project.Project, s State, o UpOptions) (*up, []project.Service, error) {
	order, err := serviceOrder(p)
	if err != nil {
		return nil, nil, err
	}
	return &up{
		builder:  newBuilder(o.Command, p, s),
		options:  o,
		pulls:    map[string]StepID{},
		built:    map[string][]StepID{},
		builders: map[string]bool{},
		networks: map[string]networkPlan{},
		volumes:  map[string]volumePlan{},
		services: map[string]*servicePlan{},
		provided: map[string]StepID{},
		models:   map[string]StepID{},
	}, order, nil
}

// resources plans what containers are made of and live on.
func (u *up) resources(order []project.Service) error {
	if err := u.images(); err != nil {
		return err
	}
	u.helpers(order)
	if err := u.planNetworks(); err != nil {
		return err
	}
	return u.planVolumes()
}

// bringUp plans the containers of the services, which stand in the order of
// their dependencies.
func (u *up) bringUp(order []project.Service) error {
	for _, service := range order {
		if err := u.converge(service); err != nil {
			return err
		}
	}
	u.interlock(order)
	if !u.options.NoStart {
		for _, service := range order {
			u.start(service)
		}
		u.waitUntilReady(order)
	}
	u.keepRest(order)
	u.orphans()
	u.removeSuperseded()
	return nil
}

// up is the state of one planning call.
type up struct {
	*builder
	options  UpOptions
	pulls    map[string]StepID   // by image key
	built    map[string][]StepID // by image key
	builders map[string]bool     // image references that some service builds
	networks map[string]networkPlan
	volumes  map[string]volumePlan
	services map[string]*servicePlan
	// alone is the service whose replicas are left alone, because a one-off
	// container of it is run.
	alone    string
	provided map[string]StepID // by service
	models   map[string]StepID // by key
}

// servicePlan is what was decided for one service.
type servicePlan struct {
	project.Service
	replicas []*replica
	// started are the starts of its containers; where there are none, those of
	// the services that it needs: order holds across it.
	started []StepID
}

// replica is one container of a service as it will be, and the steps that
// bring it there.
type replica struct {
	number   int
	name     string     // final name
	handle   Handle     // the container that will serve
	existing *Container // what is there now and is kept; nil for a new one
	old      *Container // what is there now and is replaced
	reason   Reason     // why it is not left alone
	detail   string     // why it is left alone though something differs
	oneOff   *OneOff    // nil for what is a replica indeed

	create StepID
	stop   StepID   // of the old container, or of one that is restarted
	ready  []StepID // what must be done before it can start
	start  StepID
	// started is the step after which it counts as started: its last post_start
	// command, or else its start.
	started StepID
	// stopFirst replicas cannot be created beside the old container, because
	// a network or volume of theirs is replaced under the same name.
	stopFirst bool
}

// disturbed tells whether the container goes away or stops in this plan.
func (r *replica) disturbed() bool { return r.old != nil || r.stop != "" }

// serviceOrder lists the services so that each follows what it needs.
func serviceOrder(p *project.Project) ([]project.Service, error) {
	var graph dag.Graph[string]
	for service := range p.Services() {
		graph.Add(service.Name)
		for _, edge := range p.Edges(service.Name) {
			graph.Need(service.Name, edge.To)
		}
	}
	names, err := graph.Order()
	if err != nil {
		return nil, fmt.Errorf("dependency %w", err)
	}
	services := make([]project.Service, 0, len(names))
	for _, name := range names {
		service, _ := p.Service(name)
		services = append(services, service)
	}
	return services, nil
}

// asked tells whether the service was asked for, rather than pulled in as a
// dependency.
func (u *up) asked(service string) bool {
	return len(u.options.Services) == 0 || slices.Contains(u.options.Services, service)
}

func (u *up) policy(service string) Recreate {
	if u.asked(service) {
		return u.options.Recreate
	}
	return u.options.RecreateDeps
}

// unsupported refuses what this engine cannot do, and notes what it will
// leave out.
func (u *up) unsupported(s project.Service) error {
	if err := spec.Unsupported(u.project, s, u.state.Features); err != nil {
		return fmt.Errorf("service %q: %w", s.Name, err)
	}
	for _, text := range spec.Notices(u.project, s, u.state.Features) {
		u.note(NoteUnsupported, Ref{Kind: KindService, Name: s.Name}, "service %q: %s", s.Name, text)
	}
	return nil
}
