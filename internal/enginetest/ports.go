package enginetest

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/docker/go-connections/nat"
)

// hostPort is a port on one address of the host. The empty address is all of
// them.
type hostPort struct {
	proto, ip string
	port      int
}

// The range from which ports are picked when none is asked for.
const (
	firstDynamicPort = 32768
	lastDynamicPort  = 60999
)

// bindPorts takes the host ports of a starting container, all or none.
func (e *Engine) bindPorts(c *container) error {
	mode := c.host.NetworkMode
	if mode.IsContainer() || mode.IsHost() || mode.IsNone() {
		return nil
	}
	c.ports = nat.PortMap{}
	for port := range c.config.ExposedPorts {
		c.ports[port] = nil
	}
	bindings := maps.Clone(c.host.PortBindings)
	if c.host.PublishAllPorts {
		if bindings == nil {
			bindings = nat.PortMap{}
		}
		for port := range c.config.ExposedPorts {
			if len(bindings[port]) == 0 {
				bindings[port] = []nat.PortBinding{{}}
			}
		}
	}
	for _, port := range slices.Sorted(maps.Keys(bindings)) {
		if _, exposed := c.config.ExposedPorts[port]; !exposed {
			continue // asking for it is not enough
		}
		for _, binding := range bindings[port] {
			if err := e.bindPort(c, port, binding); err != nil {
				e.releasePorts(c)
				return err
			}
		}
	}
	return nil
}

func (e *Engine) bindPort(c *container, port nat.Port, binding nat.PortBinding) error {
	first, last := firstDynamicPort, lastDynamicPort
	if binding.HostPort != "" && binding.HostPort != "0" {
		start, end, err := nat.ParsePortRangeToInt(binding.HostPort)
		if err != nil {
			return invalid("invalid port specification: %q", binding.HostPort)
		}
		first, last = start, end
	}
	ip := binding.HostIP
	if ip == "0.0.0.0" || ip == "::" {
		ip = ""
	}
	for n := first; n <= last; n++ {
		wanted := hostPort{proto: port.Proto(), ip: ip, port: n}
		err := e.portTaken(c, wanted)
		if err == nil {
			e.ports[wanted] = c.id
			c.ports[port] = append(c.ports[port], bound(binding.HostIP, n)...)
			return nil
		}
		if first == last {
			return err
		}
	}
	return e.portProblem(c, "all ports are allocated")
}

// bound is how a taken port is reported: on both families if no address was
// asked for.
func bound(ip string, port int) []nat.PortBinding {
	text := strconv.Itoa(port)
	if ip != "" {
		return []nat.PortBinding{{HostIP: ip, HostPort: text}}
	}
	return []nat.PortBinding{{HostIP: "0.0.0.0", HostPort: text}, {HostIP: "::", HostPort: text}}
}

// portTaken tells why a host port cannot be had, or nothing.
func (e *Engine) portTaken(c *container, wanted hostPort) error {
	shown := wanted.ip
	if shown == "" {
		shown = "0.0.0.0"
	}
	proxy := fmt.Sprintf("Error starting userland proxy: listen %s4 %s:%d: bind: address already in use", wanted.proto, shown, wanted.port)
	for taken := range e.ports {
		if taken.proto != wanted.proto || taken.port != wanted.port {
			continue
		}
		switch {
		case taken.ip == wanted.ip:
			return e.portProblem(c, fmt.Sprintf("Bind for %s:%d failed: port is already allocated", shown, wanted.port))
		case taken.ip != "" && wanted.ip != "":
		case e.serves("1.48"):
			return e.portProblem(c, fmt.Sprintf("Bind for %s:%d failed: port is already allocated", cmp.Or(taken.ip, "0.0.0.0"), wanted.port))
		default:
			// Older engines keep account of each address by itself.
			return e.portProblem(c, proxy)
		}
	}
	if wanted.proto != "tcp" || !e.busyPorts[uint16(wanted.port)] { //nolint:gosec // a port number fits
		return nil
	}
	return e.portProblem(c, e.wording("1.48", fmt.Sprintf("failed to bind host port for %s:%d: address already in use", shown, wanted.port), proxy))
}

// portProblem words a failure to publish a port.
func (e *Engine) portProblem(c *container, problem string) error {
	var id string
	for _, name := range slices.Sorted(maps.Keys(c.endpoints)) {
		id = c.endpoints[name].id
		break
	}
	return systemError("driver failed programming external connectivity on endpoint %s (%s): %s", c.name, id, problem)
}

func (e *Engine) releasePorts(c *container) {
	maps.DeleteFunc(e.ports, func(_ hostPort, owner string) bool { return owner == c.id })
	c.ports = nil
}

// portBinding shortens code about published ports.
type portBinding = nat.PortBinding

// portNumber reads a port that the engine itself wrote.
func portNumber(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0
	}
	return n
}
