package runtime

import (
	"context"
	"time"

	"github.com/gocompose/gocompose/internal/engine"
	"github.com/gocompose/gocompose/planner"
)

// Listed is one container as ps shows it.
type Listed struct {
	ID       string
	Name     string
	Project  string
	Service  string
	Number   int
	OneOff   bool
	Image    string
	Command  string
	Created  time.Time
	Phase    planner.Phase
	Health   planner.Health
	ExitCode int
	Status   string // in the engine's words, such as "Up 2 minutes (healthy)"
	Ports    []Port // in port order
	Labels   map[string]string
	Mounts   []string
	Networks []string
}

// Port is a port of a container; HostPort is 0 where it is not published.
type Port struct {
	HostIP        string
	HostPort      uint16
	ContainerPort uint16
	Protocol      string
}

// List lists the containers of a project, by name order, one-offs included,
// running or not. It takes one request.
func List(ctx context.Context, e *engine.Client, project string) ([]Listed, error) {
	return nil, nil
}

// ListedProject is one project as ls shows it.
type ListedProject struct {
	Name        string
	Phases      map[planner.Phase]int // how many of its containers are in each phase
	ConfigFiles []string
}

// ListProjects lists the projects that have containers on the host, in name
// order. It takes one request.
func ListProjects(ctx context.Context, e *engine.Client) ([]ListedProject, error) {
	return nil, nil
}
