package runtime

import (
	"context"
	"slices"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"

	"github.com/gocompose/gocompose/internal/engine"
	"github.com/gocompose/gocompose/planner"
	"github.com/gocompose/gocompose/project"
)

// Superseded lists the images of one state that another took the names from: those
// that were built for the project, have no name left, and are not in use by any
// container.
func Superseded(ctx context.Context, e *engine.Client, projectName string, before, after planner.State) ([]string, error) {
	var ids []string
	for key, image := range before.Images {
		if now, there := after.Images[key]; there && now.ID != image.ID && !slices.Contains(ids, image.ID) {
			ids = append(ids, image.ID)
		}
	}
	slices.Sort(ids)
	var superseded []string
	for _, id := range ids {
		idle, err := isIdle(ctx, e, projectName, id)
		if err != nil {
			return nil, err
		}
		if idle {
			superseded = append(superseded, id)
		}
	}
	return superseded, nil
}

// isIdle tells whether an image is the project's, nameless and not in use.
func isIdle(ctx context.Context, e *engine.Client, projectName, id string) (bool, error) {
	image, err := e.API().ImageInspect(ctx, id)
	switch {
	case engine.IsNotFound(err):
		return false, nil
	case err != nil:
		return false, engine.Classify(err)
	case len(image.RepoTags) > 0 || image.Config == nil || image.Config.Labels[project.LabelProject] != projectName:
		return false, nil
	}
	users, err := e.API().ContainerList(ctx, container.ListOptions{All: true, Filters: filters.NewArgs(filters.Arg("ancestor", id))})
	return len(users) == 0, engine.Classify(err)
}
