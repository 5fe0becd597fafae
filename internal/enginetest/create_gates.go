package enginetest

import (
	"maps"
	"slices"
	"strings"

	mtypes "github.com/docker/docker/api/types/mount"
	"github.com/docker/go-connections/nat"
)

// portName shortens generic code about exposed ports.
type portName = nat.Port

// gateCreate ignores or refuses what the request's API version does not have.
// An engine that is itself older knows nothing of a field and ignores it.
func (e *Engine) gateCreate(r *request, in *creation) error {
	if err := e.gateMounts(r, in); err != nil {
		return err
	}
	if !r.speaks("1.43") {
		in.host.Annotations = nil
	}
	if r.speaks("1.42") {
		in.host.KernelMemory = 0 //nolint:staticcheck // dropped by the API version
	} else {
		in.host.ConsoleSize = [2]uint{}
	}
	if !r.speaks("1.44") {
		if in.config.Healthcheck != nil {
			in.config.Healthcheck.StartInterval = 0
		}
		if len(in.endpoints) > 1 {
			names := strings.Join(slices.Sorted(maps.Keys(in.endpoints)), ", ")
			if e.serves("1.44") {
				return invalid("Container cannot be created with multiple network endpoints: %s", names)
			}
			return invalid("Container cannot be connected to network endpoints: %s", names)
		}
	}
	if !r.speaks("1.48") {
		for _, ep := range in.endpoints {
			if ep != nil {
				ep.GwPriority = 0
			}
		}
	}
	return e.gateMAC(r, in)
}

func (e *Engine) gateMounts(r *request, in *creation) error {
	for i := range in.host.Mounts {
		m := &in.host.Mounts[i]
		switch {
		case r.speaks("1.42") && m.VolumeOptions != nil && m.Type != mtypes.TypeVolume:
			return invalid("VolumeOptions must not be specified on mount type %q", m.Type)
		case r.speaks("1.42") && m.BindOptions != nil && m.Type != mtypes.TypeBind:
			return invalid("BindOptions must not be specified on mount type %q", m.Type)
		case r.speaks("1.42") && m.TmpfsOptions != nil && m.Type != mtypes.TypeTmpfs:
			return invalid("TmpfsOptions must not be specified on mount type %q", m.Type)
		case !r.speaks("1.45") && m.VolumeOptions != nil && m.VolumeOptions.Subpath != "":
			if e.serves("1.45") {
				return invalid("VolumeOptions.Subpath needs API v1.45 or newer")
			}
			m.VolumeOptions.Subpath = ""
		case !r.speaks("1.48") && m.Type == mtypes.TypeImage && e.serves("1.48"):
			return invalid(`Mount type "Image" needs API v1.48 or newer`)
		case !e.serves("1.48") && m.Type == mtypes.TypeImage:
			return invalid("invalid mount config for type %q: mount type unknown", m.Type)
		}
		if !r.speaks("1.42") && m.BindOptions != nil {
			m.BindOptions.CreateMountpoint = false
		}
	}
	return nil
}

// gateMAC moves the container-wide MAC address, the only one before 1.44, to the
// main network's endpoint.
func (e *Engine) gateMAC(r *request, in *creation) error {
	wide := in.config.MacAddress //nolint:staticcheck // still the way before 1.44
	if !r.speaks("1.44") {
		for _, ep := range in.endpoints {
			if ep != nil {
				ep.MacAddress = ""
			}
		}
	}
	if wide == "" {
		return nil
	}
	ep := in.endpoints[networkOf(in.host.NetworkMode)]
	switch {
	case ep == nil:
	case ep.MacAddress == "":
		ep.MacAddress = wide
	case ep.MacAddress != wide:
		return invalid("the container-wide MAC address must match the endpoint-specific MAC address for the main network, or be left empty")
	}
	if r.speaks("1.44") {
		in.warnings = append(in.warnings, "The container-wide MacAddress field is now deprecated. It should be specified in EndpointsConfig instead.")
	}
	return nil
}
