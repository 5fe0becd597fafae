package runtime

import (
	"context"
	"errors"
	"fmt"

	"github.com/distribution/reference"
	"github.com/opencontainers/go-digest"
	"golang.org/x/sync/errgroup"

	"github.com/gocompose/gocompose/internal/engine"
)

// digestLimit is how many images a registry is asked about at a time.
const digestLimit = 16

// Pin asks the registries, through the engine, what the images are now. It
// returns each with its digest, in the order given and in the full form
// docker.io/library/postgres:17@sha256:…. An image that has a digest already is
// not asked about; it loses its tag, which would say nothing. As with docker
// compose, all registries must know their images.
func Pin(ctx context.Context, e *engine.Client, images []string) ([]string, error) {
	pinned := make([]string, len(images))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(digestLimit)
	for i, image := range images {
		group.Go(func() (err error) {
			pinned[i], err = pin(ctx, e, image)
			return err
		})
	}
	return pinned, group.Wait()
}

func pin(ctx context.Context, e *engine.Client, image string) (string, error) {
	ref, err := reference.ParseDockerRef(image)
	if err != nil {
		return "", fmt.Errorf("image %q: %w", image, err)
	}
	if _, ok := ref.(reference.Digested); ok {
		return ref.String(), nil
	}
	sum, err := remoteDigest(ctx, e, ref.String())
	if err != nil {
		return "", fmt.Errorf("failed to resolve digest for %s: %w", ref, err)
	}
	canonical, err := reference.WithDigest(ref, sum)
	if err != nil {
		return "", fmt.Errorf("failed to resolve digest for %s: %w", ref, err)
	}
	return canonical.String(), nil
}

func remoteDigest(ctx context.Context, e *engine.Client, image string) (digest.Digest, error) {
	auth, authErr := e.Config().RegistryAuth(ctx, image)
	found, err := e.API().DistributionInspect(ctx, image, auth)
	if err = engine.Classify(err); err != nil && authErr != nil {
		err = errors.Join(err, authErr) // without these credentials it may just look denied
	}
	return found.Descriptor.Digest, err
}
