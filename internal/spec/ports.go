package spec

import (
	"strconv"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/docker/go-connections/nat"
)

func exposedPorts(s types.ServiceConfig) nat.PortSet {
	ports := make(nat.PortSet, len(s.Expose)+len(s.Ports))
	for _, port := range s.Expose {
		ports[nat.Port(port)] = struct{}{}
	}
	for _, port := range s.Ports {
		ports[containerPort(port)] = struct{}{}
	}
	return ports
}

func portBindings(s types.ServiceConfig) nat.PortMap {
	bindings := make(nat.PortMap, len(s.Ports))
	for _, port := range s.Ports {
		key := containerPort(port)
		bindings[key] = append(bindings[key], nat.PortBinding{HostIP: port.HostIP, HostPort: port.Published})
	}
	return bindings
}

func containerPort(port types.ServicePortConfig) nat.Port {
	return nat.Port(strconv.FormatUint(uint64(port.Target), 10) + "/" + port.Protocol)
}
