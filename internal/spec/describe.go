package spec

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/mount"
	"github.com/docker/docker/api/types/network"

	"github.com/gocompose/gocompose/project"
)

// Describe makes a project of containers that exist, in the order given, as
// docker compose's generate has it: image, environment, labels, health check,
// ports, volumes and networks. Containers of one service of a project become one
// service. It is a start for a file by hand: commands, limits and the like are
// not part of it. Internal are the names of networks that lead nowhere.
func Describe(name string, containers []container.InspectResponse, internal []string) *project.Project {
	d := describer{&types.Project{
		Name: name, Services: types.Services{}, Networks: types.Networks{}, Volumes: types.Volumes{},
	}}
	for _, c := range containers {
		d.container(c)
	}
	for _, key := range internal {
		d.model.Networks[key] = types.NetworkConfig{Internal: true}
	}
	return project.New(d.model, nil)
}

type describer struct{ model *types.Project }

func (d describer) container(c container.InspectResponse) {
	name := cmp.Or(c.Config.Labels[project.LabelService], strings.TrimPrefix(c.Name, "/"))
	s, known := d.model.Services[name]
	if !known {
		s = types.ServiceConfig{Name: name}
		s.Image = c.Config.Image
		s.Environment = types.NewMappingWithEquals(c.Config.Env)
		s.Labels = foreignLabels(c.Config.Labels)
		s.HealthCheck = describedCheck(c.Config.Healthcheck)
		s.Networks = d.networks(c)
	}
	count := s.GetScale()
	if known {
		count++
	}
	s.Scale = &count
	for _, port := range describedPorts(c.HostConfig) {
		if !slices.ContainsFunc(s.Ports, func(p types.ServicePortConfig) bool { return samePort(p, port) }) {
			s.Ports = append(s.Ports, port)
		}
	}
	for _, m := range d.mounts(c.Mounts) {
		if !slices.ContainsFunc(s.Volumes, func(v types.ServiceVolumeConfig) bool { return v.Target == m.Target }) {
			s.Volumes = append(s.Volumes, m)
		}
	}
	d.model.Services[name] = s
}

func samePort(a, b types.ServicePortConfig) bool {
	return a.HostIP == b.HostIP && a.Published == b.Published && a.Target == b.Target && a.Protocol == b.Protocol
}

// foreignLabels are those that neither docker compose nor gocompose has set.
func foreignLabels(labels map[string]string) types.Labels {
	kept := types.Labels{}
	for key, value := range labels {
		if !strings.HasPrefix(key, "com.docker.compose.") && !strings.HasPrefix(key, "gocompose.") {
			kept[key] = value
		}
	}
	return kept
}

func describedCheck(check *container.HealthConfig) *types.HealthCheckConfig {
	if check == nil {
		return nil
	}
	described := &types.HealthCheckConfig{Test: check.Test}
	if check.Retries != 0 {
		retries := uint64(max(check.Retries, 0))
		described.Retries = &retries
	}
	for _, d := range []struct {
		to   **types.Duration
		from types.Duration
	}{
		{&described.Interval, types.Duration(check.Interval)},
		{&described.Timeout, types.Duration(check.Timeout)},
		{&described.StartPeriod, types.Duration(check.StartPeriod)},
		{&described.StartInterval, types.Duration(check.StartInterval)},
	} {
		if d.from != 0 {
			*d.to = &d.from
		}
	}
	return described
}

func describedPorts(host *container.HostConfig) []types.ServicePortConfig {
	var ports []types.ServicePortConfig
	for port, bindings := range host.PortBindings {
		for _, b := range bindings {
			ports = append(ports, types.ServicePortConfig{
				HostIP: b.HostIP, Published: b.HostPort, Target: uint32(port.Int() & math.MaxUint16), Protocol: port.Proto(),
			})
		}
	}
	slices.SortStableFunc(ports, func(a, b types.ServicePortConfig) int {
		return cmp.Or(cmp.Compare(a.Target, b.Target), cmp.Compare(a.Protocol, b.Protocol),
			cmp.Compare(a.HostIP, b.HostIP), cmp.Compare(a.Published, b.Published))
	})
	return ports
}

func (d describer) mounts(points []container.MountPoint) []types.ServiceVolumeConfig {
	var mounts []types.ServiceVolumeConfig
	for _, m := range points {
		described := types.ServiceVolumeConfig{Type: string(m.Type), Source: m.Source, Target: m.Destination, ReadOnly: !m.RW}
		switch m.Type {
		case mount.TypeVolume:
			described.Source = m.Name
			d.model.Volumes[m.Name] = types.VolumeConfig{}
		case mount.TypeBind:
		default: // it holds nothing that another container could share
			continue
		}
		mounts = append(mounts, described)
	}
	slices.SortFunc(mounts, func(a, b types.ServiceVolumeConfig) int { return cmp.Compare(a.Target, b.Target) })
	return mounts
}

func (d describer) networks(c container.InspectResponse) map[string]*types.ServiceNetworkConfig {
	described := map[string]*types.ServiceNetworkConfig{}
	if c.NetworkSettings == nil {
		return described
	}
	for _, key := range slices.Sorted(maps.Keys(c.NetworkSettings.Networks)) {
		described[key] = &types.ServiceNetworkConfig{Aliases: describedAliases(c, c.NetworkSettings.Networks[key])}
		d.model.Networks[key] = types.NetworkConfig{}
	}
	return described
}

// describedAliases leaves out the ID, which engines before API 1.45 add.
func describedAliases(c container.InspectResponse, on *network.EndpointSettings) []string {
	if on == nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(on.Aliases), func(alias string) bool {
		return len(alias) == shortID && strings.HasPrefix(c.ID, alias)
	})
}
