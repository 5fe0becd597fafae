package enginetest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Snapshot is the whole state of the engine as text with one fact a line, in a
// fixed order, for comparing end states. It has no identifiers, addresses or
// times: identifiers inside other values are replaced by names, and what the
// engine hands out freely (addresses, dynamic ports) is left out. Labels named in
// omitLabels are left out too.
func (e *Engine) Snapshot(omitLabels ...string) string {
	e.mu.Lock()
	defer e.mu.Unlock()
	s := &snapshot{engine: e, omit: omitLabels}
	for _, ref := range slices.Sorted(maps.Keys(e.tags)) {
		s.line("image %s", ref)
	}
	for _, n := range e.networksByName() {
		if !predefined(n.name) {
			s.network(n)
		}
	}
	for _, v := range e.namedVolumes() {
		s.volume(v)
	}
	containers := slices.SortedFunc(maps.Values(e.containers), func(a, b *container) int { return strings.Compare(a.name, b.name) })
	for _, c := range containers {
		s.container(c)
	}
	return e.replaceIDs(s.text.String())
}

func (e *Engine) networksByName() []*network {
	return slices.SortedStableFunc(slices.Values(e.networksByAge()), func(a, b *network) int { return strings.Compare(a.name, b.name) })
}

// namedVolumes lists volumes by name; anonymous ones that a container uses are
// told of there.
func (e *Engine) namedVolumes() []*volume {
	var list []*volume
	for _, name := range slices.Sorted(maps.Keys(e.volumes)) {
		if v := e.volumes[name]; !v.anonymous || len(v.users) == 0 {
			list = append(list, v)
		}
	}
	return list
}

type snapshot struct {
	engine *Engine
	omit   []string
	text   strings.Builder
}

func (s *snapshot) line(format string, args ...any) { fmt.Fprintf(&s.text, format+"\n", args...) }

// pairs writes a map's entries, one a line.
func (s *snapshot) pairs(kind string, m map[string]string) {
	for _, key := range slices.Sorted(maps.Keys(m)) {
		if kind != "label" || !slices.Contains(s.omit, key) {
			s.line("  %s %s=%s", kind, key, m[key])
		}
	}
}

func (s *snapshot) network(n *network) {
	flags := ""
	for _, flag := range []struct {
		set  bool
		name string
	}{{n.spec.Internal, " internal"}, {n.spec.Attachable, " attachable"}, {n.ipv6, " ipv6"}} {
		if flag.set {
			flags += flag.name
		}
	}
	s.line("network %s driver=%s%s", n.name, n.spec.Driver, flags)
	for _, p := range n.pools {
		if p.config.Subnet != "" {
			s.line("  subnet %s", p.config.Subnet)
		}
	}
	s.pairs("option", n.spec.Options)
	s.pairs("label", n.spec.Labels)
}

func (s *snapshot) volume(v *volume) {
	name := v.name
	if v.anonymous {
		name = "<unused anonymous>"
	}
	s.line("volume %s driver=%s", name, v.driver)
	s.pairs("option", v.options)
	s.pairs("label", v.labels)
	s.files(v.files, nil)
}

func (s *snapshot) container(c *container) {
	s.line("container %s image=%s state=%s", c.name, c.config.Image, c.state.status())
	if c.health != nil && c.state.running {
		s.line("  health %s", c.health.Status)
	}
	if !c.state.running && !c.state.started.IsZero() {
		s.line("  exit-code %d", c.state.exitCode)
	}
	s.line("  command %q", append([]string{c.path}, c.args...))
	for _, variable := range slices.Sorted(slices.Values(c.config.Env)) {
		s.line("  env %s", variable)
	}
	if c.host.RestartPolicy.Name != "" && !c.host.RestartPolicy.IsNone() {
		s.line("  restart %s", c.host.RestartPolicy.Name)
	}
	if c.host.NetworkMode.IsContainer() || c.host.NetworkMode.IsHost() || c.host.NetworkMode.IsNone() {
		s.line("  network-mode %s", c.host.NetworkMode)
	}
	for _, name := range slices.Sorted(maps.Keys(c.endpoints)) {
		s.endpoint(name, c.endpoints[name])
	}
	for _, port := range slices.Sorted(maps.Keys(c.host.PortBindings)) {
		for _, b := range c.host.PortBindings[port] {
			s.line("  port %s:%s->%s", b.HostIP, b.HostPort, port)
		}
	}
	for _, m := range c.mounts {
		s.mount(m)
	}
	s.pairs("label", c.config.Labels)
	s.files(c.files, c.image.spec.Files)
}

func (s *snapshot) endpoint(name string, ep *endpoint) {
	active := "inactive"
	if ep.id != "" {
		active = "active"
	}
	s.line("  network %s %s aliases=%s", name, active, strings.Join(slices.Sorted(slices.Values(ep.config.Aliases)), ","))
	if ipam := ep.config.IPAMConfig; ipam != nil && (ipam.IPv4Address != "" || ipam.IPv6Address != "") {
		s.line("    address %s %s", ipam.IPv4Address, ipam.IPv6Address)
	}
}

func (s *snapshot) mount(m *mount) {
	source := m.source
	if m.volume != nil {
		source = m.volume.name
		if m.volume.anonymous {
			source = fmt.Sprintf("<anonymous, used by %d>", len(m.volume.users))
		}
	}
	mode := "rw"
	if m.readOnly {
		mode = "ro"
	}
	s.line("  mount %s %s:%s %s", m.kind, source, m.destination, mode)
}

// files lists what was put into a tree beyond what was there from the start.
func (s *snapshot) files(t *fileTree, initial map[string]string) {
	for _, name := range slices.Sorted(maps.Keys(t.files)) {
		f := t.files[name]
		if _, was := initial[name]; was || f.mode.IsDir() {
			continue
		}
		s.line("  file %s %s %d:%d %q", name, f.mode, f.uid, f.gid, f.data)
	}
}

// replaceIDs puts names where identifiers are.
func (e *Engine) replaceIDs(text string) string {
	var pairs []string
	add := func(id, name string) {
		pairs = append(pairs, id, "<"+name+">", shortID(id), "<"+name+">")
	}
	for id, c := range e.containers {
		add(id, "container "+c.name)
	}
	for id, n := range e.networks {
		add(id, "network "+n.name)
	}
	for name, v := range e.volumes {
		if v.anonymous {
			add(name, "anonymous volume")
		}
	}
	return strings.NewReplacer(pairs...).Replace(text)
}
