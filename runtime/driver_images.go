package runtime

import (
	"context"
	"fmt"

	"github.com/docker/docker/api/types/image"

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
// that somebody has named since, or a container was made from, stays: that is told
// as an error.
func (d *EngineDriver) removeSuperseded(ctx context.Context, id string) error {
	found, err := d.engine.API().ImageInspect(ctx, id)
	switch {
	case err != nil:
		return unlessGone(err)
	case found.Config == nil || found.Config.Labels[project.LabelProject] != d.project.Name():
		return fmt.Errorf("it is kept: project %s did not build it", d.project.Name())
	case len(found.RepoTags) > 0:
		return fmt.Errorf("it is kept: its name is %s now", found.RepoTags[0])
	}
	_, err = d.engine.API().ImageRemove(ctx, id, image.RemoveOptions{})
	return unlessGone(err)
}
