package enginetest

import (
	"slices"
	"strconv"
	"strings"

	ctypes "github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"
)

// containerList lists containers, the newest first.
func (e *Engine) containerList(r *request) (*reply, error) {
	f, err := filters.FromJSON(r.query.Get("filters"))
	if err != nil {
		return nil, invalid("%v", err)
	}
	all, err := e.checkListFilters(f)
	if err != nil {
		return nil, err
	}
	limit, err := r.number("limit")
	if err != nil {
		return nil, err
	}
	limited := limit != nil && *limit > 0
	all = all || r.flag("all") || limited

	list := []ctypes.Summary{}
	newest := e.containersByAge()
	slices.Reverse(newest)
	for _, c := range e.between(f, newest) {
		if limited && len(list) == *limit {
			break
		}
		if (all || c.state.running) && e.matches(c, f) {
			list = append(list, e.summary(r, c))
		}
	}
	return e.answer(list)
}

// checkListFilters validates the filters; a status filter implies all.
func (e *Engine) checkListFilters(f filters.Args) (all bool, err error) {
	known := map[string]bool{}
	for _, key := range []string{"ancestor", "before", "exited", "id", "isolation", "label", "name", "status", "health", "since", "volume", "network", "is-task", "publish", "expose"} {
		known[key] = true
	}
	if err := e.checkFilters(f, known); err != nil {
		return false, err
	}
	for _, value := range f.Get("status") {
		all = true
		if err := ctypes.ValidateContainerState(value); err != nil {
			if e.serves("1.51") {
				return false, invalid("invalid filter 'status=%s': %v", value, err)
			}
			return false, invalid("%s 'status=%s'", e.wording("1.42", "invalid filter", "Invalid filter"), value)
		}
	}
	for _, value := range f.Get("exited") {
		if _, err := strconv.Atoi(value); err != nil {
			return false, invalid("invalid filter 'exited=%s'", value)
		}
	}
	return all, nil
}

// between cuts a list, the newest first, at the containers named by the filters
// before and since.
func (e *Engine) between(f filters.Args, list []*container) []*container {
	position := func(key string) int {
		for _, name := range f.Get(key) {
			if c, err := e.findContainer(name); err == nil {
				return slices.Index(list, c)
			}
		}
		return -1
	}
	if i := position("since"); i >= 0 {
		list = list[:i]
	}
	if i := position("before"); i >= 0 {
		list = list[i+1:]
	}
	return list
}

func (e *Engine) matches(c *container, f filters.Args) bool {
	health := ctypes.NoHealthcheck
	if c.health != nil {
		health = c.health.Status
	}
	return (f.Match("name", "/"+c.name) || f.Match("name", c.name)) &&
		f.Match("id", c.id) &&
		f.MatchKVList("label", c.config.Labels) &&
		f.ExactMatch("status", c.state.status()) &&
		f.ExactMatch("health", health) &&
		f.ExactMatch("is-task", "false") &&
		c.matchesExit(f) && c.onNetwork(f) && c.mountsAny(f) && c.hasPort(f) && e.descends(c, f)
}

func (c *container) matchesExit(f filters.Args) bool {
	return !f.Contains("exited") ||
		!c.state.running && !c.state.started.IsZero() && f.ExactMatch("exited", strconv.Itoa(c.state.exitCode))
}

func (c *container) onNetwork(f filters.Args) bool {
	for _, value := range f.Get("network") {
		for name, ep := range c.endpoints {
			if name == value || strings.HasPrefix(ep.networkID, value) {
				return true
			}
		}
	}
	return !f.Contains("network")
}

func (c *container) mountsAny(f filters.Args) bool {
	for _, value := range f.Get("volume") {
		for _, m := range c.mounts {
			if m.destination == value || m.source == value || m.volume != nil && m.volume.name == value {
				return true
			}
		}
	}
	return !f.Contains("volume")
}

func (c *container) hasPort(f filters.Args) bool {
	if !f.Contains("publish") && !f.Contains("expose") {
		return true
	}
	matches := func(key string, port uint16, proto string) bool {
		number := strconv.Itoa(int(port))
		return f.Contains(key) && (f.ExactMatch(key, number) || f.ExactMatch(key, number+"/"+proto))
	}
	for _, p := range c.portList() {
		if matches("publish", p.PublicPort, p.Type) || matches("expose", p.PrivatePort, p.Type) {
			return true
		}
	}
	return false
}

// descends compares images only; images here have no parents.
func (e *Engine) descends(c *container, f filters.Args) bool {
	for _, value := range f.Get("ancestor") {
		if img, err := e.findImage(value); err == nil && img == c.image {
			return true
		}
	}
	return !f.Contains("ancestor")
}

// checkFilters refuses filters that a list call does not have.
func (e *Engine) checkFilters(f filters.Args, known map[string]bool) error {
	for _, name := range f.Keys() {
		if !known[name] {
			return invalid("%s '%s'", e.wording("1.42", "invalid filter", "Invalid filter"), name)
		}
	}
	return nil
}
