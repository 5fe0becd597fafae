package runtime

import (
	"context"

	"github.com/docker/docker/api/types/container"

	"github.com/gocompose/gocompose/internal/engine"
)

// CommitOptions say what an image of a container is like.
type CommitOptions struct {
	Reference string // its name; it may have none
	Author    string
	Message   string
	Changes   []string // instructions of a Dockerfile
	Pause     bool     // the container meanwhile
}

// Commit makes an image of a container and returns its ID.
func Commit(ctx context.Context, e *engine.Client, id string, o CommitOptions) (string, error) {
	made, err := e.API().ContainerCommit(ctx, id, container.CommitOptions{
		Reference: o.Reference, Author: o.Author, Comment: o.Message, Changes: o.Changes, Pause: o.Pause,
	})
	return made.ID, engine.Classify(err)
}
