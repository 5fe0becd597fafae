package enginetest

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"

	ctypes "github.com/docker/docker/api/types/container"
	etypes "github.com/docker/docker/api/types/events"
	ntypes "github.com/docker/docker/api/types/network"
)

// endpoint ties a container to a network. It is configured when the container is
// created or connected and is active, with an address, while the container runs.
type endpoint struct {
	owner  *container
	config *ntypes.EndpointSettings // as given, without operational data

	id         string // empty unless active
	network    *network
	networkID  string // of the last activation, which a later start insists on
	ipv4, ipv6 netip.Prefix
	mac        string
	names      []string
}

// configureEndpoint puts settings on a container that does not run, under the
// network's name if there is such a network. If not, starting will fail.
func (e *Engine) configureEndpoint(c *container, term string, config *ntypes.EndpointSettings) {
	if config == nil {
		config = &ntypes.EndpointSettings{}
	}
	if n, err := e.findNetwork(term); err == nil {
		term = n.name
	}
	c.endpoints[term] = &endpoint{owner: c, config: config}
}

func (e *Engine) checkEndpoint(n *network, config *ntypes.EndpointSettings) error {
	user := !predefined(n.name)
	var v4, v6 string
	if config.IPAMConfig != nil {
		v4, v6 = config.IPAMConfig.IPv4Address, config.IPAMConfig.IPv6Address
	}
	static := v4 != "" || v6 != ""
	var problem string
	switch {
	case !user && static:
		problem = "user specified IP address is supported on user defined networks only"
	case !user && len(config.Aliases) > 0:
		problem = "network-scoped alias is supported only for containers in user defined networks"
	case static && !n.fixed:
		problem = "user specified IP address is supported only when connecting to networks with user configured subnets"
	case static && e.serves("1.44"):
		for _, address := range []string{v4, v6} {
			if address != "" && !n.configured(address) {
				problem = "no configured subnet or ip-range contain the IP address " + address
			}
		}
	}
	if problem == "" {
		return nil
	}
	return invalid("%s%s", e.wording("1.44", "invalid endpoint settings:\n", ""), problem)
}

// configured reports whether a subnet given by the user contains address.
func (n *network) configured(address string) bool {
	addr, err := netip.ParseAddr(address)
	for _, p := range n.pools {
		if err == nil && p.config.Subnet != "" && p.subnet.Contains(addr) {
			return true
		}
	}
	return false
}

// activate brings an endpoint up: address and names.
func (e *Engine) activate(c *container, name string, ep *endpoint) error {
	term := name
	if ep.networkID != "" && !predefined(name) {
		term = ep.networkID
	}
	n, err := e.findNetwork(term)
	if err != nil {
		return err
	}
	if err := e.checkEndpoint(n, ep.config); err != nil {
		return err
	}
	var wanted ntypes.EndpointIPAMConfig
	if ep.config.IPAMConfig != nil {
		wanted = *ep.config.IPAMConfig
	}
	if ep.ipv4, err = n.address(wanted.IPv4Address, true); err != nil {
		return err
	}
	if ep.ipv6, err = n.address(wanted.IPv6Address, false); err != nil {
		return err
	}
	ep.owner, ep.network, ep.networkID, ep.id = c, n, n.id, e.newID(endpointID)
	ep.mac = ep.config.MacAddress
	if ep.mac == "" && ep.ipv4.IsValid() {
		b := ep.ipv4.Addr().As4()
		ep.mac = fmt.Sprintf("02:42:%02x:%02x:%02x:%02x", b[0], b[1], b[2], b[3])
	}
	if name != n.name {
		delete(c.endpoints, name)
		c.endpoints[n.name] = ep
	}
	e.addOwnAliases(ep, n)
	ep.rename()
	n.active[ep.id] = ep
	return nil
}

// addOwnAliases makes the container's identifier and hostname aliases for good,
// as engines before 25 do.
func (e *Engine) addOwnAliases(ep *endpoint, n *network) {
	if !e.serves("1.44") && !predefined(n.name) {
		ep.config.Aliases = appendNew(ep.config.Aliases, shortID(ep.owner.id))
		ep.config.Aliases = appendNew(ep.config.Aliases, ep.owner.config.Hostname)
	}
}

// rename works out the names by which others find the container.
func (ep *endpoint) rename() {
	ep.names = nil
	if ep.network == nil || predefined(ep.network.name) {
		return
	}
	names := append([]string{ep.owner.name}, ep.config.Aliases...)
	for _, name := range append(names, shortID(ep.owner.id), ep.owner.config.Hostname) {
		if name != "" && !slices.Contains(ep.names, name) {
			ep.names = append(ep.names, name)
		}
	}
}

// deactivate takes an active endpoint down; its configuration stays.
func (e *Engine) deactivate(ep *endpoint) {
	if ep.id == "" {
		return
	}
	delete(ep.network.active, ep.id)
	ep.id, ep.network, ep.mac, ep.names = "", nil, "", nil
	ep.ipv4, ep.ipv6 = netip.Prefix{}, netip.Prefix{}
}

// connectAll activates the endpoints of a starting container and takes its host
// ports. On failure everything is given back, and the engine tells of leaving
// networks which it never told of joining.
func (e *Engine) connectAll(c *container) error {
	if c.host.NetworkMode.IsContainer() {
		return nil
	}
	c.sandbox = e.newID(sandboxID)
	for i, name := range slices.Sorted(maps.Keys(c.endpoints)) {
		ep := c.endpoints[name]
		err := e.activate(c, name, ep)
		if err != nil && i == 0 && !e.serves("1.48") {
			c.sandbox = ""
			return err // before there is anything to leave
		}
		if err == nil && i == 0 {
			err = e.bindPorts(c)
		}
		if err != nil {
			e.disconnectAll(c)
			return err
		}
		e.publishNetwork(ep.network, etypes.ActionConnect, c)
	}
	return nil
}

func (e *Engine) disconnectAll(c *container) {
	for _, name := range slices.Sorted(maps.Keys(c.endpoints)) {
		ep := c.endpoints[name]
		n := ep.network
		if n == nil && ep.networkID == "" {
			n, _ = e.findNetwork(name)
		}
		e.deactivate(ep)
		if n != nil {
			e.publishNetwork(n, etypes.ActionDisconnect, c)
		}
	}
	c.sandbox = ""
}

// settings reports the endpoint the way inspect does.
func (e *Engine) settings(r *request, ep *endpoint) *ntypes.EndpointSettings {
	v := ep.config.Copy()
	v.NetworkID, v.EndpointID, v.MacAddress = ep.networkID, ep.id, ep.mac
	v.IPAddress, v.IPPrefixLen = split(ep.ipv4)
	v.GlobalIPv6Address, v.GlobalIPv6PrefixLen = split(ep.ipv6)
	if n := ep.network; n != nil && n.spec.Driver == "bridge" && (!n.spec.Internal || !e.serves("1.44")) {
		for _, p := range n.pools {
			if p.subnet.Addr().Is4() {
				v.Gateway = p.gateway.String()
			} else {
				v.IPv6Gateway = p.gateway.String()
			}
		}
	}
	v.DNSNames = slices.Clone(ep.names)
	c := ep.owner
	active := len(ep.names) > 0
	switch {
	case !e.serves("1.44"):
		v.DNSNames = nil
	case !r.speaks("1.45") && active:
		v.Aliases = appendNew(appendNew(v.Aliases, shortID(c.id)), c.config.Hostname)
	}
	return v
}

func split(p netip.Prefix) (address string, bits int) {
	if !p.IsValid() {
		return "", 0
	}
	return p.Addr().String(), p.Bits()
}

func appendNew(list []string, value string) []string {
	if slices.Contains(list, value) {
		return list
	}
	return append(list, value)
}

func (e *Engine) networkConnect(r *request) (*reply, error) {
	var body ntypes.ConnectOptions
	if err := e.decode(r, &body); err != nil {
		return nil, err
	}
	c, err := e.findContainer(body.Container)
	if err != nil {
		return nil, err
	}
	if body.EndpointConfig == nil {
		body.EndpointConfig = &ntypes.EndpointSettings{}
	}
	n, err := e.findNetwork(r.vars["id"])
	if !c.state.running {
		if n != nil {
			err = e.checkEndpoint(n, body.EndpointConfig)
		}
		if n != nil && err != nil {
			return nil, err
		}
		e.configureEndpoint(c, r.vars["id"], body.EndpointConfig)
		if n != nil {
			e.addOwnAliases(c.endpoints[n.name], n)
		}
		return &reply{status: 200}, nil
	}
	if err != nil {
		return nil, err
	}
	if err := e.checkEndpoint(n, body.EndpointConfig); err != nil {
		return nil, err
	}
	if err := e.checkConnect(c, n); err != nil {
		return nil, err
	}
	ep := &endpoint{owner: c, config: body.EndpointConfig}
	if err := e.activate(c, n.name, ep); err != nil {
		return nil, err
	}
	c.endpoints[n.name] = ep
	e.publishNetwork(n, etypes.ActionConnect, c)
	return &reply{status: 200}, nil
}

// checkConnect refuses what a running container cannot be connected to.
func (e *Engine) checkConnect(c *container, n *network) error {
	switch {
	case c.host.NetworkMode.IsContainer(), c.host.NetworkMode.IsHost():
		return invalid("container sharing network namespace with another container or host cannot be connected to any other network")
	case n.name == ntypes.NetworkHost:
		return invalid("%s", e.wording("1.48", "cannot connect container to host network - container must be created in host network mode",
			"container cannot be disconnected from host network or connected to host network"))
	case ctypes.NetworkMode(n.name).IsNone() || c.host.NetworkMode.IsNone():
		return invalid("container cannot be connected to multiple networks with one of the networks in private (none) mode")
	case c.endpoints[n.name] != nil && c.endpoints[n.name].id != "":
		return forbidden("endpoint with name %s already exists in network %s", c.name, n.name)
	}
	return nil
}

func (e *Engine) networkDisconnect(r *request) (*reply, error) {
	var body ntypes.DisconnectOptions
	if err := e.decode(r, &body); err != nil {
		return nil, err
	}
	c, err := e.findContainer(body.Container)
	if err != nil {
		return nil, err
	}
	name := r.vars["id"]
	n, err := e.findNetwork(name)
	if err != nil && c.state.running && !body.Force {
		return nil, err
	}
	if n != nil {
		name = n.name
	}
	ep := c.endpoints[name]
	switch {
	case ep == nil && c.state.running && n != nil:
		return nil, systemError("container %s is not connected to network %s", c.id, n.name)
	case ep == nil:
		return nil, systemError("container %s is not connected to the network %s", c.id, name)
	case c.state.running && c.host.NetworkMode.IsHost() && name == ntypes.NetworkHost:
		return nil, invalid("container cannot be disconnected from host network or connected to host network")
	}
	active := ep.id != ""
	e.deactivate(ep)
	// Engines before 28 tell of it even if the endpoint was not active, and twice
	// if it was.
	if active {
		e.publishNetwork(n, etypes.ActionDisconnect, c)
	}
	if n != nil && !e.serves("1.48") {
		e.publishNetwork(n, etypes.ActionDisconnect, c)
	}
	delete(c.endpoints, name)
	return &reply{status: 200}, nil
}
