package runtime

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"
	"github.com/docker/docker/api/types/network"

	"github.com/gocompose/gocompose/internal/engine"
	"github.com/gocompose/gocompose/internal/spec"
	"github.com/gocompose/gocompose/planner"
	"github.com/gocompose/gocompose/project"
)

// createNetwork creates a network, or takes the one of ours that an earlier
// request made.
func (d *EngineDriver) createNetwork(ctx context.Context, op planner.CreateNetwork) error {
	name, options, err := spec.Network(d.project, op.Network)
	if err != nil {
		return err
	}
	_, err = d.engine.API().NetworkCreate(ctx, name, options)
	classified := engine.Classify(err)
	unique := spec.FeaturesOf(d.engine.API().ClientVersion()).UniqueNetworkNames
	switch {
	case err == nil && unique:
		return nil
	case err != nil && engine.KindOf(classified) != engine.Conflict:
		return classified
	}
	twins, listErr := d.networksLike(ctx, op.Network, name, options)
	switch {
	case listErr != nil:
		return cmp.Or(classified, listErr)
	case len(twins) == 0:
		return classified // it is taken by a network of another make
	}
	return d.removeTwins(ctx, twins)
}

// networksLike lists the project's networks of that name and configuration, the
// oldest first.
func (d *EngineDriver) networksLike(ctx context.Context, key, name string, options network.CreateOptions) ([]network.Summary, error) {
	list, err := d.engine.API().NetworkList(ctx, network.ListOptions{
		Filters: filters.NewArgs(
			filters.Arg("name", name),
			filters.Arg("label", project.LabelProject+"="+d.project.Name()),
			filters.Arg("label", project.LabelNetwork+"="+key),
		),
	})
	if err != nil {
		return nil, engine.Classify(err)
	}
	like := slices.DeleteFunc(list, func(n network.Summary) bool {
		return n.Name != name || n.Labels[project.LabelConfigHash] != options.Labels[project.LabelConfigHash]
	})
	slices.SortFunc(like, func(a, b network.Summary) int {
		return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.ID, b.ID))
	})
	return like, nil
}

// removeTwins leaves the oldest of several networks of one name. Engines before
// 25 make them where a run that was killed had asked for the same at the same
// time; the name is of no use before only one is left.
func (d *EngineDriver) removeTwins(ctx context.Context, twins []network.Summary) error {
	for _, n := range twins[1:] {
		if err := unlessGone(d.engine.API().NetworkRemove(ctx, n.ID)); err != nil {
			return err
		}
	}
	return nil
}

// removeNetwork removes a network, and names those who keep it from going.
func (d *EngineDriver) removeNetwork(ctx context.Context, op planner.RemoveNetwork) error {
	err := unlessGone(d.engine.API().NetworkRemove(ctx, op.ID))
	if engine.KindOf(err) != engine.NetworkInUse {
		return err
	}
	found, inspectErr := d.engine.API().NetworkInspect(ctx, op.ID, network.InspectOptions{})
	if inspectErr != nil || len(found.Containers) == 0 {
		return err
	}
	var names []string
	for _, id := range slices.Sorted(maps.Keys(found.Containers)) {
		names = append(names, found.Containers[id].Name)
	}
	slices.Sort(names)
	return &InUseError{Kind: planner.KindNetwork, Name: op.Name, By: names, Err: err}
}

// InUseError says which containers keep a network or volume from being
// removed.
type InUseError struct {
	Kind planner.Kind
	Name string
	By   []string // container names, sorted
	Err  error
}

// Error names them.
func (e *InUseError) Error() string {
	return fmt.Sprintf("%s %s: Resource is still in use by %s", e.Kind, e.Name, strings.Join(e.By, ", "))
}

// Unwrap returns the engine's error.
func (e *InUseError) Unwrap() error { return e.Err }

func (d *EngineDriver) connect(ctx context.Context, id string, op planner.ConnectNetwork) error {
	s, ok := d.project.Service(op.Service)
	config, known := d.project.Network(op.Network)
	if !ok || !known {
		return fmt.Errorf("service %s is not on network %s", op.Service, op.Network)
	}
	settings := spec.EndpointFor(d.project, s, op.Network, spec.Inputs{
		Number: op.Number, Name: op.Name, OneOff: (*spec.OneOff)(op.OneOff),
	})
	err := d.engine.API().NetworkConnect(ctx, config.Name, id, settings)
	if err == nil {
		return nil
	}
	found, inspectErr := d.engine.API().ContainerInspect(ctx, id)
	if inspectErr == nil && found.NetworkSettings != nil {
		if _, on := found.NetworkSettings.Networks[config.Name]; on {
			return nil
		}
	}
	return engine.Classify(err)
}

func (d *EngineDriver) disconnect(ctx context.Context, id string, op planner.DisconnectNetwork) error {
	err := engine.Classify(d.engine.API().NetworkDisconnect(ctx, op.NetworkID, id, true))
	if engine.KindOf(err) == engine.NotConnected {
		return nil
	}
	return err
}

// createVolume creates a volume; the engine returns the one there is where
// the name is taken.
func (d *EngineDriver) createVolume(ctx context.Context, op planner.CreateVolume) error {
	options, err := spec.Volume(d.project, op.Volume)
	if err != nil {
		return err
	}
	_, err = d.engine.API().VolumeCreate(ctx, options)
	return engine.Classify(err)
}

// removeVolume removes a volume, and names those who keep it from going.
func (d *EngineDriver) removeVolume(ctx context.Context, op planner.RemoveVolume) error {
	err := unlessGone(d.engine.API().VolumeRemove(ctx, op.Name, false))
	if engine.KindOf(err) != engine.VolumeInUse {
		return err
	}
	list, listErr := d.engine.API().ContainerList(ctx, container.ListOptions{All: true, Filters: filters.NewArgs(filters.Arg("volume", op.Name))})
	if listErr != nil || len(list) == 0 {
		return err
	}
	var names []string
	for _, c := range list {
		names = append(names, nameFrom(c.Names))
	}
	slices.Sort(names)
	return &InUseError{Kind: planner.KindVolume, Name: op.Name, By: names, Err: err}
}
