package project

import (
	"maps"
	"slices"

	"github.com/compose-spec/compose-go/v2/types"
)

// What use_api_socket comes to, as docker compose has it.
const (
	socketTarget       = "/var/run/docker.sock"
	socketConfig       = "#apisocket" // no name in the files can be that
	socketConfigDir    = "/run/secrets/docker"
	socketConfigTarget = socketConfigDir + "/config.json"
	socketConfigEnv    = "DOCKER_CONFIG"
)

// UsesAPISocket tells whether an enabled service wants to talk to the engine.
func (p *Project) UsesAPISocket() bool {
	for service := range p.Services() {
		if service.UseAPISocket {
			return true
		}
	}
	return false
}

// HasAPISocket tells whether WithAPISocket gave the service what it asks for.
func (s Service) HasAPISocket() bool {
	return slices.ContainsFunc(s.Configs, func(c types.ServiceConfigObjConfig) bool { return c.Source == socketConfig })
}

// WithAPISocket returns the project with what services with use_api_socket ask
// for: the engine's socket at that path of its machine, and a docker
// configuration with the credentials for registries. That one goes into the
// container as the content of a config does, and shows nowhere else.
func (p *Project) WithAPISocket(path, configuration string) *Project {
	model := p.copied()
	model.Configs = maps.Clone(p.model.Configs)
	if model.Configs == nil {
		model.Configs = types.Configs{}
	}
	model.Configs[socketConfig] = types.ConfigObjConfig{Content: configuration}
	for name, service := range p.model.Services {
		if service.UseAPISocket {
			model.Services[name] = withSocket(service, path)
		}
	}
	return newProject(model, *p)
}

func withSocket(service types.ServiceConfig, path string) types.ServiceConfig {
	service.Volumes = append(slices.Clone(service.Volumes), types.ServiceVolumeConfig{
		Type: types.VolumeTypeBind, Source: path, Target: socketTarget,
	})
	service.Configs = append(slices.Clone(service.Configs), types.ServiceConfigObjConfig{
		Source: socketConfig, Target: socketConfigTarget,
	})
	service.Environment = maps.Clone(service.Environment)
	if service.Environment == nil {
		service.Environment = types.MappingWithEquals{}
	}
	if _, own := service.Environment[socketConfigEnv]; !own {
		dir := socketConfigDir
		service.Environment[socketConfigEnv] = &dir
	}
	return service
}
