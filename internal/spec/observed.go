package spec

import (
	"maps"
	"slices"
	"strings"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/image"
	"github.com/docker/docker/api/types/mount"
	"github.com/docker/go-connections/nat"
	dockerspec "github.com/moby/docker-image-spec/specs-go/v1"

	"github.com/gocompose/gocompose/project"
)

// Observed are the fields of a container as the engine reports it, less what
// its image gives it and the service does not set. Services maps the IDs of
// the project's containers to their services.
//
// For a container that was made from the same files, they equal [Desired].
func Observed(p *project.Project, c container.InspectResponse, defaults image.InspectResponse, services map[string]string) Fields {
	s, _ := p.Service(c.Config.Labels[project.LabelService])
	f := flat{fields: Fields{}, project: p, service: s, services: services}
	var config dockerspec.DockerOCIImageConfig
	if defaults.Config != nil {
		config = *defaults.Config
	}
	own := withoutDefaults(s, c, config)
	f.config(own)
	host := *c.HostConfig
	host.Mounts = withoutInherited(host.Mounts, config.Volumes)
	host.LogConfig = withoutDaemonLogging(s, host.LogConfig)
	if s.BlkioConfig != nil && host.BlkioWeight == 0 {
		host.BlkioWeight = s.BlkioConfig.Weight // left out where the kernel has no such control
	}
	if host.Annotations == nil {
		host.Annotations = s.Annotations // below API 1.43 the engine has none
	}
	f.host(&host)
	f.expose(exposedBy(c.Config.ExposedPorts, config.ExposedPorts), c.HostConfig.PortBindings)
	if c.NetworkSettings != nil && s.NetworkMode == "" {
		f.networks(c.NetworkSettings.Networks, finalName(c))
	}
	// The engine has links in a form that does not lead back to the files.
	f.list("links", append(append([]string{}, s.Links...), s.ExternalLinks...))
	return f.fields
}

// finalName is the container's name, less the prefix of a replacement.
func finalName(c container.InspectResponse) string {
	name := strings.TrimPrefix(c.Name, "/")
	if prefix, rest, ok := strings.Cut(name, "_"); ok && isShortID(prefix) {
		return rest
	}
	return name
}

// withoutDefaults takes away what the image gives, unless the service sets it
// too.
func withoutDefaults(s project.Service, c container.InspectResponse, i dockerspec.DockerOCIImageConfig) *container.Config {
	own := *c.Config
	if s.Hostname == "" {
		own.Hostname = "" // its ID, or the host's name
	}
	if own.User == i.User && s.User == "" {
		own.User = ""
	}
	if own.WorkingDir == i.WorkingDir && s.WorkingDir == "" {
		own.WorkingDir = ""
	}
	if own.StopSignal == i.StopSignal && s.StopSignal == "" {
		own.StopSignal = ""
	}
	if slices.Equal(own.Cmd, i.Cmd) && len(s.Command) == 0 {
		own.Cmd = []string(s.Command)
	}
	if slices.Equal(own.Entrypoint, i.Entrypoint) && s.Entrypoint == nil || len(own.Entrypoint) == 0 {
		own.Entrypoint = []string(s.Entrypoint)
	}
	if s.HealthCheck == nil && sameHealth(own.Healthcheck, i.Healthcheck) {
		own.Healthcheck = nil
	}
	own.Env = slices.DeleteFunc(slices.Clone(own.Env), func(entry string) bool {
		key, _, _ := strings.Cut(entry, "=")
		_, set := s.Environment[key]
		return !set && (slices.Contains(i.Env, entry) || isProxy(key))
	})
	own.Labels = maps.Clone(own.Labels)
	maps.DeleteFunc(own.Labels, func(key, value string) bool {
		_, set := s.Labels[key]
		inherited, has := i.Labels[key]
		return !set && has && inherited == value
	})
	return &own
}

// withoutDaemonLogging takes away what the engine's own configuration adds.
func withoutDaemonLogging(s project.Service, l container.LogConfig) container.LogConfig {
	if s.Logging == nil {
		return container.LogConfig{}
	}
	l.Config = maps.Clone(l.Config)
	maps.DeleteFunc(l.Config, func(key, _ string) bool {
		_, set := s.Logging.Options[key]
		return !set
	})
	return l
}

func sameHealth(own *container.HealthConfig, i *dockerspec.HealthcheckConfig) bool {
	if own == nil || i == nil {
		return own == nil && i == nil
	}
	return slices.Equal(own.Test, i.Test)
}

// isProxy recognises the variables that clients set from their own
// configuration.
func isProxy(key string) bool {
	switch strings.ToUpper(key) {
	case "HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY":
		return true
	default:
		return false
	}
}

// withoutInherited leaves out the volumes of the image that a replacement took
// over from the container before it.
func withoutInherited(mounts []mount.Mount, volumes map[string]struct{}) []mount.Mount {
	return slices.DeleteFunc(slices.Clone(mounts), func(m mount.Mount) bool {
		_, declared := volumes[m.Target]
		return declared && m.Type == mount.TypeVolume && isAnonymous(m.Source)
	})
}

func exposedBy(own nat.PortSet, defaults map[string]struct{}) nat.PortSet {
	ports := maps.Clone(own)
	maps.DeleteFunc(ports, func(port nat.Port, _ struct{}) bool {
		_, ok := defaults[string(port)]
		return ok
	})
	return ports
}
