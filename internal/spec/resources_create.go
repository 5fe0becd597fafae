package spec

import (
	"fmt"
	"maps"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/docker/docker/api/types/network"
	"github.com/docker/docker/api/types/volume"

	"github.com/gocompose/gocompose/project"
)

// Network makes the request that creates the network of that key.
func Network(p *project.Project, key string) (string, network.CreateOptions, error) {
	config, ok := p.Network(key)
	if !ok {
		return "", network.CreateOptions{}, fmt.Errorf("undefined network %q", key)
	}
	hash, err := project.NetworkHash(config)
	if err != nil {
		return "", network.CreateOptions{}, err
	}
	options := network.CreateOptions{
		Driver:     config.Driver,
		Internal:   config.Internal,
		Attachable: config.Attachable,
		Options:    config.DriverOpts,
		EnableIPv4: config.EnableIPv4,
		EnableIPv6: config.EnableIPv6,
		IPAM:       ipam(config.Ipam),
		Labels:     ownLabels(p, config.Labels, project.LabelNetwork, key, hash),
	}
	return config.Name, options, nil
}

// ipam leaves the addresses to the engine where the files say nothing of them.
func ipam(config types.IPAMConfig) *network.IPAM {
	if config.Driver == "" && len(config.Config) == 0 && len(config.Options) == 0 {
		return nil
	}
	out := &network.IPAM{Driver: config.Driver, Options: config.Options}
	for _, pool := range config.Config {
		out.Config = append(out.Config, network.IPAMConfig{
			Subnet: pool.Subnet, IPRange: pool.IPRange, Gateway: pool.Gateway, AuxAddress: pool.AuxiliaryAddresses,
		})
	}
	return out
}

// Volume makes the request that creates the named volume of that key.
func Volume(p *project.Project, key string) (volume.CreateOptions, error) {
	config, ok := p.Volume(key)
	if !ok {
		return volume.CreateOptions{}, fmt.Errorf("undefined volume %q", key)
	}
	hash, err := project.VolumeHash(config)
	if err != nil {
		return volume.CreateOptions{}, err
	}
	return volume.CreateOptions{
		Name:       config.Name,
		Driver:     config.Driver,
		DriverOpts: config.DriverOpts,
		Labels:     ownLabels(p, config.Labels, project.LabelVolume, key, hash),
	}, nil
}

// ownLabels adds to the user's labels those that say whose the thing is.
func ownLabels(p *project.Project, own types.Labels, keyLabel, key, hash string) map[string]string {
	labels := make(map[string]string, len(own)+4)
	maps.Copy(labels, own)
	labels[project.LabelProject] = p.Name()
	labels[keyLabel] = key
	labels[project.LabelVersion] = p.Version()
	labels[project.LabelConfigHash] = hash
	return labels
}
