package spec

import (
	"fmt"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/docker/docker/api/types/network"

	"github.com/gocompose/gocompose/project"
)

// shares says what the container has in common with others, in the engine's
// words.
type shares struct {
	network, ipc, pid string
	volumes           []string
}

func (b builder) shares() (shares, error) {
	var (
		found shares
		err   error
	)
	if found.network, err = b.networkMode(); err != nil {
		return shares{}, err
	}
	if found.ipc, err = b.namespace("IPC", b.service.Ipc); err != nil {
		return shares{}, err
	}
	if found.pid, err = b.namespace("PID", b.service.Pid); err != nil {
		return shares{}, err
	}
	for _, from := range b.service.VolumesFrom {
		source, err := b.volumesFrom(from)
		if err != nil {
			return shares{}, err
		}
		found.volumes = append(found.volumes, source)
	}
	return found, nil
}

func (b builder) networkMode() (string, error) {
	if mode := b.service.NetworkMode; mode != "" {
		return b.namespace("network", mode)
	}
	refs := networksOf(b.project, b.service)
	if len(refs) == 0 {
		return network.NetworkNone, nil
	}
	return refs[0].Name, nil
}

// namespace resolves service:NAME; every other mode is the engine's own.
func (b builder) namespace(kind, mode string) (string, error) {
	service, ok := strings.CutPrefix(mode, types.ServicePrefix)
	if !ok {
		return mode, nil
	}
	id, ok := b.in.Parents[service]
	if !ok {
		return "", fmt.Errorf("cannot share %s namespace with service %s: container missing", kind, service)
	}
	return types.ContainerPrefix + id, nil
}

// volumesFrom resolves SERVICE[:ro|rw] and container:NAME[:ro|rw].
func (b builder) volumesFrom(from string) (string, error) {
	if container, ok := strings.CutPrefix(from, types.ContainerPrefix); ok {
		return container, nil
	}
	service, mode, hasMode := strings.Cut(from, ":")
	id, ok := b.in.Parents[service]
	if !ok {
		return "", fmt.Errorf("cannot share volume with service %s: container missing", service)
	}
	if hasMode {
		return id + ":" + mode, nil
	}
	return id, nil
}

// SharedPaths lists the paths of [Fields] that name a container of another
// service: they change when that container is replaced, though the files stay
// the same.
func SharedPaths(s project.Service) []string {
	var paths []string
	for _, share := range []struct{ path, mode string }{
		{"ipc", s.Ipc}, {"network_mode", s.NetworkMode}, {"pid", s.Pid},
	} {
		if strings.HasPrefix(share.mode, types.ServicePrefix) {
			paths = append(paths, share.path)
		}
	}
	for _, from := range s.VolumesFrom {
		if !strings.HasPrefix(from, types.ContainerPrefix) {
			return append(paths, "volumes_from")
		}
	}
	return paths
}
