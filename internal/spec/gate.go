package spec

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/docker/docker/api/types/network"

	"github.com/gocompose/gocompose/project"
)

// FeaturesOf says what an engine can do that speaks this API version, such as
// 1.41.
func FeaturesOf(apiVersion string) Features {
	from := func(minor int) bool { return minorOf(apiVersion) >= minor }
	return Features{
		APIVersion:          apiVersion,
		Annotations:         from(43),
		MultipleEndpoints:   from(44),
		HealthStartInterval: from(44),
		UniqueNetworkNames:  from(44), // Engine 25 brought both
		VolumeSubpath:       from(45),
		ImageMounts:         from(48),
		GatewayPriority:     from(48),
		InterfaceName:       from(49),
		ImagePlatforms:      from(49),
	}
}

func minorOf(version string) int {
	_, minor, _ := strings.Cut(version, ".")
	n, err := strconv.Atoi(minor)
	if err != nil {
		return 0
	}
	return n
}

// Gate fits a request to the engine. Below API 1.44 only the first network
// stays in it; the others are connected after (see [ExtraNetworks]).
func Gate(r Request, f Features) Request {
	if !f.MultipleEndpoints {
		r = gateEndpoints(r)
	}
	if !f.HealthStartInterval && r.Config.Healthcheck != nil && r.Config.Healthcheck.StartInterval != 0 {
		config, health := *r.Config, *r.Config.Healthcheck
		health.StartInterval = 0
		config.Healthcheck = &health
		r.Config = &config
	}
	if !f.Annotations && r.Host.Annotations != nil {
		host := *r.Host
		host.Annotations = nil
		r.Host = &host
	}
	return r
}

func gateEndpoints(r Request) Request {
	if r.Networking == nil || len(r.Networks) == 0 {
		return r
	}
	first := r.Networks[0].Name
	endpoint := r.Networking.EndpointsConfig[first]
	if endpoint != nil && endpoint.MacAddress != "" {
		// The address of the only endpoint is the container's own there.
		own, config := *endpoint, *r.Config
		config.MacAddress = own.MacAddress //nolint:staticcheck // the only way below API 1.44
		own.MacAddress = ""
		endpoint, r.Config = &own, &config
	}
	r.Networking = &network.NetworkingConfig{EndpointsConfig: map[string]*network.EndpointSettings{first: endpoint}}
	return r
}

// ExtraNetworks lists the keys of the networks that an engine cannot connect a
// container to on create.
func ExtraNetworks(s project.Service, f Features) []string {
	if f.MultipleEndpoints || s.NetworkMode != "" || len(s.Networks) < 2 {
		return nil
	}
	return s.NetworksByPriority()[1:]
}

// Notices says what an engine of these features leaves out of the service.
func Notices(s project.Service, f Features) []string {
	var notices []string
	left := func(what, since string) {
		notices = append(notices, fmt.Sprintf("%s is left out: it needs %s, and this engine speaks API %s", what, since, f.APIVersion))
	}
	if !f.HealthStartInterval && s.HealthCheck != nil && s.HealthCheck.StartInterval != nil {
		left("healthcheck.start_interval", "Docker Engine 25 (API 1.44)")
	}
	if !f.Annotations && len(s.Annotations) > 0 {
		left("annotations", "Docker Engine 24 (API 1.43)")
	}
	for _, key := range slices.Sorted(maps.Keys(s.Networks)) {
		if config := s.Networks[key]; config != nil && config.GatewayPriority != 0 && !f.GatewayPriority {
			left("networks."+key+".gw_priority", "Docker Engine 28 (API 1.48)")
		}
	}
	return notices
}

// Unsupported refuses what the service cannot do without and this engine does
// not have.
func Unsupported(s project.Service, f Features) error {
	var errs []error
	refuse := func(what, since string) {
		errs = append(errs, fmt.Errorf("%s needs %s, and this engine speaks API %s", what, since, f.APIVersion))
	}
	for _, v := range s.Volumes {
		if v.Type == types.VolumeTypeImage && !f.ImageMounts {
			refuse("the image mount at "+v.Target, "Docker Engine 28 (API 1.48)")
		}
		if v.Volume != nil && v.Volume.Subpath != "" && !f.VolumeSubpath {
			refuse("volume.subpath at "+v.Target, "Docker Engine 26 (API 1.45)")
		}
	}
	for _, key := range slices.Sorted(maps.Keys(s.Networks)) {
		config := s.Networks[key]
		if config == nil {
			continue
		}
		if config.InterfaceName != "" && !f.InterfaceName {
			refuse("networks."+key+".interface_name", "Docker Engine 28.1 (API 1.49)")
		}
		if config.MacAddress != "" && !f.MultipleEndpoints && s.NetworksByPriority()[0] != key {
			refuse("networks."+key+".mac_address", "Docker Engine 25 (API 1.44)")
		}
	}
	return errors.Join(errs...)
}
