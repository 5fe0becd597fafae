package spec

import (
	"maps"
	"strconv"
	"strings"

	"github.com/docker/docker/api/types/network"

	"github.com/gocompose/gocompose/project"
)

// optionInterfaceName is the endpoint option behind interface_name.
const optionInterfaceName = "com.docker.network.endpoint.ifname"

// networksOf lists the networks of a service, the highest priority first and
// then by key; a project without networks has none.
func networksOf(p *project.Project, s project.Service) []NetworkRef {
	if s.NetworkMode != "" {
		return nil
	}
	var refs []NetworkRef
	for _, key := range s.NetworksByPriority() {
		refs = append(refs, networkRef(p, key))
	}
	if _, ok := p.Network("default"); ok && len(refs) == 0 {
		refs = append(refs, networkRef(p, "default"))
	}
	return refs
}

func networkRef(p *project.Project, key string) NetworkRef {
	n, _ := p.Network(key)
	if n.Name == "" {
		n.Name = key
	}
	return NetworkRef{Key: key, Name: n.Name}
}

// EndpointFor makes the settings of a service's connection to the network of
// that key.
func EndpointFor(p *project.Project, s project.Service, networkKey string, in Inputs) *network.EndpointSettings {
	b := builder{project: p, service: s, in: in}
	settings := b.endpoint(networkKey, b.links())
	if refs := networksOf(p, s); len(refs) > 0 && refs[0].Key == networkKey && settings.MacAddress == "" {
		settings.MacAddress = s.MacAddress
	}
	return settings
}

func (b builder) endpoint(key string, links []string) *network.EndpointSettings {
	config := b.service.Networks[key]
	settings := &network.EndpointSettings{Aliases: b.aliases(key), Links: links}
	if config == nil {
		return settings
	}
	settings.IPAMConfig = &network.EndpointIPAMConfig{
		IPv4Address:  config.Ipv4Address,
		IPv6Address:  config.Ipv6Address,
		LinkLocalIPs: config.LinkLocalIPs,
	}
	settings.IPAddress = config.Ipv4Address
	settings.GlobalIPv6Address = config.Ipv6Address
	settings.MacAddress = config.MacAddress
	settings.GwPriority = config.GatewayPriority
	settings.DriverOpts = config.DriverOpts
	if config.InterfaceName != "" {
		settings.DriverOpts = maps.Clone(config.DriverOpts)
		if settings.DriverOpts == nil {
			settings.DriverOpts = map[string]string{}
		}
		settings.DriverOpts[optionInterfaceName] = config.InterfaceName
	}
	return settings
}

// aliases are the names that others on the network find the container by.
func (b builder) aliases(key string) []string {
	aliases := []string{b.service.ContainerNameFor(b.in.Number)}
	if b.in.OneOff != nil {
		aliases[0] = b.in.Name
		if !b.in.OneOff.UseAliases {
			return aliases
		}
	}
	config := b.service.Networks[key]
	if config.ServiceNameAliasEnabled() {
		aliases = append(aliases, b.service.Name)
	}
	if config != nil {
		aliases = append(aliases, config.Aliases...)
	}
	return aliases
}

// links lists NAME:ALIAS for every container of the linked services, each
// under the names docker compose gives it, and the external links as they are.
func (b builder) links() []string {
	var links []string
	for _, link := range b.service.Links {
		service, alias, ok := strings.Cut(link, ":")
		if !ok {
			alias = service
		}
		for _, name := range b.linked(service) {
			for _, as := range b.linkNames(service, alias) {
				links = append(links, name+":"+as)
			}
		}
	}
	for _, link := range b.service.ExternalLinks {
		name, alias, ok := strings.Cut(link, ":")
		if !ok {
			alias = name
		}
		links = append(links, name+":"+alias)
	}
	return links
}

// linked names the containers of a linked service.
func (b builder) linked(service string) []string {
	if names, ok := b.in.Links[service]; ok {
		return names
	}
	target, ok := b.project.Service(service)
	if !ok {
		return nil
	}
	var names []string
	for number := 1; number <= target.Replicas(); number++ {
		names = append(names, target.ContainerNameFor(number))
	}
	return names
}

// linkNames are the aliases of a link. The number in them is that of the
// container that has the link, not of the linked one: so docker compose does. A
// one-off container has no number.
func (b builder) linkNames(service, alias string) []string {
	if b.in.OneOff != nil {
		return []string{alias}
	}
	sep := b.project.Separator()
	numbered := service + sep + strconv.Itoa(b.in.Number)
	return []string{alias, numbered, b.project.Name() + sep + numbered}
}
