package runtime

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"slices"
	"sync"

	"github.com/docker/docker/api/types/image"
	"golang.org/x/sync/errgroup"

	"github.com/gocompose/gocompose/internal/engine"
	"github.com/gocompose/gocompose/planner"
)

// contentLength is the length of a content's digest in characters of six bits.
const contentLength = 16

// contentOf is a digest of what an image makes of a container.
func contentOf(i image.InspectResponse) string {
	text, err := json.Marshal([]any{i.Os, i.Architecture, i.Variant, i.RootFS.Layers, i.Config})
	if err != nil {
		return "" // plain data: it cannot fail
	}
	sum := sha256.Sum256(text)
	return base64.RawURLEncoding.EncodeToString(sum[:])[:contentLength]
}

// sameImages looks which of the images that containers were made from have the
// content that the service's image has. Where the IDs are the same, or the container
// has recorded the content, there is nothing to look up: stores that drop an image
// with its last name could not tell.
func (o *observer) sameImages(ctx context.Context) error {
	former := map[string][]string{} // IDs by key
	for s := range o.model.Services() {
		key := planner.ImageKey(s.ImageRef(), s.Platform)
		found, ok := o.state.Images[key]
		if !ok {
			continue
		}
		for _, c := range o.state.ContainersOf(s.Name) {
			if id := c.Image(); c.ImageContent == "" && !found.Serves(c) && !slices.Contains(former[key], id) {
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
				if found := o.state.Images[key]; found.Content == contentOf(inspect) {
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
