package runtime

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"
	"github.com/docker/docker/api/types/mount"

	"github.com/gocompose/gocompose/internal/engine"
	"github.com/gocompose/gocompose/planner"
	"github.com/gocompose/gocompose/project"
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
	Mounts   []string // volume names and host paths, in no order
	Volumes  int      // how many of the mounts are volumes of the driver "local"
	Networks []string // in name order
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
func List(ctx context.Context, e *engine.Client, projectName string) ([]Listed, error) {
	list, err := listContainers(ctx, e, project.LabelProject+"="+projectName)
	if err != nil {
		return nil, err
	}
	listed := make([]Listed, 0, len(list))
	for _, c := range list {
		listed = append(listed, listedOf(c))
	}
	slices.SortFunc(listed, func(a, b Listed) int { return compareNames(a.Name, a.ID, b.Name, b.ID) })
	return listed, nil
}

func listContainers(ctx context.Context, e *engine.Client, label string) ([]container.Summary, error) {
	list, err := e.API().ContainerList(ctx, container.ListOptions{All: true, Filters: filters.NewArgs(filters.Arg("label", label))})
	if err != nil {
		return nil, engine.Classify(err)
	}
	return list, nil
}

func listedOf(c container.Summary) Listed {
	basics := containerOf(c)
	listed := Listed{
		ID:       c.ID,
		Name:     basics.Name,
		Project:  c.Labels[project.LabelProject],
		Service:  basics.Service,
		Number:   basics.Number,
		OneOff:   basics.OneOff,
		Image:    c.Image,
		Command:  c.Command,
		Created:  basics.Created,
		Phase:    basics.Phase,
		Health:   basics.Health,
		ExitCode: basics.ExitCode,
		Status:   c.Status,
		Labels:   c.Labels,
	}
	for _, p := range c.Ports {
		listed.Ports = append(listed.Ports, Port{HostIP: p.IP, HostPort: p.PublicPort, ContainerPort: p.PrivatePort, Protocol: p.Type})
	}
	slices.SortFunc(listed.Ports, Port.compare)
	for _, m := range c.Mounts {
		listed.Mounts = append(listed.Mounts, cmp.Or(m.Name, m.Source))
		if m.Type == mount.TypeVolume && m.Driver == "local" {
			listed.Volumes++
		}
	}
	for _, a := range basics.Networks {
		listed.Networks = append(listed.Networks, a.Network)
	}
	return listed
}

func (p Port) compare(other Port) int {
	return cmp.Or(
		cmp.Compare(p.ContainerPort, other.ContainerPort),
		cmp.Compare(p.HostPort, other.HostPort),
		cmp.Compare(p.HostIP, other.HostIP),
		cmp.Compare(p.Protocol, other.Protocol),
	)
}

// ListedProject is one project as ls shows it.
type ListedProject struct {
	Name        string
	Phases      map[planner.Phase]int // how many of its containers are in each phase
	ConfigFiles []string              // of all its containers, those of the newest first
}

// ListProjects lists the projects that have containers on the host, in name
// order. It takes one request.
func ListProjects(ctx context.Context, e *engine.Client) ([]ListedProject, error) {
	list, err := listContainers(ctx, e, project.LabelProject)
	if err != nil {
		return nil, err
	}
	found := map[string]*ListedProject{}
	for _, c := range list {
		name := c.Labels[project.LabelProject]
		p, ok := found[name]
		if !ok {
			p = &ListedProject{Name: name, Phases: map[planner.Phase]int{}}
			found[name] = p
		}
		p.Phases[planner.Phase(c.State)]++
		for file := range strings.SplitSeq(c.Labels[project.LabelConfigFiles], ",") {
			if file != "" && !slices.Contains(p.ConfigFiles, file) {
				p.ConfigFiles = append(p.ConfigFiles, file)
			}
		}
	}
	projects := make([]ListedProject, 0, len(found))
	for _, name := range slices.Sorted(maps.Keys(found)) {
		projects = append(projects, *found[name])
	}
	return projects, nil
}
