package runtime

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/docker/docker/api/types/image"
	"github.com/docker/docker/client"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"golang.org/x/sync/errgroup"

	"github.com/gocompose/gocompose/internal/engine"
	"github.com/gocompose/gocompose/internal/spec"
	"github.com/gocompose/gocompose/planner"
	"github.com/gocompose/gocompose/project"
)

// lookups bounds how many look-ups are under way at a time.
const lookups = 16

// ObserveImages looks up the project's images, again after some were pulled, and
// returns the state with these.
func ObserveImages(ctx context.Context, e *engine.Client, p *project.Project, s planner.State) (planner.State, error) {
	o := observer{engine: e, name: p.Name(), model: p, state: s}
	if err := o.images(ctx); err != nil {
		return planner.State{}, err
	}
	if err := o.sameImages(ctx); err != nil {
		return planner.State{}, err
	}
	o.finish()
	return o.state, nil
}

// images looks up each distinct image of the services once.
func (o *observer) images(ctx context.Context) error {
	wanted := map[string]project.Service{}
	for s := range o.model.Services() {
		if s.Provider != nil {
			continue
		}
		for _, runner := range s.Runners() {
			wanted[planner.ImageKey(runner.ImageRef(), runner.Platform)] = runner
		}
	}
	for name := range o.model.BuildClosure(o.model.ServiceNames()) {
		base, _ := o.model.AnyService(name)
		wanted[planner.ImageKey(base.ImageRef(), base.Platform)] = base
	}
	var mu sync.Mutex
	found := map[string]planner.Image{}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(lookups)
	for _, key := range slices.Sorted(maps.Keys(wanted)) {
		group.Go(func() error {
			inspect, ok, err := o.image(ctx, wanted[key])
			if err != nil || !ok {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			found[key] = imageOf(inspect)
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	o.state.Images = found
	return nil
}

// image looks up one image. Before API 1.49 the engine cannot be asked for the
// image of a platform; the one it has under the reference is taken, unless it
// is for another platform.
func (o *observer) image(ctx context.Context, s project.Service) (image.InspectResponse, bool, error) {
	var options []client.ImageInspectOption
	platform, err := spec.ParsePlatform(s.Platform)
	if err != nil {
		return image.InspectResponse{}, false, fmt.Errorf("service %q: %w", s.Name, err)
	}
	if platform != nil && o.engine.Features().ImagePlatforms {
		options = append(options, client.ImageInspectWithPlatform(platform))
	}
	inspect, err := o.engine.API().ImageInspect(ctx, s.ImageRef(), options...)
	if err != nil {
		if engine.IsNotFound(err) {
			return image.InspectResponse{}, false, nil
		}
		return image.InspectResponse{}, false, engine.Classify(err)
	}
	if platform != nil && !matches(*platform, inspect.Os, inspect.Architecture) {
		return image.InspectResponse{}, false, nil
	}
	return inspect, true, nil
}

func imageOf(inspect image.InspectResponse) planner.Image {
	found := planner.Image{ID: inspect.ID, Content: contentOf(inspect), Tagged: inspect.Metadata.LastTagTime}
	if inspect.Config != nil {
		found.Volumes = slices.Sorted(maps.Keys(inspect.Config.Volumes))
		found.Project = inspect.Config.Labels[project.LabelProject]
	}
	return found
}

func matches(p ocispec.Platform, system, architecture string) bool {
	return (p.OS == "" || p.OS == system) && (p.Architecture == "" || p.Architecture == architecture)
}
