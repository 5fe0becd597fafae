package runtime

import (
	"context"
	"maps"
	"slices"
	"sync"

	"github.com/docker/docker/api/types/image"
	"github.com/docker/docker/api/types/network"
	"golang.org/x/sync/errgroup"

	"github.com/gocompose/gocompose/internal/engine"
	"github.com/gocompose/gocompose/internal/spec"
	"github.com/gocompose/gocompose/planner"
)

// closer inspects what a plan needs to know more about, which on a host that
// is as it should be is nothing.
func (o *observer) closer(ctx context.Context) error {
	needs, err := planner.NeedInspect(o.model, o.state)
	if err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(lookups)
	images := imageCache{engine: o.engine, found: map[string]image.InspectResponse{}}
	services := o.services()
	containers, networks := o.places()
	for _, id := range needs.Containers {
		group.Go(func() error { return o.inspectContainer(ctx, containers[id], &images, services) })
	}
	for _, id := range needs.Networks {
		group.Go(func() error { return o.inspectNetwork(ctx, networks[id]) })
	}
	return group.Wait()
}

// places maps IDs to the entries of the state, which are filled in side by side.
func (o *observer) places() (map[string]*planner.Container, map[string]*planner.Network) {
	containers := make(map[string]*planner.Container, len(o.state.Containers))
	for i := range o.state.Containers {
		containers[o.state.Containers[i].ID] = &o.state.Containers[i]
	}
	networks := make(map[string]*planner.Network, len(o.state.Networks))
	for i := range o.state.Networks {
		networks[o.state.Networks[i].ID] = &o.state.Networks[i]
	}
	return containers, networks
}

// inspectContainer reads a container's fields. One that is gone by now is left
// as it was listed: applying finds out.
func (o *observer) inspectContainer(ctx context.Context, c *planner.Container, images *imageCache, services map[string]string) error {
	inspect, err := o.engine.API().ContainerInspect(ctx, c.ID)
	if err != nil {
		return orGone(err)
	}
	defaults, err := images.get(ctx, inspect.Image)
	if err != nil {
		return err
	}
	c.Fields = spec.Observed(o.model, inspect, defaults, services)
	return nil
}

// services maps the IDs of the project's containers to their services, so that
// a reference to a container reads as the reference to a service that it was.
func (o *observer) services() map[string]string {
	services := make(map[string]string, len(o.state.Containers))
	for _, c := range o.state.Containers {
		if !c.OneOff {
			services[c.ID] = c.Service
		}
	}
	return services
}

func (o *observer) inspectNetwork(ctx context.Context, n *planner.Network) error {
	inspect, err := o.engine.API().NetworkInspect(ctx, n.ID, network.InspectOptions{})
	if err != nil {
		return orGone(err)
	}
	for _, id := range slices.Sorted(maps.Keys(inspect.Containers)) {
		n.Endpoints = append(n.Endpoints, inspect.Containers[id].Name)
	}
	slices.Sort(n.Endpoints)
	return nil
}

func orGone(err error) error {
	if engine.IsNotFound(err) {
		return nil
	}
	return engine.Classify(err)
}

// imageCache inspects each image once, for the defaults that containers have
// from it. An image that is gone has none.
type imageCache struct {
	engine *engine.Client
	mu     sync.Mutex
	found  map[string]image.InspectResponse
}

func (c *imageCache) get(ctx context.Context, id string) (image.InspectResponse, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if inspect, ok := c.found[id]; ok {
		return inspect, nil
	}
	inspect, err := c.engine.API().ImageInspect(ctx, id)
	if err != nil && !engine.IsNotFound(err) {
		return image.InspectResponse{}, engine.Classify(err)
	}
	c.found[id] = inspect
	return inspect, nil
}
