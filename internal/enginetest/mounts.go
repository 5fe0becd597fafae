package enginetest

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	ctypes "github.com/docker/docker/api/types/container"
	etypes "github.com/docker/docker/api/types/events"
	mtypes "github.com/docker/docker/api/types/mount"
)

// mount is something mounted into a container.
type mount struct {
	kind        mtypes.Type
	volume      *volume // of volume mounts
	source      string
	destination string
	mode        string
	readOnly    bool
	propagation mtypes.Propagation
	named       bool // asked for by name, so that removing the container keeps it
}

// registerMounts works out a new container's mounts, making volumes on the way:
// those of other containers, binds, mounts, then the image's volumes which are
// still uncovered.
func (e *Engine) registerMounts(c *container) error {
	byDestination := map[string]*mount{}
	if err := e.inheritMounts(c, byDestination); err != nil {
		return err
	}
	explicit := map[string]bool{}
	put := func(m *mount, makeVolume func() error) error {
		if explicit[m.destination] {
			return invalid("Duplicate mount point: %s", m.destination)
		}
		explicit[m.destination] = true
		byDestination[m.destination] = m
		if m.kind != mtypes.TypeVolume {
			return nil
		}
		return makeVolume()
	}
	for _, bind := range c.host.Binds {
		m, err := parseBind(bind)
		if err != nil {
			return err
		}
		err = put(m, func() (err error) {
			m.volume, err = e.makeVolume(m.source, c.host.VolumeDriver, nil, nil)
			return err
		})
		if err != nil {
			return err
		}
	}
	for _, spec := range c.host.Mounts {
		m, err := e.parseMount(spec)
		if err != nil {
			return err
		}
		if err := put(m, func() error { return e.volumeForMount(m, spec) }); err != nil {
			return err
		}
	}
	for _, destination := range slices.Sorted(maps.Keys(c.config.Volumes)) {
		destination = path.Clean(destination)
		if byDestination[destination] != nil {
			continue
		}
		v, err := e.makeVolume("", c.host.VolumeDriver, nil, nil)
		if err != nil {
			return err
		}
		byDestination[destination] = &mount{kind: mtypes.TypeVolume, volume: v, destination: destination}
	}
	for _, destination := range slices.Sorted(maps.Keys(byDestination)) {
		m := byDestination[destination]
		c.mounts = append(c.mounts, m)
		if m.volume != nil {
			m.volume.users[c.id] = true
		}
	}
	return nil
}

// inheritMounts takes over the mounts of the containers named by VolumesFrom.
func (e *Engine) inheritMounts(c *container, into map[string]*mount) error {
	for _, from := range c.host.VolumesFrom {
		name, mode, _ := strings.Cut(from, ":")
		other, err := e.findContainer(name)
		if err != nil {
			return invalid("%v", err)
		}
		for _, m := range other.mounts {
			if m.volume == nil && m.source == "" {
				// The engine takes a tmpfs for a volume here.
				return notFound("get: no such volume")
			}
			inherited := *m
			inherited.readOnly = m.readOnly || mode == "ro"
			into[m.destination] = &inherited
		}
	}
	return nil
}

// parseBind reads SOURCE:DESTINATION[:MODE], or a destination alone.
func parseBind(bind string) (*mount, error) {
	parts := strings.Split(bind, ":")
	if len(parts) > 3 || bind == "" {
		return nil, systemError("invalid volume specification: '%s'", bind)
	}
	m := &mount{kind: mtypes.TypeVolume}
	switch len(parts) {
	case 1:
		m.destination = parts[0]
	case 3:
		m.mode = parts[2]
		fallthrough
	default:
		m.source, m.destination = parts[0], parts[1]
	}
	if !strings.HasPrefix(m.destination, "/") {
		return nil, systemError("invalid volume specification: '%s': invalid mount config for type %q: invalid mount path: '%s' mount path must be absolute", bind, "volume", m.destination)
	}
	m.destination = path.Clean(m.destination)
	for word := range strings.SplitSeq(m.mode, ",") {
		if word == "ro" {
			m.readOnly = true
		}
	}
	if strings.HasPrefix(m.source, "/") {
		m.kind, m.propagation = mtypes.TypeBind, mtypes.PropagationRPrivate
		return m, nil
	}
	m.named = m.source != ""
	if m.mode == "" {
		m.mode = "z"
	}
	return m, nil
}

// checkMount validates an entry of HostConfig.Mounts.
func checkMount(spec mtypes.Mount) error {
	var problem string
	switch spec.Type {
	case mtypes.TypeVolume, mtypes.TypeImage:
	case mtypes.TypeBind:
		if spec.Source == "" {
			problem = "field Source must not be empty"
		}
	case mtypes.TypeTmpfs:
		if spec.Source != "" {
			problem = "field Source must not be specified"
		}
	default:
		problem = "mount type unknown"
	}
	switch {
	case spec.Target == "":
		problem = "field Target must not be empty"
	case !strings.HasPrefix(spec.Target, "/"):
		problem = fmt.Sprintf("invalid mount path: '%s' mount path must be absolute", spec.Target)
	}
	if problem == "" {
		return nil
	}
	return invalid("invalid mount config for type %q: %s", spec.Type, problem)
}

// parseMount reads a checked entry of HostConfig.Mounts.
func (e *Engine) parseMount(spec mtypes.Mount) (*mount, error) {
	m := &mount{kind: spec.Type, source: spec.Source, destination: path.Clean(spec.Target), readOnly: spec.ReadOnly}
	switch spec.Type {
	case mtypes.TypeBind:
		m.propagation = mtypes.PropagationRPrivate
		if spec.BindOptions != nil && spec.BindOptions.Propagation != "" {
			m.propagation = spec.BindOptions.Propagation
		}
	case mtypes.TypeImage:
		m.readOnly = true
		if _, err := e.findImage(spec.Source); err != nil {
			return nil, err
		}
	case mtypes.TypeVolume, mtypes.TypeTmpfs, mtypes.TypeNamedPipe, mtypes.TypeCluster:
	}
	return m, nil
}

func (e *Engine) volumeForMount(m *mount, spec mtypes.Mount) error {
	var driver string
	var options, labels map[string]string
	if o := spec.VolumeOptions; o != nil {
		labels = o.Labels
		if o.DriverConfig != nil {
			driver, options = o.DriverConfig.Name, o.DriverConfig.Options
		}
	}
	v, err := e.makeVolume(spec.Source, driver, options, labels)
	m.volume, m.named, m.mode = v, spec.Source != "", "z"
	return err
}

// releaseMounts drops a removed container's references and, if asked, the
// anonymous volumes that nobody else uses.
func (e *Engine) releaseMounts(c *container, anonymous bool) {
	for _, m := range c.mounts {
		if m.volume == nil {
			continue
		}
		delete(m.volume.users, c.id)
		if anonymous && !m.named && len(m.volume.users) == 0 && e.volumes[m.volume.name] == m.volume {
			e.dropVolume(m.volume)
		}
	}
}

// publishMounts announces that a starting or stopping container's volumes are
// mounted or unmounted.
func (e *Engine) publishMounts(c *container, action etypes.Action) {
	for _, m := range c.mounts {
		if m.volume == nil {
			continue
		}
		attributes := map[string]string{"driver": m.volume.driver, "container": c.id}
		if action == etypes.ActionMount {
			attributes["destination"] = m.destination
			attributes["read/write"] = "true"
			if m.readOnly {
				attributes["read/write"] = "false"
			}
			attributes["propagation"] = string(m.propagation)
		}
		e.publish(etypes.VolumeEventType, action, m.volume.name, attributes)
	}
}

// describe reports the mount the way inspect does.
func (m *mount) describe() ctypes.MountPoint {
	p := ctypes.MountPoint{
		Type: m.kind, Source: m.source, Destination: m.destination, Mode: m.mode, RW: !m.readOnly,
		Propagation: m.propagation,
	}
	if m.volume != nil {
		p.Name, p.Source, p.Driver = m.volume.name, m.volume.mountpoint(), m.volume.driver
	}
	return p
}
