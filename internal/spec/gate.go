package spec

import (
	"strconv"
	"strings"

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
		ForceRecursive:      from(44),
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
	if r.Networking == nil {
		return r
	}
	first := string(r.Host.NetworkMode)
	endpoint := r.Networking.EndpointsConfig[first]
	if endpoint != nil && endpoint.MacAddress != "" {
		// The address of the only endpoint is the container's own there.
		own, config := *endpoint, *r.Config
		config.MacAddress = own.MacAddress //nolint:staticcheck // the only way below API 1.44
		own.MacAddress = ""
		endpoint, r.Config = &own, &config
	}
	if len(r.Networks) == 0 {
		r.Networking = nil // it was there for the address
		return r
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
