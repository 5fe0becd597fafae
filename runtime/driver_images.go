package runtime

import (
	"context"

	"github.com/docker/docker/api/types/image"

	"github.com/gocompose/gocompose/internal/engine"
	"github.com/gocompose/gocompose/planner"
	"github.com/gocompose/gocompose/project"
)

// removeImage removes a reference or, of an image that was superseded, the image.
func (d *EngineDriver) removeImage(ctx context.Context, op planner.RemoveImage) error {
	if op.ID != "" {
		return d.removeSuperseded(ctx, op.ID)
	}
	_, err := d.engine.API().ImageRemove(ctx, op.Image, image.RemoveOptions{PruneChildren: true})
	return unlessGone(err)
}

// removeSuperseded removes an image of the project that has no name any more. One
// that somebody has named since, or a container was made from, is not superseded:
// it stays.
func (d *EngineDriver) removeSuperseded(ctx context.Context, id string) error {
	found, err := d.engine.API().ImageInspect(ctx, id)
	if err != nil {
		return unlessGone(err)
	}
	if len(found.RepoTags) > 0 || found.Config == nil || found.Config.Labels[project.LabelProject] != d.project.Name() {
		return nil
	}
	_, err = d.engine.API().ImageRemove(ctx, id, image.RemoveOptions{})
	if kind := engine.KindOf(err); kind == engine.ImageInUse || kind == engine.Conflict {
		return nil
	}
	return unlessGone(err)
}
