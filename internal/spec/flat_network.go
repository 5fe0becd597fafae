package spec

import (
	"cmp"
	"slices"
	"strings"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/network"
)

// networks reads the endpoints: the keys of the networks, the one with the
// default route first, and what the user chose for each. Names are those that
// the engine or every container gets, and which are no choice.
func (f flat) networks(endpoints map[string]*network.EndpointSettings, first container.NetworkMode, names []string) {
	var keys []string
	for _, name := range sortedKeys(endpoints) {
		key := f.networkKey(name)
		if name == string(first) {
			keys = slices.Insert(keys, 0, key)
		} else {
			keys = append(keys, key)
		}
		if e := endpoints[name]; e != nil {
			f.endpoint("networks."+key, e, names)
		}
	}
	f.list("networks", keys)
}

// networkKey is the project's key of a network, those of the service first,
// or its name on the engine.
func (f flat) networkKey(name string) string {
	for _, ref := range f.refs {
		if ref.Name == name {
			return ref.Key
		}
	}
	for key, config := range f.project.Networks() {
		if config.Name == name {
			return key
		}
	}
	return name
}

func (f flat) endpoint(path string, e *network.EndpointSettings, names []string) {
	if !slices.Contains(e.Aliases, f.service.Name) {
		f.fields[path+".use_service_name_alias"] = "false"
	}
	aliases := without(e.Aliases, append([]string{f.service.Name}, names...)...)
	slices.Sort(aliases)
	f.list(path+".aliases", slices.Compact(aliases))
	if e.IPAMConfig != nil {
		f.set(path+".ipv4_address", e.IPAMConfig.IPv4Address)
		f.set(path+".ipv6_address", e.IPAMConfig.IPv6Address)
		f.sorted(path+".link_local_ips", e.IPAMConfig.LinkLocalIPs)
	}
	f.set(path+".mac_address", strings.ToLower(e.MacAddress))
	f.number(path+".gw_priority", int64(e.GwPriority))
	for key, value := range e.DriverOpts {
		if key == optionInterfaceName {
			f.set(path+".interface_name", value)
		} else {
			f.fields[path+".driver_opts."+key] = cmp.Or(value, empty)
		}
	}
}

// shares reads the namespaces and volumes of others.
func (f flat) shares(h *container.HostConfig) {
	mode := f.mode(string(h.NetworkMode))
	if f.service.NetworkMode != "" || (!f.isNetwork(mode) && mode != network.NetworkDefault) {
		if mode == network.NetworkDefault {
			mode = network.NetworkBridge // as engines from API 1.44 on call it
		}
		f.set("network_mode", mode)
	}
	if ipc := f.mode(string(h.IpcMode)); ipc != defaultIPC {
		f.set("ipc", ipc)
	}
	f.set("pid", f.mode(string(h.PidMode)))
	f.set("uts", string(h.UTSMode))
	f.set("userns_mode", string(h.UsernsMode))
	var from []string
	for _, source := range h.VolumesFrom {
		id, access, limited := strings.Cut(source, ":")
		if service, ok := f.parent(id); ok {
			id = service
		}
		if limited && access != "rw" {
			id += ":" + access
		}
		from = append(from, id)
	}
	f.list("volumes_from", from)
}

// isNetwork tells whether the mode is only the name of the first network.
func (f flat) isNetwork(mode string) bool {
	for _, ref := range f.refs {
		if ref.Name == mode {
			return true
		}
	}
	for _, config := range f.project.Networks() {
		if config.Name == mode {
			return true
		}
	}
	return false
}
