//go:build linux

package main

import (
	"context"
	"slices"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/network"
	"github.com/docker/docker/client"
	"golang.org/x/sync/errgroup"

	"github.com/gocompose/gocompose/runtime"
)

// floor makes the engine calls that a stack cannot do without, and nothing else: no look at the host, no
// plan, no output. Like gocompose it creates everything as early as it can, holds at most
// [runtime.DefaultParallel] calls at a time, and waits for health by events without holding a slot.
type floor struct {
	engine *client.Client
	slots  chan struct{}
}

func newFloor(engine *client.Client) *floor {
	return &floor{engine: engine, slots: make(chan struct{}, runtime.DefaultParallel)}
}

// call makes one engine call while it holds a slot.
func (f *floor) call(do func() error) error {
	f.slots <- struct{}{}
	defer func() { <-f.slots }()
	return do()
}

// up creates the network, creates all containers, and starts each when what it is after is there.
func (f *floor) up(ctx context.Context, s stack, project string) (time.Duration, error) {
	start := time.Now()
	if err := f.createNetwork(ctx, project); err != nil {
		return 0, err
	}
	health, stopWatching := f.watchHealth(ctx, s, project)
	defer stopWatching()

	ready := newMilestones(s)
	group, ctx := errgroup.WithContext(ctx)
	for _, item := range s.services {
		group.Go(func() error {
			if err := f.create(ctx, item, project); err != nil {
				return err
			}
			for _, dependency := range item.after {
				if err := await(ctx, ready[dependency]); err != nil {
					return err
				}
			}
			if err := f.start(ctx, containerName(project, item)); err != nil {
				return err
			}
			if item.probed {
				if err := await(ctx, health[item.name]); err != nil {
					return err
				}
			}
			close(ready[item.name])
			return nil
		})
	}
	err := group.Wait()
	return time.Since(start), err
}

// down stops and removes each container once those after it are gone, and then the network.
func (f *floor) down(ctx context.Context, s stack, project string) (time.Duration, error) {
	start := time.Now()
	gone := newMilestones(s)
	group, groupContext := errgroup.WithContext(ctx)
	for _, item := range s.services {
		group.Go(func() error {
			for _, dependent := range s.services {
				if !slices.Contains(dependent.after, item.name) {
					continue
				}
				if err := await(groupContext, gone[dependent.name]); err != nil {
					return err
				}
			}
			if err := f.stopAndRemove(groupContext, containerName(project, item)); err != nil {
				return err
			}
			close(gone[item.name])
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return 0, err
	}
	err := f.engine.NetworkRemove(ctx, networkName(project))
	return time.Since(start), err
}

func (f *floor) createNetwork(ctx context.Context, project string) error {
	_, err := f.engine.NetworkCreate(ctx, networkName(project), network.CreateOptions{
		Driver: "bridge",
		Labels: map[string]string{projectLabel: project},
	})
	return err
}

func (f *floor) create(ctx context.Context, item service, project string) error {
	config := &container.Config{
		Image:  image,
		Labels: map[string]string{projectLabel: project, serviceLabel: item.name},
	}
	if item.probed {
		config.Healthcheck = &container.HealthConfig{Test: probe, Interval: time.Second}
	}
	name := networkName(project)
	host := &container.HostConfig{NetworkMode: container.NetworkMode(name)}
	endpoints := &network.NetworkingConfig{EndpointsConfig: map[string]*network.EndpointSettings{
		name: {Aliases: []string{item.name}},
	}}
	return f.call(func() error {
		_, err := f.engine.ContainerCreate(ctx, config, host, endpoints, nil, containerName(project, item))
		return err
	})
}

func (f *floor) start(ctx context.Context, name string) error {
	return f.call(func() error { return f.engine.ContainerStart(ctx, name, container.StartOptions{}) })
}

func (f *floor) stopAndRemove(ctx context.Context, name string) error {
	if err := f.call(func() error { return f.engine.ContainerStop(ctx, name, container.StopOptions{}) }); err != nil {
		return err
	}
	return f.call(func() error { return f.engine.ContainerRemove(ctx, name, container.RemoveOptions{}) })
}
