package runtime

import (
	"context"
	"maps"
	"slices"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/network"

	"github.com/gocompose/gocompose/internal/engine"
	"github.com/gocompose/gocompose/internal/spec"
	"github.com/gocompose/gocompose/project"
)

// Describe makes a project of containers, which are given by name or ID. Those
// that are not there are left out, and returned.
func Describe(ctx context.Context, e *engine.Client, name string, containers []string) (*project.Project, []string, error) {
	var found []container.InspectResponse
	var missing []string
	on := map[string]bool{}
	for _, term := range containers {
		c, err := e.API().ContainerInspect(ctx, term)
		switch {
		case engine.IsNotFound(err):
			missing = append(missing, term)
			continue
		case err != nil:
			return nil, nil, engine.Classify(err)
		}
		found = append(found, c)
		for key := range c.NetworkSettings.Networks {
			on[key] = true
		}
	}
	internal, err := internalNetworks(ctx, e, slices.Sorted(maps.Keys(on)))
	if err != nil {
		return nil, nil, err
	}
	return spec.Describe(name, found, internal), missing, nil
}

// internalNetworks are those of the networks that lead nowhere. One that is gone
// may have led anywhere.
func internalNetworks(ctx context.Context, e *engine.Client, names []string) ([]string, error) {
	var internal []string
	for _, name := range names {
		n, err := e.API().NetworkInspect(ctx, name, network.InspectOptions{})
		if err != nil && !engine.IsNotFound(err) {
			return nil, engine.Classify(err)
		}
		if err == nil && n.Internal {
			internal = append(internal, name)
		}
	}
	return internal, nil
}
