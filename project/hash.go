package project

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
)

// Refs are the container IDs of the services that a service shares namespaces
// or volumes with. The configuration hash holds the containers, so that it
// changes when one of them is replaced.
type Refs map[string]string

// ConfigHash is the value of the com.docker.compose.config-hash label, equal
// to that of docker compose 2.40.3: the SHA-256 of the service as JSON,
// without what does not show in a container. References to services that are
// not in refs stay as they are written.
func (s Service) ConfigHash(refs Refs) (string, error) {
	config := s.hashed()
	refs.resolve(&config)
	encoded, err := json.Marshal(config)
	if err != nil {
		return "", fmt.Errorf("hash of service %s: %w", s.Name, err)
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(encoded, &fields); err != nil {
		return "", fmt.Errorf("hash of service %s: %w", s.Name, err)
	}
	if len(config.Volumes) > 0 {
		if fields["volumes"], err = json.Marshal(s.hashedMounts(config.Volumes)); err != nil {
			return "", fmt.Errorf("hash of service %s: %w", s.Name, err)
		}
	}
	return digest(orderedObject(fields, hashOrder())), nil
}

// hashed is the configuration without the keys that the hash leaves out.
func (s Service) hashed() types.ServiceConfig {
	config := s.ServiceConfig
	config.Build = nil
	config.PullPolicy = ""
	config.Scale = nil
	config.DependsOn = nil
	config.Profiles = nil
	if config.Deploy != nil {
		deploy := *config.Deploy
		deploy.Replicas = nil
		config.Deploy = &deploy
	}
	return config
}

// resolve puts containers in the place of services, in docker compose's form:
// container:ID for namespaces and the bare ID, without an access mode, for
// volumes.
func (r Refs) resolve(config *types.ServiceConfig) {
	for _, mode := range []*string{&config.NetworkMode, &config.Ipc, &config.Pid} {
		if name, ok := strings.CutPrefix(*mode, types.ServicePrefix); ok && r[name] != "" {
			*mode = types.ContainerPrefix + r[name]
		}
	}
	config.VolumesFrom = slices.Clone(config.VolumesFrom)
	for i, from := range config.VolumesFrom {
		if container, ok := strings.CutPrefix(from, types.ContainerPrefix); ok {
			config.VolumesFrom[i], _, _ = strings.Cut(container, ":")
		} else if name, ok := volumesFromService(from); ok && r[name] != "" {
			config.VolumesFrom[i] = r[name]
		}
	}
}

// hashedMount is a mount as docker compose 2.40.3 hashes it: create_host_path
// stands there when it is true, where compose-go now has it when it is false,
// and also has another default.
type hashedMount struct {
	Type        string                     `json:"type,omitempty"`
	Source      string                     `json:"source,omitempty"`
	Target      string                     `json:"target,omitempty"`
	ReadOnly    bool                       `json:"read_only,omitempty"`
	Consistency string                     `json:"consistency,omitempty"`
	Bind        *hashedBind                `json:"bind,omitempty"`
	Volume      *types.ServiceVolumeVolume `json:"volume,omitempty"`
	Tmpfs       *types.ServiceVolumeTmpfs  `json:"tmpfs,omitempty"`
	Image       *types.ServiceVolumeImage  `json:"image,omitempty"`
}

type hashedBind struct {
	SELinux        string `json:"selinux,omitempty"`
	Propagation    string `json:"propagation,omitempty"`
	CreateHostPath bool   `json:"create_host_path,omitempty"`
	Recursive      string `json:"recursive,omitempty"`
}

func (s Service) hashedMounts(mounts []types.ServiceVolumeConfig) []hashedMount {
	hashed := make([]hashedMount, 0, len(mounts))
	for _, m := range mounts {
		h := hashedMount{m.Type, m.Source, m.Target, m.ReadOnly, m.Consistency, nil, m.Volume, m.Tmpfs, m.Image}
		if m.Bind != nil {
			create := bool(m.Bind.CreateHostPath) && !s.project.strict.has(s.Name, m.Target)
			h.Bind = &hashedBind{m.Bind.SELinux, m.Bind.Propagation, create, m.Bind.Recursive}
		}
		hashed = append(hashed, h)
	}
	return hashed
}

// orderedObject writes the fields that order names first, then the others.
func orderedObject(fields map[string]json.RawMessage, order []string) []byte {
	object := []byte{'{'}
	write := func(key string) {
		value, ok := fields[key]
		if !ok {
			return
		}
		delete(fields, key)
		if len(object) > 1 {
			object = append(object, ',')
		}
		object = append(append(object, '"'), key...)
		object = append(append(object, '"', ':'), value...)
	}
	for _, key := range order {
		write(key)
	}
	for _, key := range slices.Sorted(maps.Keys(fields)) {
		write(key)
	}
	return append(object, '}')
}

// NetworkHash is the config-hash label of a network, equal to that of docker
// compose 2.40.3, which does not know ipam.options.
func NetworkHash(network types.NetworkConfig) (string, error) {
	network.Ipam.Options = nil
	encoded, err := json.Marshal(&network)
	if err != nil {
		return "", fmt.Errorf("hash of network %s: %w", network.Name, err)
	}
	return digest(encoded), nil
}

// VolumeHash is the config-hash label of a volume, equal to that of docker
// compose 2.40.3.
func VolumeHash(volume types.VolumeConfig) (string, error) {
	if volume.Driver == "" {
		volume.Driver = "local"
	}
	encoded, err := json.Marshal(volume)
	if err != nil {
		return "", fmt.Errorf("hash of volume %s: %w", volume.Name, err)
	}
	return digest(encoded), nil
}

func digest(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}
