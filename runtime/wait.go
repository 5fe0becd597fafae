package runtime

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/docker/docker/api/types/container"

	"github.com/gocompose/gocompose/internal/engine"
)

// Ended is a container that has ended.
type Ended struct {
	ID       string
	ExitCode int
}

// Wait waits until the containers of the services that run have ended, one-offs
// included, and tells of each as it ends, in one goroutine. It is an error if
// none runs, and the first error ends the wait.
func Wait(ctx context.Context, e *engine.Client, projectName string, services []string, tell func(Ended) error) error {
	containers, err := listMembers(ctx, e, projectName, services)
	if err != nil {
		return err
	}
	containers = slices.DeleteFunc(containers, func(c Listed) bool { return !Alive(c.Phase) })
	if len(containers) == 0 {
		return fmt.Errorf("no containers for project %q", projectName)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // for those that are waited for when it fails
	type result struct {
		Ended
		err error
	}
	results := make(chan result, len(containers))
	for _, c := range containers {
		go func() {
			code, err := waitForEnd(ctx, e, c.ID)
			results <- result{Ended{ID: c.ID, ExitCode: code}, err}
		}()
	}
	for range containers {
		r := <-results
		if r.err != nil {
			return r.err
		}
		if err := tell(r.Ended); err != nil {
			return err
		}
	}
	return nil
}

func waitForEnd(ctx context.Context, e *engine.Client, id string) (int, error) {
	ended, failed := e.API().ContainerWait(ctx, id, container.WaitConditionNotRunning)
	select {
	case r := <-ended:
		if r.Error != nil {
			return 0, errors.New(r.Error.Message)
		}
		return int(r.StatusCode), nil
	case err := <-failed:
		return 0, engine.Classify(err)
	}
}
