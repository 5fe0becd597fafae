package project

import (
	"fmt"
	"maps"
	"slices"

	"github.com/compose-spec/compose-go/v2/types"
)

// WithScale returns the project with other numbers of replicas. The error is
// an [*UnknownServiceError], or says why a service cannot have so many.
func (p *Project) WithScale(replicas map[string]int) (*Project, error) {
	if len(replicas) == 0 {
		return p, nil
	}
	model := p.copied()
	for _, name := range slices.Sorted(maps.Keys(replicas)) {
		service, ok := model.Services[name]
		if !ok {
			return nil, &UnknownServiceError{Name: name, Hint: suggest(name, p.ServiceNames())}
		}
		n := replicas[name]
		if n < 0 {
			return nil, fmt.Errorf("service %s: cannot have %d replicas", name, n)
		}
		if n > 1 && service.ContainerName != "" {
			return nil, fmt.Errorf("the %q service is using the custom container name %q, which only one container can have: "+
				"remove the custom name to scale the service", name, service.ContainerName)
		}
		model.Services[name] = scaled(service, n)
	}
	return newProject(model, *p), nil
}

func scaled(service types.ServiceConfig, replicas int) types.ServiceConfig {
	service.Scale = &replicas
	if service.Deploy != nil {
		deploy := *service.Deploy
		deploy.Replicas = &replicas
		service.Deploy = &deploy
	}
	return service
}

// WithDefaultPlatform returns the project with the platform that
// DOCKER_DEFAULT_PLATFORM in its environment gives to services that are built
// and name none.
func (p *Project) WithDefaultPlatform() (*Project, error) {
	platform := p.model.Environment["DOCKER_DEFAULT_PLATFORM"]
	if platform == "" {
		return p, nil
	}
	return p.changeBuilt(func(s *types.ServiceConfig) error {
		if s.Platform != "" {
			return nil
		}
		if built := s.Build.Platforms; len(built) > 0 && !slices.Contains(built, platform) {
			return fmt.Errorf("service %q build.platforms does not support value set by DOCKER_DEFAULT_PLATFORM: %s", s.Name, platform)
		}
		s.Platform = platform
		return nil
	})
}
