package runtime

import (
	"errors"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/gocompose/gocompose/internal/dag"
	"github.com/gocompose/gocompose/planner"
	"github.com/gocompose/gocompose/project"
)

// ProjectFromState rebuilds a project from the labels that its containers,
// networks and volumes carry: enough to stop, start and remove them in order.
func ProjectFromState(name string, s planner.State) (*project.Project, error) {
	model := &types.Project{
		Name:        name,
		Services:    types.Services{},
		Networks:    types.Networks{},
		Volumes:     types.Volumes{},
		Environment: types.Mapping{},
	}
	for _, c := range s.Containers {
		if c.Service == "" {
			continue // not one that compose made, whatever its other labels say
		}
		service, known := model.Services[c.Service]
		if !known {
			service = serviceFrom(name, c)
		}
		if !c.OneOff && c.Number > 0 {
			replicas := 1
			if service.Scale != nil {
				replicas = *service.Scale + 1
			}
			service.Scale = &replicas
		}
		model.Services[c.Service] = service
	}
	for _, n := range s.Networks {
		if n.Key != "" {
			model.Networks[n.Key] = types.NetworkConfig{Name: n.Name}
		}
	}
	for _, v := range s.Volumes {
		if v.Key != "" {
			model.Volumes[v.Key] = types.VolumeConfig{Name: v.Name}
		}
	}
	withoutCycles(model.Services)
	return project.New(model, nil), nil
}

// withoutCycles drops dependencies until none is left that leads back to where
// it came from. The files hold no such cycle, but labels are as old as their
// containers, and what depends on what is no reason to replace one.
func withoutCycles(services types.Services) {
	for {
		var graph dag.Graph[string]
		for name, service := range services {
			for other := range service.DependsOn {
				if _, known := services[other]; known {
					graph.Need(name, other)
				}
			}
		}
		var cycle *dag.CycleError[string]
		if _, err := graph.Order(); !errors.As(err, &cycle) {
			return
		}
		delete(services[cycle.Path[0]].DependsOn, cycle.Path[1])
	}
}

// serviceFrom reads what a container tells of its service. An image under the
// project's own name was built, and so has no name in the files.
func serviceFrom(projectName string, c planner.Container) types.ServiceConfig {
	service := types.ServiceConfig{Name: c.Service}
	service.Image = c.ImageRef
	if c.ImageRef == projectName+"-"+c.Service {
		service.Image = ""
	}
	service.DependsOn = dependenciesFrom(c.Labels[project.LabelDependsOn])
	return service
}

// dependenciesFrom reads SERVICE:CONDITION:RESTART,… . Older versions of docker
// compose wrote the service alone.
func dependenciesFrom(label string) types.DependsOnConfig {
	needs := types.DependsOnConfig{}
	for entry := range strings.SplitSeq(label, ",") {
		service, rest, _ := strings.Cut(entry, ":")
		if service == "" {
			continue
		}
		condition, restart, _ := strings.Cut(rest, ":")
		switch condition {
		case types.ServiceConditionHealthy, types.ServiceConditionCompletedSuccessfully:
		default: // there is no waiting for what nobody knows
			condition = types.ServiceConditionStarted
		}
		needs[service] = types.ServiceDependency{Condition: condition, Restart: restart == "true", Required: true}
	}
	return needs
}
