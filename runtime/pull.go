package runtime

import (
	"context"
	"io"

	"github.com/distribution/reference"
	"github.com/docker/docker/api/types/image"

	"github.com/gocompose/gocompose/internal/engine"
	"github.com/gocompose/gocompose/planner"
)

// pull fetches an image.
func (d *EngineDriver) pull(ctx context.Context, op planner.PullImage, in Inputs) (Output, error) {
	err := d.transfer(ctx, transfer{
		image: op.Image, services: op.Services,
		start: func(ctx context.Context, auth string) (io.ReadCloser, error) {
			return d.engine.API().ImagePull(ctx, op.Image, image.PullOptions{Platform: op.Platform, RegistryAuth: auth})
		},
	}, in)
	if err == nil && op.Stamp {
		err = d.stamp(ctx, op.Image)
	}
	return Output{}, err
}

// stamp has the engine note the time, which it does where an image is tagged and
// not where it is pulled. One that goes by its digest has no tag, and never
// becomes another.
func (d *EngineDriver) stamp(ctx context.Context, name string) error {
	ref, err := reference.ParseNormalizedNamed(name)
	if err != nil {
		return err
	}
	if _, ok := ref.(reference.Digested); ok {
		return nil
	}
	return engine.Classify(d.engine.API().ImageTag(ctx, name, name))
}
