package enginetest

import (
	"maps"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	etypes "github.com/docker/docker/api/types/events"
	"github.com/docker/docker/api/types/filters"
	ntypes "github.com/docker/docker/api/types/network"
)

// network is one network and who is on it. The engine's lock guards it.
type network struct {
	id, name string
	created  time.Time
	spec     ntypes.CreateRequest
	ipv6     bool
	pools    []pool
	fixed    bool // the user gave the subnets
	active   map[string]*endpoint
}

// predefined names the networks that are always there.
func predefined(name string) bool {
	return name == ntypes.NetworkBridge || name == ntypes.NetworkHost || name == ntypes.NetworkNone
}

func (e *Engine) addPredefinedNetworks() {
	options := map[string]string{
		"com.docker.network.bridge.default_bridge": "true", "com.docker.network.bridge.enable_icc": "true",
		"com.docker.network.bridge.enable_ip_masquerade": "true", "com.docker.network.bridge.host_binding_ipv4": "0.0.0.0",
		"com.docker.network.bridge.name": "docker0", "com.docker.network.driver.mtu": "1500",
	}
	add := func(name, driver string, pools ...pool) {
		spec := ntypes.CreateRequest{Name: name}
		spec.Driver = driver
		if driver == "bridge" {
			spec.Options = options
		}
		n := &network{id: e.newID(networkID), name: name, created: e.now(), spec: spec, pools: pools, active: map[string]*endpoint{}}
		e.networks[n.id] = n
	}
	bridge := netip.MustParsePrefix("172.17.0.0/16")
	add(ntypes.NetworkBridge, "bridge", newPool(bridge))
	add(ntypes.NetworkHost, "host")
	add(ntypes.NetworkNone, "null")
}

// networksNamed lists the networks of a name, the oldest first. Engines before
// 25 allow several.
func (e *Engine) networksNamed(name string) []*network {
	var found []*network
	for _, n := range e.networksByAge() {
		if n.name == name {
			found = append(found, n)
		}
	}
	return found
}

func (e *Engine) networksByAge() []*network {
	return slices.SortedFunc(maps.Values(e.networks), func(a, b *network) int { return a.created.Compare(b.created) })
}

// findNetwork looks up a network by identifier, name, or unique start of its
// identifier, and refuses an ambiguous name.
func (e *Engine) findNetwork(term string) (*network, error) {
	if n, ok := e.networks[term]; ok {
		return n, nil
	}
	named := e.networksNamed(term)
	switch len(named) {
	case 0:
	case 1:
		return named[0], nil
	default:
		return nil, invalid("network %s is ambiguous (%d matches found based on name)", term, len(named))
	}
	var found []*network
	for _, n := range e.networksByAge() {
		if term != "" && strings.HasPrefix(n.id, term) {
			found = append(found, n)
		}
	}
	switch len(found) {
	case 0:
		return nil, notFound("network %s not found", term)
	case 1:
		return found[0], nil
	}
	return nil, invalid("network %s is ambiguous (%d matches found based on ID prefix)", term, len(found))
}

func (e *Engine) networkCreate(r *request) (*reply, error) {
	var spec ntypes.CreateRequest
	if err := e.decode(r, &spec); err != nil {
		return nil, err
	}
	warning, err := e.checkNewNetwork(&spec)
	if err != nil {
		return nil, err
	}
	if !r.speaks("1.48") {
		spec.EnableIPv4 = nil
	}
	n := &network{
		id: e.newID(networkID), name: spec.Name, created: e.now(), spec: spec, active: map[string]*endpoint{},
		ipv6: spec.EnableIPv6 != nil && *spec.EnableIPv6,
	}
	if err := e.assignPools(n); err != nil {
		return nil, err
	}
	e.networks[n.id] = n
	e.publishNetwork(n, etypes.ActionCreate, nil)
	return answer(http.StatusCreated, ntypes.CreateResponse{ID: n.id, Warning: warning})
}

// checkNewNetwork validates and completes a network to be created.
func (e *Engine) checkNewNetwork(spec *ntypes.CreateRequest) (warning string, err error) {
	if spec.Driver == "" {
		spec.Driver = "bridge"
	}
	if predefined(spec.Name) {
		return "", forbidden("operation is not permitted on predefined %s network ", spec.Name)
	}
	if strings.TrimSpace(spec.Name) == "" {
		return "", invalid("invalid name: %s", e.wording("1.48", "name is empty", ""))
	}
	if same := e.networksNamed(spec.Name); len(same) > 0 {
		if e.serves("1.44") || spec.CheckDuplicate != nil && *spec.CheckDuplicate {
			return "", conflict("network with name %s already exists", spec.Name)
		}
		warning = "Network with name " + spec.Name + " (id : " + same[0].id + ") already exists"
	}
	switch spec.Driver {
	case "bridge", "macvlan", "ipvlan":
	case "host", "null":
		return "", forbidden("only one instance of %q network is allowed", spec.Driver)
	case "overlay":
		return "", forbidden(`This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.`)
	default:
		return "", notFound("plugin %q not found", spec.Driver)
	}
	return warning, nil
}

func (e *Engine) networkList(r *request) (*reply, error) {
	filter, err := filters.FromJSON(r.query.Get("filters"))
	if err != nil {
		return nil, invalid("%v", err)
	}
	err = e.checkFilters(filter, map[string]bool{"dangling": true, "driver": true, "id": true, "label": true, "name": true, "scope": true, "type": true})
	if err != nil {
		return nil, err
	}
	list := []ntypes.Summary{}
	for _, n := range e.networksByAge() {
		if n.matches(filter) {
			summary := e.describeNetwork(n)
			summary.Containers = map[string]ntypes.EndpointResource{}
			list = append(list, summary)
		}
	}
	return e.answer(list)
}

func (n *network) matches(f filters.Args) bool {
	kind := "custom"
	if predefined(n.name) {
		kind = "builtin"
	}
	dangling := "false"
	if kind == "custom" && len(n.active) == 0 {
		dangling = "true"
	}
	return f.ExactMatch("driver", n.spec.Driver) &&
		f.Match("name", n.name) &&
		f.Match("id", n.id) &&
		f.MatchKVList("label", n.spec.Labels) &&
		f.ExactMatch("scope", "local") &&
		f.ExactMatch("type", kind) &&
		f.ExactMatch("dangling", dangling)
}

func (e *Engine) networkInspect(r *request) (*reply, error) {
	n, err := e.findNetwork(r.vars["id"])
	if err != nil {
		return nil, err
	}
	return e.answer(e.describeNetwork(n))
}

func (e *Engine) describeNetwork(n *network) ntypes.Inspect {
	v := ntypes.Inspect{
		Name: n.name, ID: n.id, Created: n.created, Scope: "local", Driver: n.spec.Driver,
		EnableIPv4: n.spec.EnableIPv4 == nil || *n.spec.EnableIPv4, EnableIPv6: n.ipv6,
		Internal: n.spec.Internal, Attachable: n.spec.Attachable, Ingress: n.spec.Ingress,
		ConfigOnly: n.spec.ConfigOnly, Containers: map[string]ntypes.EndpointResource{},
		Options: orEmpty(n.spec.Options), Labels: orEmpty(n.spec.Labels),
		IPAM: ntypes.IPAM{Driver: "default", Config: n.poolConfig()},
	}
	if n.spec.ConfigFrom != nil {
		v.ConfigFrom = *n.spec.ConfigFrom
	}
	if n.spec.IPAM != nil {
		v.IPAM.Options = n.spec.IPAM.Options
	}
	for _, ep := range n.active {
		v.Containers[ep.owner.id] = ntypes.EndpointResource{
			Name: ep.owner.name, EndpointID: ep.id, MacAddress: ep.mac,
			IPv4Address: prefixText(ep.ipv4), IPv6Address: prefixText(ep.ipv6),
		}
	}
	return v
}

func (e *Engine) networkDelete(r *request) (*reply, error) {
	n, err := e.findNetwork(r.vars["id"])
	if err != nil {
		return nil, err
	}
	if predefined(n.name) {
		return nil, forbidden("%s is a pre-defined network and cannot be removed", n.name)
	}
	if len(n.active) > 0 {
		return nil, e.activeEndpoints(n)
	}
	delete(e.networks, n.id)
	e.publishNetwork(n, etypes.ActionDestroy, nil)
	return done()
}

// activeEndpoints is the refusal to remove a network in use.
func (e *Engine) activeEndpoints(n *network) error {
	if !e.serves("1.51") {
		return forbidden("error while removing network: network %s id %s has active endpoints", n.name, n.id)
	}
	var in []string
	for _, ep := range n.active {
		in = append(in, "name:\""+ep.owner.name+"\" id:\""+shortID(ep.id)+"\"")
	}
	slices.Sort(in)
	return forbidden("error while removing network: network %s has active endpoints (%s)", n.name, strings.Join(in, ", "))
}

func (e *Engine) publishNetwork(n *network, action etypes.Action, c *container) {
	attributes := map[string]string{"name": n.name, "type": n.spec.Driver}
	if c != nil {
		attributes["container"] = c.id
	}
	e.publish(etypes.NetworkEventType, action, n.id, attributes)
}

// orEmpty makes a nil map an empty one, which encodes differently.
func orEmpty(m map[string]string) map[string]string {
	if m == nil {
		return map[string]string{}
	}
	return m
}
