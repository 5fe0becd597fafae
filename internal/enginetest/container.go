package enginetest

import (
	"regexp"
	"slices"
	"strings"
	"time"

	ctypes "github.com/docker/docker/api/types/container"
	"github.com/docker/go-connections/nat"
)

// container is one container. The engine's lock guards it.
type container struct {
	id, name  string // the name has no slash in front
	created   time.Time
	image     *image
	config    *ctypes.Config
	host      *ctypes.HostConfig
	path      string
	args      []string
	behaviour Behaviour

	state     state
	restart   restartManager
	process   *process // nil unless running
	health    *ctypes.Health
	endpoints map[string]*endpoint // by network name, or as given if unknown
	sandbox   string
	ports     nat.PortMap
	mounts    []*mount
	files     *fileTree
	logs      []chunk
	out       output
	waiters   []*waiter
	stopping  bool // a stop call waits and its event is due
	removed   bool
}

// state mirrors the engine's flags, of which several may be set at once: a
// restarting container counts as running.
type state struct {
	running, paused, restarting, dead, oomKilled bool

	pid, exitCode, restarts int
	problem                 string // why the last start failed
	started, finished       time.Time
}

// status is the one word for the state.
func (s *state) status() string {
	switch {
	case s.paused:
		return ctypes.StatePaused
	case s.restarting:
		return ctypes.StateRestarting
	case s.running:
		return ctypes.StateRunning
	case s.dead:
		return ctypes.StateDead
	case s.started.IsZero():
		return ctypes.StateCreated
	}
	return ctypes.StateExited
}

// findContainer looks up a container by full identifier, name, or unique start
// of its identifier.
func (e *Engine) findContainer(name string) (*container, error) {
	if name == "" {
		return nil, invalid("invalid name or ID supplied: %q", name)
	}
	if c, ok := e.containers[name]; ok {
		return c, nil
	}
	if c := e.containerNamed(name); c != nil {
		return c, nil
	}
	var found *container
	for id, c := range e.containers {
		if strings.HasPrefix(id, name) {
			if found != nil {
				return nil, notFound("Multiple IDs found with provided prefix: %s", name)
			}
			found = c
		}
	}
	if found == nil {
		return nil, notFound("No such container: %s", name)
	}
	return found, nil
}

func (e *Engine) containerNamed(name string) *container {
	name = strings.TrimPrefix(name, "/")
	for _, c := range e.containers {
		if c.name == name {
			return c
		}
	}
	return nil
}

// containersByAge lists all containers, the oldest first.
func (e *Engine) containersByAge() []*container {
	all := make([]*container, 0, len(e.containers))
	for _, c := range e.containers {
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b *container) int { return a.created.Compare(b.created) })
	return all
}

// checkName validates a container name and that it is free, for the container
// owner or, if that is empty, for a new one.
func (e *Engine) checkName(name, owner string) error {
	if !regexp.MustCompile(`^/?[a-zA-Z0-9][a-zA-Z0-9_.-]+$`).MatchString(name) {
		return invalid("Invalid container name (%s), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed", name)
	}
	if other := e.containerNamed(name); other != nil && other.id != owner {
		return conflict("Conflict. The container name %q is already in use by container %q. You have to remove (or rename) that container to be able to reuse that name.", "/"+strings.TrimPrefix(name, "/"), other.id)
	}
	return nil
}

// notRunning is the refusal to act on a container that does not run.
func (e *Engine) notRunning(c *container) error {
	return conflict("%s %s is not running", e.wording("1.44", "container", "Container"), c.id)
}
