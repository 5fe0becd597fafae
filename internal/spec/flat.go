package spec

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/go-connections/nat"

	"github.com/gocompose/gocompose/project"
)

// flat collects fields from the engine's structures. The same code reads what
// would be sent, what was inspected and what an image sets, so that all come
// in one form; what the engine fills in where nothing was asked for is left
// out of each.
type flat struct {
	fields   Fields
	project  *project.Project
	service  project.Service   // zero where the files no longer have it
	refs     []NetworkRef      // networks of the service
	services map[string]string // container ID -> service
	profile  string            // what to show for the contents of a seccomp profile
}

func newFlat(p *project.Project, s project.Service, services map[string]string) flat {
	return flat{fields: Fields{}, project: p, service: s, refs: networksOf(p, s), services: services}
}

const (
	empty   = `""` // set to nothing, as opposed to not set
	cleared = "[]" // a list that takes away what the image has
)

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

// bytes writes a size in the largest of Compose's units that is exact.
func (f flat) bytes(path string, n int64) {
	for _, unit := range []struct {
		size int64
		name string
	}{{1 << 30, "g"}, {1 << 20, "m"}, {1 << 10, "k"}} {
		if n > 0 && n%unit.size == 0 {
			f.fields[path] = strconv.FormatInt(n/unit.size, 10) + unit.name
			return
		}
	}
	f.number(path, n)
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
	if len(values) > 1 {
		values = slices.Sorted(slices.Values(values))
	}
	f.list(path, values)
}

func (f flat) mapping(path string, values map[string]string) {
	for key, value := range values {
		f.fields[path+"."+key] = cmp.Or(value, empty)
	}
}

// words writes a command in the list form of Compose files.
func (f flat) words(path string, words []string) {
	if len(words) == 0 {
		return
	}
	text := []byte{'['}
	for i, word := range words {
		if i > 0 {
			text = append(text, ", "...)
		}
		text = strconv.AppendQuote(text, word)
	}
	f.fields[path] = string(append(text, ']'))
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
		f.fields["stop_grace_period"] = (time.Duration(*c.StopTimeout) * time.Second).String()
	}
	for _, entry := range c.Env {
		key, value, assigned := strings.Cut(entry, "=")
		if !assigned {
			value = "(not set)" // takes the variable of the image away
		}
		f.fields["environment."+key] = cmp.Or(value, empty)
	}
	for key, value := range c.Labels {
		if !isOwnLabel(key) {
			f.fields["labels."+key] = cmp.Or(value, empty)
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
	for port := range exposed {
		if _, ok := published[port]; !ok {
			f.fields["expose."+withProtocol(string(port))] = "true"
		}
	}
}

func withProtocol(port string) string {
	if strings.Contains(port, "/") {
		return port
	}
	return port + "/tcp"
}

func (f flat) ports(bindings nat.PortMap) {
	for port, list := range bindings {
		hosts := make([]string, 0, len(list))
		for _, b := range list {
			hosts = append(hosts, hostAddress(b))
		}
		f.sorted("ports."+withProtocol(string(port)), hosts)
	}
}

// hostAddress writes ADDRESS:PORT; the engine picks the port where there is
// none.
func hostAddress(b nat.PortBinding) string {
	address, port := cmp.Or(b.HostIP, "0.0.0.0"), cmp.Or(b.HostPort, "any")
	if strings.Contains(address, ":") {
		address = "[" + address + "]"
	}
	return address + ":" + port
}

// without lists what is in all and equals none of the others.
func without(all []string, none ...string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(s string) bool { return slices.Contains(none, s) })
}

// sortedKeys lists the keys of a map in order.
func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

func decimal(n int64) string { return strconv.FormatInt(n, 10) }
