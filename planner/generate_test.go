package planner_test

import (
	"fmt"

	"github.com/compose-spec/compose-go/v2/types"
	"pgregory.net/rapid"

	"github.com/gocompose/gocompose/project"
)

// drawProject makes a random project. Services refer only to those with a
// smaller number, so that there is no cycle.
func drawProject(t *rapid.T, label string) *project.Project {
	model := &types.Project{
		Name:     "demo",
		Services: types.Services{},
		Networks: types.Networks{},
		Volumes:  types.Volumes{},
	}
	for _, key := range []string{"back", "front"} {
		model.Networks[key] = types.NetworkConfig{Name: "demo_" + key, Labels: drawLabels(t, label+key)}
	}
	for _, key := range []string{"data", "logs"} {
		model.Volumes[key] = types.VolumeConfig{Name: "demo_" + key, Labels: drawLabels(t, label+key)}
	}
	count := rapid.IntRange(1, 6).Draw(t, label+"services")
	for n := range count {
		s := drawService(t, label, n)
		model.Services[s.Name] = s
	}
	return project.New(model, nil)
}

// drawLabels changes the definition of a network or volume now and then.
func drawLabels(t *rapid.T, label string) types.Labels {
	if rapid.IntRange(0, 4).Draw(t, label+" changed") > 0 {
		return nil
	}
	return types.Labels{"version": "2"}
}

func serviceName(n int) string { return fmt.Sprintf("s%d", n) }

func drawService(t *rapid.T, label string, n int) types.ServiceConfig {
	label += serviceName(n) + " "
	s := types.ServiceConfig{Name: serviceName(n)}
	s.Image = rapid.SampledFrom([]string{"one", "two"}).Draw(t, label+"image")
	value := rapid.SampledFrom([]string{"a", "b"}).Draw(t, label+"environment")
	s.Environment = types.MappingWithEquals{"VALUE": &value}
	if scale := rapid.IntRange(0, 3).Draw(t, label+"scale"); scale != 1 {
		s.Scale = &scale
	}
	drawNetworks(t, label, n, &s)
	for _, key := range []string{"data", "logs", ""} {
		if rapid.IntRange(0, 3).Draw(t, label+"volume "+key) == 0 {
			s.Volumes = append(s.Volumes, types.ServiceVolumeConfig{
				Type: types.VolumeTypeVolume, Source: key, Target: "/mnt/" + key, Volume: &types.ServiceVolumeVolume{},
			})
		}
	}
	s.DependsOn = drawDependencies(t, label, n)
	return s
}

// drawNetworks puts the service on networks, or into another's namespace.
func drawNetworks(t *rapid.T, label string, n int, s *types.ServiceConfig) {
	if n > 0 && rapid.IntRange(0, 3).Draw(t, label+"shares") == 0 {
		parent := serviceName(rapid.IntRange(0, n-1).Draw(t, label+"parent"))
		switch rapid.IntRange(0, 2).Draw(t, label+"what") {
		case 0:
			s.NetworkMode = types.ServicePrefix + parent
			return
		case 1:
			s.Ipc = types.ServicePrefix + parent
		default:
			s.VolumesFrom = []string{parent}
		}
	}
	s.Networks = map[string]*types.ServiceNetworkConfig{}
	for _, key := range []string{"back", "front"} {
		if rapid.Bool().Draw(t, label+key) {
			s.Networks[key] = nil
		}
	}
}

func drawDependencies(t *rapid.T, label string, n int) types.DependsOnConfig {
	needs := types.DependsOnConfig{}
	for before := range n {
		if rapid.IntRange(0, 2).Draw(t, label+"needs "+serviceName(before)) > 0 {
			continue
		}
		needs[serviceName(before)] = types.ServiceDependency{
			Condition: rapid.SampledFrom([]string{project.Started, project.Healthy, project.Completed}).Draw(t, label+"condition"),
			Restart:   rapid.Bool().Draw(t, label+"restart"),
			Required:  rapid.Bool().Draw(t, label+"required"),
		}
	}
	return needs
}
