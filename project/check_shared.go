package project

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
)

// checkContainerNames finds container names that two enabled services ask for.
func (p *Project) checkContainerNames() Diagnostics {
	var found Diagnostics
	taken := map[string]string{}
	for _, name := range p.ServiceNames() {
		container := p.model.Services[name].ContainerName
		if container == "" {
			continue
		}
		if first, ok := taken[container]; ok {
			found.add(Diagnostic{
				Code: CodeNameTaken, Path: dotted("services", name, "container_name"),
				Summary: fmt.Sprintf("services.%s: container name %q is already in use by service %s", name, container, first),
				Hint:    "container names are unique on a host; without container_name each service gets its own",
			})
			continue
		}
		taken[container] = name
	}
	return found
}

// hostPort is one port of the host that a service asks for.
type hostPort struct {
	service  string
	ip       string
	port     string
	protocol string
}

// checkPorts warns about host ports that cannot all be had. A range is left
// out: the engine takes what is free in it.
func (c *checker) checkPorts() {
	byPort := map[[2]string][]hostPort{}
	for _, name := range c.ServiceNames() {
		service := c.model.Services[name]
		for _, p := range service.Ports {
			if p.Published == "" || p.Published == "0" || strings.Contains(p.Published, "-") {
				continue
			}
			port := hostPort{name, p.HostIP, p.Published, cmp.Or(p.Protocol, "tcp")}
			key := [2]string{port.port, port.protocol}
			byPort[key] = append(byPort[key], port)
		}
		c.checkReplicaPorts(name, service)
	}
	var clashes Diagnostics
	for _, ports := range byPort {
		clashes = append(clashes, clashesOf(ports)...)
	}
	slices.SortFunc(clashes, func(a, b Diagnostic) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Summary, b.Summary))
	})
	c.found = append(c.found, clashes...)
}

// clashesOf reports each service once for a port, against the first that has
// it on an overlapping address.
func clashesOf(ports []hostPort) Diagnostics {
	var ds Diagnostics
	first := map[string]hostPort{} // by address; a wildcard overlaps with all, also ""
	for _, port := range ports {
		holder, taken := first[port.ip]
		if wildcard(port.ip) {
			holder, taken = ports[0], port != ports[0]
		} else if all, ok := first[""]; ok {
			holder, taken = all, true
		}
		if taken && holder.service != port.service {
			ds.add(Diagnostic{
				Severity: Warning, Code: CodePortClash, Path: dotted("services", port.service, "ports"),
				Summary: fmt.Sprintf("services %q and %q both publish %s: only one of them can start",
					holder.service, port.service, port),
			})
		}
		for _, ip := range addresses(port.ip) {
			if _, ok := first[ip]; !ok {
				first[ip] = port
			}
		}
	}
	return ds
}

func addresses(ip string) []string {
	if wildcard(ip) {
		return []string{ip, ""}
	}
	return []string{ip}
}

func (p hostPort) String() string {
	return fmt.Sprintf("%s:%s/%s", cmp.Or(p.ip, "0.0.0.0"), p.port, p.protocol)
}

func wildcard(ip string) bool { return ip == "" || ip == "0.0.0.0" || ip == "::" }

// checkReplicaPorts warns about a service that clashes with itself.
func (c *checker) checkReplicaPorts(name string, s types.ServiceConfig) {
	if s.GetScale() < 2 {
		return
	}
	for _, p := range s.Ports {
		if p.Published == "" || p.Published == "0" || strings.Contains(p.Published, "-") {
			continue
		}
		c.found.add(Diagnostic{
			Severity: Warning, Code: CodePortClash, Path: dotted("services", name, "ports"),
			Summary: fmt.Sprintf("service %q has %d replicas but publishes the one host port %s", name, s.GetScale(), p.Published),
			Hint:    "publish a range of ports, or none",
		})
		return
	}
}
