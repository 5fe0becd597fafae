package main

import (
	"context"
	"maps"
	"slices"

	"github.com/gocompose/gocompose/runtime"
)

// pins tells whether images are to be shown with their digests.
func (o configOptions) pins() bool { return o.lockDigests || o.resolveDigests }

// pinnable is a project, or the dictionary of one.
type pinnable[Of any] interface {
	WrittenImages() map[string]string
	WithImages(map[string]string) Of
	OnlyImages() Of
}

// pinned is the model with the digests of its images; only with these, to lock
// them.
func pinned[Model pinnable[Model]](ctx context.Context, p *program, o configOptions, model Model) (Model, error) {
	images := model.WrittenImages()
	services := slices.Sorted(maps.Keys(images))
	written := make([]string, len(services))
	for i, service := range services {
		written[i] = images[service]
	}
	digests, err := p.digests(ctx, written)
	if err != nil {
		return model, err
	}
	for i, service := range services {
		images[service] = digests[i]
	}
	model = model.WithImages(images)
	if o.lockDigests {
		model = model.OnlyImages()
	}
	return model, nil
}

// digests asks the engine only where there is something to ask.
func (p *program) digests(ctx context.Context, images []string) ([]string, error) {
	if len(images) == 0 {
		return nil, nil
	}
	e, err := p.dial(ctx).engine()
	if err != nil {
		return nil, err
	}
	return runtime.Pin(ctx, e, images)
}
