package runtime

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"sync"

	"github.com/docker/docker/api/types/image"
	"golang.org/x/sync/errgroup"

	"github.com/gocompose/gocompose/internal/engine"
	"github.com/gocompose/gocompose/planner"
)

// imageContent is what an image makes of a container, in a form that can be
// compared. The ID of an image is not: it goes by the time of its build, on the
// containerd store by the manifest and what attests it.
type imageContent string

func contentOf(i image.InspectResponse) imageContent {
	text, err := json.Marshal([]any{i.Os, i.Architecture, i.Variant, i.RootFS.Layers, i.Config})
	if err != nil {
		return imageContent(i.ID) // plain data: it cannot fail
	}
	return imageContent(text)
}

// sameImages looks which of the images that containers were made from have the
// content that the service's image has. Where the IDs are the same there is
// nothing to look up.
func (o *observer) sameImages(ctx context.Context) error {
	former := map[string][]string{} // IDs by key
	for s := range o.model.Services() {
		key := planner.ImageKey(s.ImageRef(), s.Platform)
		found, ok := o.state.Images[key]
		if !ok {
			continue
		}
		for _, c := range o.state.ContainersOf(s.Name) {
			if id := c.Image(); id != "" && !found.Is(id) && !slices.Contains(former[key], id) {
				former[key] = append(former[key], id)
			}
		}
	}
	var mu sync.Mutex
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(lookups)
	for _, key := range slices.Sorted(maps.Keys(former)) {
		for _, id := range former[key] {
			group.Go(func() error {
				inspect, err := o.engine.API().ImageInspect(ctx, id)
				if engine.IsNotFound(err) {
					return nil
				}
				if err != nil {
					return engine.Classify(err)
				}
				mu.Lock()
				defer mu.Unlock()
				if found := o.state.Images[key]; o.contents[found.ID] == contentOf(inspect) {
					found.Same = append(found.Same, id)
					slices.Sort(found.Same)
					o.state.Images[key] = found
				}
				return nil
			})
		}
	}
	return group.Wait()
}
