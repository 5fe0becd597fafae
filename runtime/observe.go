package runtime

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"
	"github.com/docker/docker/api/types/network"
	"github.com/docker/docker/api/types/volume"
	"golang.org/x/sync/errgroup"

	"github.com/gocompose/gocompose/internal/engine"
	"github.com/gocompose/gocompose/planner"
	"github.com/gocompose/gocompose/project"
)

// observer reads the host. It belongs to one call; each of its reads fills
// parts of the state that no other touches.
type observer struct {
	engine *engine.Client
	name   string           // of the project
	model  *project.Project // nil where there are no files
	state  planner.State
}

// Observe reads what is on the host of the project: its containers, the
// networks, volumes and images that it made or uses. It takes three list
// requests and one look-up per distinct image, one more list where volumes are
// used that the project did not make, and an inspect for each thing that a
// plan needs to know more about.
func Observe(ctx context.Context, e *engine.Client, p *project.Project) (planner.State, error) {
	o := observer{engine: e, name: p.Name(), model: p}
	group, groupCtx := errgroup.WithContext(ctx)
	group.Go(func() error { return o.containers(groupCtx) })
	group.Go(func() error { return o.networks(groupCtx) })
	group.Go(func() error { return o.volumes(groupCtx) })
	group.Go(func() error { return o.images(groupCtx) })
	if err := group.Wait(); err != nil {
		return planner.State{}, err
	}
	o.finish()
	if err := o.sameImages(ctx); err != nil {
		return planner.State{}, err
	}
	if err := o.closer(ctx); err != nil {
		return planner.State{}, err
	}
	return o.state, nil
}

// ObserveProject reads what is on the host under a project's name, where there
// are no files. It takes three requests. See [ProjectFromState].
func ObserveProject(ctx context.Context, e *engine.Client, name string) (planner.State, error) {
	o := observer{engine: e, name: name}
	group, groupCtx := errgroup.WithContext(ctx)
	group.Go(func() error { return o.containers(groupCtx) })
	group.Go(func() error { return o.networks(groupCtx) })
	group.Go(func() error { return o.volumes(groupCtx) })
	if err := group.Wait(); err != nil {
		return planner.State{}, err
	}
	o.state.Images = map[string]planner.Image{}
	for _, c := range o.state.Containers {
		o.state.Images[c.ImageRef] = planner.Image{ID: c.ImageID}
	}
	o.finish()
	return o.state, nil
}

func (o *observer) finish() {
	o.state.Now = time.Now()
	o.state.Features = o.engine.Features()
}

// ours selects what carries the project's label.
func (o *observer) ours() filters.Args {
	return filters.NewArgs(filters.Arg("label", project.LabelProject+"="+o.name))
}

func (o *observer) containers(ctx context.Context) error {
	list, err := o.engine.API().ContainerList(ctx, container.ListOptions{All: true, Filters: o.ours()})
	if err != nil {
		return engine.Classify(err)
	}
	for _, c := range list {
		o.state.Containers = append(o.state.Containers, containerOf(c))
	}
	slices.SortFunc(o.state.Containers, func(a, b planner.Container) int { return compareNames(a.Name, a.ID, b.Name, b.ID) })
	return nil
}

// networks lists all networks of the host: those that the project uses under
// a name of somebody else's carry no label to select them by.
func (o *observer) networks(ctx context.Context) error {
	var options network.ListOptions
	wanted := map[string]bool{}
	if o.model == nil {
		options.Filters = o.ours()
	} else {
		for _, config := range o.model.Networks() {
			wanted[config.Name] = true
		}
	}
	list, err := o.engine.API().NetworkList(ctx, options)
	if err != nil {
		return engine.Classify(err)
	}
	for _, n := range list {
		if n.Labels[project.LabelProject] == o.name || wanted[n.Name] {
			o.state.Networks = append(o.state.Networks, networkOf(n))
		}
	}
	slices.SortFunc(o.state.Networks, func(a, b planner.Network) int { return compareNames(a.Name, a.ID, b.Name, b.ID) })
	return nil
}

func (o *observer) volumes(ctx context.Context) error {
	list, err := o.engine.API().VolumeList(ctx, volume.ListOptions{Filters: o.ours()})
	if err != nil {
		return engine.Classify(err)
	}
	found := map[string]planner.Volume{}
	for _, v := range list.Volumes {
		found[v.Name] = volumeOf(v)
	}
	if err := o.otherVolumes(ctx, found); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(found)) {
		o.state.Volumes = append(o.state.Volumes, found[name])
	}
	return nil
}

// otherVolumes looks for volumes that the project uses and did not make. The
// engine's name filter also matches parts of names.
func (o *observer) otherVolumes(ctx context.Context, found map[string]planner.Volume) error {
	if o.model == nil {
		return nil
	}
	wanted := map[string]bool{}
	args := filters.NewArgs()
	for _, config := range o.model.Volumes() {
		if _, ok := found[config.Name]; !ok {
			wanted[config.Name] = true
			args.Add("name", config.Name)
		}
	}
	if len(wanted) == 0 {
		return nil
	}
	list, err := o.engine.API().VolumeList(ctx, volume.ListOptions{Filters: args})
	if err != nil {
		return engine.Classify(err)
	}
	for _, v := range list.Volumes {
		if wanted[v.Name] {
			found[v.Name] = volumeOf(v)
		}
	}
	return nil
}
