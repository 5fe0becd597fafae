package runtime

import (
	"cmp"
	"context"
	"io"

	"github.com/docker/docker/api/types/image"

	"github.com/gocompose/gocompose/planner"
)

// push sends an image to its registry.
func (d *EngineDriver) push(ctx context.Context, op planner.PushImage, in Inputs) (Output, error) {
	return Output{}, d.transfer(ctx, transfer{
		image: op.Image, services: op.Services,
		start: func(ctx context.Context, auth string) (io.ReadCloser, error) {
			return d.engine.API().ImagePush(ctx, op.Image, image.PushOptions{RegistryAuth: cmp.Or(auth, noAuth())})
		},
	}, in)
}
