package spec

import (
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/image"
	"github.com/docker/docker/api/types/mount"
	"github.com/docker/go-connections/nat"
	dockerspec "github.com/moby/docker-image-spec/specs-go/v1"

	"github.com/gocompose/gocompose/project"
)

// Observed are the fields of a container as the engine reports it, less what
// its image and the engine give it and the service does not set. Services maps
// the IDs of the project's containers to their services.
//
// For a container that was made from the same files, they equal [Desired].
// What the engine does not report is taken to be as desired: nothing is
// claimed of it.
func Observed(p *project.Project, c container.InspectResponse, defaults image.InspectResponse, services map[string]string) Fields {
	s, known := p.Service(c.Config.Labels[project.LabelService])
	desired := Fields{}
	if known {
		if fields, err := Desired(p, s); err == nil {
			desired = fields
		}
	}
	f := newFlat(p, s, services)
	f.profile = profileOf(p, s)
	f.config(c.Config)
	f.host(c.HostConfig)
	f.expose(c.Config.ExposedPorts, c.HostConfig.PortBindings)
	if c.NetworkSettings != nil && s.NetworkMode == "" {
		f.networks(c.NetworkSettings.Networks, c.HostConfig.NetworkMode, givenNames(s, c))
	}
	f.name(c)
	o := observation{Fields: f.fields, desired: desired}
	o.withoutImage(imageFields(p, defaults.Config))
	o.withoutEngine(c)
	o.withUnreported()
	return o.Fields
}

// givenNames are the aliases that a container has without asking: its ID, its
// name, and the name it gets at the end where it replaces another.
func givenNames(s project.Service, c container.InspectResponse) []string {
	name := strings.TrimPrefix(c.Name, "/")
	names := []string{name}
	if len(c.ID) >= shortID {
		names = append(names, c.ID[:shortID]) // below API 1.45
	}
	if _, final, ok := strings.Cut(name, "_"); ok && len(name)-len(final) == shortID+1 {
		names = append(names, final)
	}
	if s.ContainerName != "" {
		names = append(names, s.ContainerName)
	}
	return names
}

// shortID is the length of the IDs that people see.
const shortID = 12

// imageFields are what an image gives to its containers.
func imageFields(p *project.Project, config *dockerspec.DockerOCIImageConfig) Fields {
	f := newFlat(p, project.Service{}, nil)
	if config == nil {
		return f.fields
	}
	exposed := nat.PortSet{}
	for port := range config.ExposedPorts {
		exposed[nat.Port(port)] = struct{}{}
	}
	f.config(&container.Config{
		User: config.User, WorkingDir: config.WorkingDir, StopSignal: config.StopSignal,
		Cmd: config.Cmd, Entrypoint: config.Entrypoint, Env: config.Env, Labels: config.Labels,
		Healthcheck: config.Healthcheck,
	})
	f.expose(exposed, nil)
	for target := range config.Volumes {
		f.fields["volumes."+target] = "volume"
	}
	return f.fields
}

// observation is what was read of a container, to be reduced to what the files
// could have said.
type observation struct {
	Fields
	desired Fields
}

// unless drops a field that the files do not set.
func (o observation) unless(path string) {
	if _, set := o.desired[path]; !set {
		delete(o.Fields, path)
	}
}

// withoutImage takes away what comes from the image, unless the service sets
// it too. An entrypoint that the image has and the container lacks was
// cleared.
func (o observation) withoutImage(given Fields) {
	const entrypoint = "entrypoint"
	if given[entrypoint] != "" && o.Fields[entrypoint] == "" {
		o.Fields[entrypoint] = cleared
	} else if o.Fields[entrypoint] == "" && o.desired[entrypoint] == cleared {
		o.Fields[entrypoint] = cleared
	}
	for path, value := range given {
		if o.Fields[path] == value {
			o.unless(path)
		}
	}
}

// withoutEngine takes away what the engine fills in, and what clients do from
// their own configuration.
func (o observation) withoutEngine(c container.InspectResponse) {
	if len(c.ID) >= shortID && c.Config.Hostname == c.ID[:shortID] || sharesHostname(c.HostConfig) {
		o.unless("hostname")
	}
	// The default depends on the host's control groups.
	o.unless("cgroup")
	for path := range o.Fields {
		key, isEnvironment := strings.CutPrefix(path, "environment.")
		switch {
		case isEnvironment && isProxy(key),
			strings.HasPrefix(path, "logging."),                                             // the engine's configuration may add some
			strings.HasPrefix(path, "networks.") && strings.HasSuffix(path, ".mac_address"): // most are generated
			o.unless(path)
		}
	}
}

func sharesHostname(h *container.HostConfig) bool {
	return h.NetworkMode.IsHost() || h.NetworkMode.IsContainer() || h.UTSMode.IsHost()
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

// withUnreported adds what is desired and the engine keeps to itself: some of
// it always, some where the host or the API lack it. Of a container that is no
// service's, the engine has the ID in the place of the name.
func (o observation) withUnreported() {
	for path, value := range o.desired {
		observed, reported := o.Fields[path]
		switch {
		case !reported && unreported(path, value),
			isForeign(value) && isForeign(observed),
			observed == strings.Replace(value, writableRecursion, "", 1):
			o.Fields[path] = value
		}
	}
}

func isForeign(mode string) bool { return strings.HasPrefix(mode, types.ContainerPrefix) }

func unreported(path, value string) bool {
	switch path {
	case "links", "platform", "mac_address", "pre_start", "post_start", "pre_stop",
		// Left out where the kernel's control groups have no such control.
		"blkio_config.weight", "mem_swappiness", "oom_kill_disable", "cpu_rt_period", "cpu_rt_runtime":
		return true
	}
	first, last := path, path
	if i := strings.IndexByte(path, '.'); i >= 0 {
		first, last = path[:i], path[strings.LastIndexByte(path, '.')+1:]
	}
	switch first {
	case "secrets", "configs":
		return !strings.HasPrefix(value, string(mount.TypeBind)) // copied
	case "annotations": // below API 1.43
		return true
	case "networks":
		return last == "mac_address" || last == "gw_priority" || last == "interface_name"
	default:
		return false
	}
}

// name reads container_name from a name that has not the form of those that
// containers get by themselves.
func (f flat) name(c container.InspectResponse) {
	name := strings.TrimPrefix(c.Name, "/")
	if prefix, final, ok := strings.Cut(name, "_"); ok && len(prefix) == shortID && strings.Trim(prefix, "0123456789abcdef") == "" {
		name = final // it is to be renamed
	}
	own := f.service.Name + "-" + c.Config.Labels[project.LabelNumber]
	if !strings.HasSuffix(strings.ReplaceAll(name, "_", "-"), strings.ReplaceAll(own, "_", "-")) {
		f.set("container_name", name)
	}
}
