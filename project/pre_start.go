package project

import (
	"slices"

	"github.com/compose-spec/compose-go/v2/types"
)

// LabelHook is on the container of a pre_start command, and says so. Such
// containers are one-off ones besides, so that nothing takes them for replicas.
const LabelHook = "com.docker.compose.hook"

// Initializer is the service that a pre_start command runs as: its own
// specification, which has inherited from the service all but what is mounted.
// The socket of use_api_socket is mounted with the rest.
func (s Service) Initializer(command int) Service {
	spec := s.PreStart[command].ContainerSpec
	spec.UseAPISocket = false
	if spec.Image == "" {
		spec.Image = s.ImageRef()
	}
	return Service{ServiceConfig: types.ServiceConfig{Name: s.Name, ContainerSpec: spec}, project: s.project}
}

// Runners are the service itself and those that its pre_start commands run as:
// all that need an image.
func (s Service) Runners() []Service {
	runners := []Service{s}
	for command := range s.PreStart {
		runners = append(runners, s.Initializer(command))
	}
	return runners
}

// withVariables sets variables in the commands too, which had inherited the
// environment before.
func withVariables(hooks []types.PreStartHook, set map[string]string) []types.PreStartHook {
	hooks = slices.Clone(hooks)
	for i := range hooks {
		hooks[i].Environment = merged(hooks[i].Environment, set)
	}
	return hooks
}
