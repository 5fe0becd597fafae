package spec

import (
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/network"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// Inputs is what a container's request takes from elsewhere than the files.
type Inputs struct {
	// Number is the replica number, from 1; a one-off container has none.
	Number int
	// Name is the name to create the container under. It may be a temporary
	// one, and is never used as a network alias unless OneOff is set.
	Name string
	// OneOff makes a container that is no replica; nil makes one that is.
	OneOff *OneOff
	// Hash is the value of the config-hash label.
	Hash string
	// ImageID is the value of the image label; empty where it is not known.
	ImageID string
	// ImageContent tells one content of an image from another; empty where it is
	// not known.
	ImageContent string
	// ImageVolumes are the VOLUME paths of the image.
	ImageVolumes []string
	// Inherit maps a path in the container to the volume that the replaced
	// container had there. It counts where the image declares a volume or the
	// service an anonymous one.
	Inherit map[string]string
	// Replaces is the value of the replace label, see [ReplacedName]; empty
	// where nothing is replaced.
	Replaces string
	// Parents maps a service to the ID of the container that service:NAME
	// references and volumes_from mean.
	Parents map[string]string
	// Links maps a linked service to the names of its containers. Services
	// that are missing here are taken to have all their replicas.
	Links map[string][]string
	// Proxy holds the proxy variables of the docker configuration, which the
	// service's environment overrides.
	Proxy map[string]string
	// ReadFile reads a seccomp profile, given its absolute path.
	ReadFile func(path string) ([]byte, error)
}

// OneOff is what sets a one-off container apart (docker compose run).
type OneOff struct {
	Slug       string // value of the slug label
	AutoRemove bool   // the engine removes it once it has ended
	UseAliases bool   // it answers to the names of the service as well as to its own
}

// Request is everything a container is created with.
type Request struct {
	Name       string
	Config     *container.Config
	Host       *container.HostConfig
	Networking *network.NetworkingConfig // nil without networks of the project
	Platform   *ocispec.Platform         // nil for the engine's own
	// Networks are the networks of the request, the one that gives the default
	// route first.
	Networks []NetworkRef
}

// NetworkRef names a network of the project.
type NetworkRef struct {
	Key  string // in the project
	Name string // on the engine
}
