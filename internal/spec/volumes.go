package spec

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/docker/docker/api/types/mount"

	"github.com/gocompose/gocompose/project"
)

// errNoSocket is for commands that give no service the socket.
var errNoSocket = errors.New("use_api_socket is not supported here; mount the engine's socket under volumes")

// volumes makes the binds and mounts of the service. What the older bind form
// can say is said in it, as docker compose does: it creates a missing path on
// the host, which the mount form refuses.
func (b builder) volumes() (binds []string, mounts []mount.Mount, err error) {
	taken := map[string]bool{}
	for _, v := range b.service.Volumes {
		taken[v.Target] = true
		if v.Type == types.VolumeTypeVolume && v.Source == "" {
			mounts = append(mounts, b.anonymous(v))
			continue
		}
		if bind, ok := b.bindForm(v); ok {
			binds = append(binds, bind)
			continue
		}
		m, err := b.mountForm(v)
		if err != nil {
			return nil, nil, err
		}
		mounts = append(mounts, m)
	}
	for _, path := range slices.Sorted(slices.Values(b.in.ImageVolumes)) {
		if name, inherited := b.in.Inherit[path]; inherited && !taken[path] {
			mounts = append(mounts, mount.Mount{Type: mount.TypeVolume, Source: name, Target: path})
		}
	}
	files, err := fileMounts(b.project, b.service, taken)
	if err != nil {
		return nil, nil, err
	}
	if b.service.UseAPISocket && !b.service.HasAPISocket() {
		return nil, nil, errNoSocket
	}
	mounts = append(mounts, files...)
	slices.SortFunc(mounts, func(a, b mount.Mount) int { return strings.Compare(a.Target, b.Target) })
	return binds, mounts, nil
}

// anonymous mounts a volume without a name, or the one that the replaced
// container had at that path.
func (b builder) anonymous(v types.ServiceVolumeConfig) mount.Mount {
	return mount.Mount{
		Type:          mount.TypeVolume,
		Source:        b.in.Inherit[v.Target],
		Target:        v.Target,
		ReadOnly:      v.ReadOnly,
		VolumeOptions: volumeOptions(v.Volume),
	}
}

// bindForm writes SOURCE:TARGET:OPTIONS where that says all there is to say.
func (b builder) bindForm(v types.ServiceVolumeConfig) (string, bool) {
	switch v.Type {
	case types.VolumeTypeBind:
		if v.Bind != nil && (!bool(v.Bind.CreateHostPath) || v.Bind.Propagation != "" || v.Bind.Recursive != "") {
			return "", false
		}
		return v.String(), true
	case types.VolumeTypeVolume:
		if v.Volume != nil && (v.Volume.NoCopy || v.Volume.Subpath != "" || len(v.Volume.Labels) > 0) {
			return "", false
		}
		if _, declared := b.project.Volume(v.Source); !declared {
			return "", false // of a one-off container
		}
		v.Source = b.volumeName(v.Source)
		return v.String(), true
	default:
		return "", false
	}
}

func (b builder) volumeName(key string) string {
	if config, ok := b.project.Volume(key); ok && config.Name != "" {
		return config.Name
	}
	return key
}

func (b builder) mountForm(v types.ServiceVolumeConfig) (mount.Mount, error) {
	m := mount.Mount{
		Type:        mount.Type(v.Type),
		Source:      v.Source,
		Target:      v.Target,
		ReadOnly:    v.ReadOnly,
		Consistency: mount.Consistency(v.Consistency),
	}
	switch v.Type {
	case types.VolumeTypeBind:
		m.BindOptions = bindOptions(v.Bind)
	case types.VolumeTypeVolume:
		m.Source = b.volumeName(v.Source)
		m.VolumeOptions = volumeOptions(v.Volume)
	case types.VolumeTypeTmpfs:
		m.TmpfsOptions = tmpfsOptions(v.Tmpfs)
	case types.VolumeTypeImage:
		m.ImageOptions = imageOptions(v.Image)
	case types.VolumeTypeNamedPipe, types.VolumeTypeCluster:
	default:
		return mount.Mount{}, fmt.Errorf("volume type %q at %s is not one of the Compose Spec", v.Type, v.Target)
	}
	return m, nil
}

func bindOptions(bind *types.ServiceVolumeBind) *mount.BindOptions {
	if bind == nil {
		return nil
	}
	options := &mount.BindOptions{
		Propagation:      mount.Propagation(bind.Propagation),
		CreateMountpoint: bool(bind.CreateHostPath),
	}
	switch bind.Recursive {
	case "disabled":
		options.NonRecursive = true
	case "writable":
		options.ReadOnlyNonRecursive = true
	case "readonly":
		options.ReadOnlyForceRecursive = true
	}
	return options
}

func volumeOptions(v *types.ServiceVolumeVolume) *mount.VolumeOptions {
	if v == nil {
		return nil
	}
	return &mount.VolumeOptions{NoCopy: v.NoCopy, Subpath: v.Subpath, Labels: v.Labels}
}

func tmpfsOptions(t *types.ServiceVolumeTmpfs) *mount.TmpfsOptions {
	if t == nil {
		return nil
	}
	return &mount.TmpfsOptions{SizeBytes: int64(t.Size), Mode: fs.FileMode(t.Mode)}
}

func imageOptions(i *types.ServiceVolumeImage) *mount.ImageOptions {
	if i == nil {
		return nil
	}
	return &mount.ImageOptions{Subpath: i.SubPath}
}

// fileMounts binds configs and secrets that are files of the host, except where
// something is mounted already: a volume goes before a secret, a secret before
// a config, and the last of a kind before the others.
func fileMounts(p *project.Project, s project.Service, taken map[string]bool) ([]mount.Mount, error) {
	var mounts []mount.Mount
	for _, ref := range slices.Backward(fileRefs(s)) {
		object, err := ref.object(p)
		if err != nil {
			return nil, err
		}
		if object.File == "" || taken[ref.target()] {
			continue
		}
		taken[ref.target()] = true
		m := mount.Mount{Type: mount.TypeBind, Source: object.File, Target: ref.target(), ReadOnly: true}
		if ref.secret {
			m.BindOptions = &mount.BindOptions{}
		}
		mounts = append(mounts, m)
	}
	return mounts, nil
}
