package planner

import (
	"slices"
	"strings"

	"github.com/gocompose/gocompose/project"
)

// Down plans to take the project off the host: containers in the reverse
// order of their dependencies, then networks, and volumes and images where
// they are asked for. What others still use is kept, with a note.
func Down(p *project.Project, s State, o DownOptions) (*Plan, error) {
	d := &down{
		builder: newBuilder("down", p, s),
		options: o,
		stops:   map[string][]StepID{},
		removes: map[string]StepID{},

		containers: map[string][]Container{},
	}
	for _, c := range s.Containers {
		d.containers[c.Service] = append(d.containers[c.Service], c)
	}
	order, err := serviceOrder(p)
	if err != nil {
		return nil, err
	}
	slices.Reverse(order)
	for _, service := range order {
		if len(o.Services) == 0 || slices.Contains(o.Services, service.Name) {
			d.service(service.Name)
			d.provider(service)
		}
	}
	d.orphans()
	d.networks()
	if o.Volumes {
		d.volumes()
	}
	if o.Images != "" {
		d.images(order)
	}
	if d.graph.Len() == 0 && len(d.plan.Notes) == 0 {
		d.note(NoteNothing, Ref{}, "No resource found to remove for project %q.", p.Name())
	}
	return d.finish()
}

type down struct {
	*builder
	options DownOptions
	stops   map[string][]StepID // by service
	removes map[string]StepID   // by container ID
	// containers are all of the state's by service, one-off ones included.
	containers map[string][]Container
}

// service stops and removes the containers of a service, one-off containers
// included, after those of the services that need it have stopped.
func (d *down) service(name string) {
	after := afterDependents(d.project, name, d.stops)
	for _, c := range d.containers[name] {
		d.container(c, Reason{Code: Requested}, after)
	}
	if len(d.stops[name]) == 0 {
		d.stops[name] = after // order holds across a service that does not run
	}
}

// provider has the provider of a service release what it holds, once no container
// of those that need it is left.
func (d *down) provider(s project.Service) {
	if s.Provider == nil {
		return
	}
	after := afterDependents(d.project, s.Name, d.stops)
	for _, edge := range d.project.Dependents(s.Name) {
		for _, c := range d.containers[edge.From] {
			after = append(after, d.removes[c.ID])
		}
	}
	d.stops[s.Name] = []StepID{d.add(Step{
		Op:     CallProvider{Service: s.Name, Provider: s.Provider.Type, Call: ProviderDown},
		Reason: Reason{Code: Requested},
	}, after...)}
}

func (d *down) container(c Container, reason Reason, after []StepID) {
	op := ContainerOp{Container: Handle{ID: c.ID}, Service: c.Service, Number: c.Number, Name: c.Name}
	if c.Running() {
		stop := d.stop(op, c.Phase, d.options.Timeout, reason, after...)
		d.stops[c.Service] = append(d.stops[c.Service], stop)
		after = []StepID{stop}
	}
	d.removes[c.ID] = d.add(Step{
		Op:     RemoveContainer{ContainerOp: op, Volumes: d.options.Volumes, Force: true},
		Reason: reason,
	}, after...)
}

func (d *down) orphans() {
	var names []string
	for _, c := range d.state.Containers {
		switch {
		case !isOrphan(d.project, c):
		case d.options.RemoveOrphans:
			d.container(c, Reason{Code: Orphan}, nil)
		default:
			names = append(names, c.Name)
		}
	}
	if len(names) > 0 && !d.options.IgnoreOrphans {
		d.noteOrphans(names)
	}
}

// networks removes the project's networks that no container of the project is
// left on. Down of single services removes none.
func (d *down) networks() {
	if len(d.options.Services) > 0 {
		return
	}
	for _, n := range d.state.Networks {
		if n.Project != d.project.Name() {
			continue
		}
		if config, ok := d.project.Network(n.Key); ok && bool(config.External) {
			continue
		}
		target := Ref{Kind: KindNetwork, Name: n.Key}
		after, stay := d.holders(func(c Container) bool { return c.on(n) })
		if len(stay) > 0 {
			d.note(NoteInUse, target, "network %s is kept: %s still on it", n.Name, isAre(stay))
			d.keep(Kept{Target: target, Name: n.Name, Detail: "still in use"})
			continue
		}
		d.add(Step{
			Op:     RemoveNetwork{Network: n.Key, Name: n.Name, ID: n.ID},
			Reason: Reason{Code: Requested}, BestEffort: true,
		}, after...)
	}
}

// on tells whether the container is on that network, by ID where the engine
// says it.
func (c Container) on(n Network) bool {
	a, ok := c.attachment(n.Name)
	return ok && (a.ID == "" || a.ID == n.ID)
}

// holders splits the containers that hold a thing into those that are removed
// (by their steps) and those that stay (by name).
func (d *down) holders(holds func(Container) bool) (after []StepID, stay []string) {
	for _, c := range d.state.Containers {
		if !holds(c) {
			continue
		}
		if remove, ok := d.removes[c.ID]; ok {
			after = append(after, remove)
		} else {
			stay = append(stay, c.Name)
		}
	}
	return after, stay
}

// volumes removes the named volumes that the files declare. Down of single
// services removes none, as in docker compose.
func (d *down) volumes() {
	if len(d.options.Services) > 0 {
		return
	}
	for _, v := range d.state.Volumes {
		config, declared := d.project.Volume(v.Key)
		if v.Project != d.project.Name() || bool(config.External) {
			continue
		}
		target := Ref{Kind: KindVolume, Name: v.Key}
		after, stay := d.holders(func(c Container) bool { return c.uses(v.Name) })
		switch {
		case !declared:
			d.note(NoteKeptChanged, target, "volume %s is kept: the files declare it for no service that is enabled", v.Name)
			d.keep(Kept{Target: target, Name: v.Name, Detail: "not declared for an enabled service"})
		case len(stay) > 0:
			d.note(NoteInUse, target, "volume %s is kept: %s still using it", v.Name, isAre(stay))
			d.keep(Kept{Target: target, Name: v.Name, Detail: "still in use"})
		default:
			d.add(Step{
				Op:     RemoveVolume{Volume: v.Key, Name: v.Name},
				Reason: Reason{Code: Requested}, Risk: DataLoss, BestEffort: true,
			}, after...)
		}
	}
}

// images removes the images of services and of their pre_start commands, after
// the containers made from them.
func (d *down) images(order []project.Service) {
	seen := map[string]bool{}
	for _, service := range order {
		for _, s := range service.Runners() {
			ref := s.ImageRef()
			image, present := d.state.Images[ImageKey(ref, s.Platform)]
			named := s.Image != "" && (service.Image != "" || ref != service.ImageRef())
			if !present || seen[ref] || d.options.Images == ImagesLocal && named {
				continue
			}
			seen[ref] = true
			after, _ := d.holders(func(c Container) bool { return c.ImageID == image.ID || c.Service == s.Name })
			d.add(Step{Op: RemoveImage{Image: tagged(ref)}, Reason: Reason{Code: Requested}, BestEffort: true}, after...)
		}
	}
}

// tagged completes a reference by the tag that it means.
func tagged(ref string) string {
	if strings.ContainsAny(ref[strings.LastIndexByte(ref, '/')+1:], ":@") {
		return ref
	}
	return ref + ":latest"
}

func isAre(names []string) string {
	if len(names) == 1 {
		return names[0] + " is"
	}
	return list(names) + " are"
}
