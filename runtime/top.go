package runtime

import (
	"context"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/gocompose/gocompose/internal/engine"
)

// Processes are what runs in one container, in columns that the engine names.
type Processes struct {
	Container Listed
	Titles    []string
	Rows      [][]string
}

// Top lists the processes of the containers that run, one-offs included, by
// the containers' names; no services are all.
func Top(ctx context.Context, e *engine.Client, projectName string, services []string) ([]Processes, error) {
	containers, err := listMembers(ctx, e, projectName, services)
	if err != nil {
		return nil, err
	}
	containers = slices.DeleteFunc(containers, func(c Listed) bool { return !Alive(c.Phase) })
	found := make([]Processes, len(containers))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(lookups)
	for i, c := range containers {
		group.Go(func() error {
			top, err := e.API().ContainerTop(ctx, c.ID, nil)
			found[i] = Processes{Container: c, Titles: top.Titles, Rows: top.Processes}
			return engine.Classify(err)
		})
	}
	return found, group.Wait()
}
