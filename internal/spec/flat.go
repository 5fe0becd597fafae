package spec

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/network"
	"github.com/docker/go-connections/nat"

	"github.com/gocompose/gocompose/project"
)

// flat collects fields from the engine's structures. The same code reads what
// would be sent and what was inspected, so that both come in one form; what
// the engine fills in where nothing was asked for is left out of both.
type flat struct {
	fields   Fields
	project  *project.Project
	service  project.Service
	services map[string]string // container ID -> service
}

func (f flat) set(path, value string) {
	if value != "" {
		f.fields[path] = value
	}
}

func (f flat) flag(path string, on bool) {
	if on {
		f.fields[path] = "true"
	}
}

func (f flat) number(path string, n int64) {
	if n != 0 {
		f.fields[path] = strconv.FormatInt(n, 10)
	}
}

func (f flat) duration(path string, d time.Duration) {
	if d != 0 {
		f.fields[path] = d.String()
	}
}

// list keeps the order that it is given in.
func (f flat) list(path string, values []string) {
	if len(values) > 0 {
		f.fields[path] = strings.Join(values, ", ")
	}
}

func (f flat) sorted(path string, values []string) {
	f.list(path, slices.Sorted(slices.Values(values)))
}

func (f flat) mapping(path string, values map[string]string) {
	for key, value := range values {
		f.fields[path+"."+key] = cmp.Or(value, `""`)
	}
}

// value writes what has no simple form as JSON.
func (f flat) value(path string, v any) {
	encoded, err := json.Marshal(v)
	if err != nil {
		return // the engine's own types always encode
	}
	if text := string(encoded); text != "null" && text != "[]" && text != "{}" {
		f.fields[path] = text
	}
}

// words writes a command; an empty one, which clears the image's, shows.
func (f flat) words(path string, words []string) {
	if words != nil {
		f.value(path, words)
		if len(words) == 0 {
			f.fields[path] = "[]"
		}
	}
}

// config reads the part that does not depend on the host.
func (f flat) config(c *container.Config) {
	f.set("image", c.Image)
	f.set("hostname", c.Hostname)
	f.set("domainname", c.Domainname)
	f.set("user", c.User)
	f.set("working_dir", c.WorkingDir)
	f.set("stop_signal", c.StopSignal)
	f.flag("tty", c.Tty)
	f.flag("stdin_open", c.OpenStdin)
	f.words("command", c.Cmd)
	f.words("entrypoint", c.Entrypoint)
	if c.StopTimeout != nil {
		f.duration("stop_grace_period", time.Duration(*c.StopTimeout)*time.Second)
	}
	for _, entry := range c.Env {
		key, value, assigned := strings.Cut(entry, "=")
		if assigned {
			f.fields["environment."+key] = cmp.Or(value, `""`)
		}
	}
	for key, value := range c.Labels {
		if !isOwnLabel(key) {
			f.fields["labels."+key] = cmp.Or(value, `""`)
		}
	}
	f.health(c.Healthcheck)
}

func isOwnLabel(key string) bool {
	return strings.HasPrefix(key, "com.docker.compose.") || key == project.LabelFields
}

func (f flat) health(h *container.HealthConfig) {
	if h == nil {
		return
	}
	f.words("healthcheck.test", h.Test)
	f.duration("healthcheck.interval", h.Interval)
	f.duration("healthcheck.timeout", h.Timeout)
	f.duration("healthcheck.start_period", h.StartPeriod)
	f.duration("healthcheck.start_interval", h.StartInterval)
	f.number("healthcheck.retries", int64(h.Retries))
}

// expose lists the ports that are exposed and not published.
func (f flat) expose(exposed nat.PortSet, published nat.PortMap) {
	var ports []string
	for port := range exposed {
		if _, ok := published[port]; !ok {
			ports = append(ports, withProtocol(string(port)))
		}
	}
	f.sorted("expose", ports)
}

func withProtocol(port string) string {
	if strings.Contains(port, "/") {
		return port
	}
	return port + "/tcp"
}

func (f flat) ports(bindings nat.PortMap) {
	for port, list := range bindings {
		var hosts []string
		for _, b := range list {
			hosts = append(hosts, cmp.Or(b.HostIP, "0.0.0.0")+":"+cmp.Or(b.HostPort, "any"))
		}
		f.sorted("ports."+string(port), hosts)
	}
}

// networks reads the endpoints: their keys, and what the user chose for them.
// Names that every container gets are left out of the aliases.
func (f flat) networks(endpoints map[string]*network.EndpointSettings, name string) {
	keys := map[string]string{}
	for key, config := range f.project.Networks() {
		keys[config.Name] = key
	}
	var on []string
	for _, engineName := range slices.Sorted(maps.Keys(endpoints)) {
		key := cmp.Or(keys[engineName], engineName)
		on = append(on, key)
		f.endpoint("networks."+key, endpoints[engineName], name)
	}
	f.sorted("networks", on)
}

func (f flat) endpoint(path string, e *network.EndpointSettings, name string) {
	if e == nil {
		return
	}
	var aliases []string
	for _, alias := range e.Aliases {
		if alias != f.service.Name && alias != name && !isShortID(alias) && !slices.Contains(aliases, alias) {
			aliases = append(aliases, alias)
		}
	}
	f.sorted(path+".aliases", aliases)
	if e.IPAMConfig != nil {
		f.set(path+".ipv4_address", e.IPAMConfig.IPv4Address)
		f.set(path+".ipv6_address", e.IPAMConfig.IPv6Address)
		f.sorted(path+".link_local_ips", e.IPAMConfig.LinkLocalIPs)
	}
	f.mapping(path+".driver_opts", e.DriverOpts)
	f.number(path+".gw_priority", int64(e.GwPriority))
}

// isShortID recognises the ID that engines below API 1.45 list as an alias.
func isShortID(alias string) bool {
	return len(alias) == 12 && strings.Trim(alias, "0123456789abcdef") == ""
}
