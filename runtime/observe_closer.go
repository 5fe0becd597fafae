package runtime

import (
	"context"
	"maps"
	"slices"
	"sync"

	"github.com/docker/docker/api/types/container"
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
	for _, id := range needs.Containers {
		i := slices.IndexFunc(o.state.Containers, func(c planner.Container) bool { return c.ID == id })
		group.Go(func() error { return o.inspectContainer(ctx, &o.state.Containers[i], &images) })
	}
	for _, id := range needs.Networks {
		i := slices.IndexFunc(o.state.Networks, func(n planner.Network) bool { return n.ID == id })
		group.Go(func() error { return o.inspectNetwork(ctx, &o.state.Networks[i]) })
	}
	return group.Wait()
}

// inspectContainer reads a container's fields. One that is gone by now is left
// as it was listed: applying finds out.
func (o *observer) inspectContainer(ctx context.Context, c *planner.Container, images *imageCache) error {
	inspect, err := o.engine.API().ContainerInspect(ctx, c.ID)
	if err != nil {
		return orGone(err)
	}
	defaults, err := images.get(ctx, inspect.Image)
	if err != nil {
		return err
	}
	c.Fields = o.fields(inspect, defaults)
	return nil
}

func (o *observer) fields(inspect container.InspectResponse, defaults image.InspectResponse) map[string]string {
	return spec.Observed(o.model, inspect, defaults, o.services())
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
