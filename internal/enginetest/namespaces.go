package enginetest

import (
	"net/http"
	"strings"

	ctypes "github.com/docker/docker/api/types/container"
)

// resolveNamespaces replaces names by identifiers where a container is to share
// another's namespaces. Unknown names are left for the start to fail on.
func (e *Engine) resolveNamespaces(host *ctypes.HostConfig) {
	resolve := func(mode string) string {
		if name, ok := strings.CutPrefix(mode, "container:"); ok {
			if other, err := e.findContainer(name); err == nil {
				return "container:" + other.id
			}
		}
		return mode
	}
	host.NetworkMode = ctypes.NetworkMode(resolve(string(host.NetworkMode)))
	host.IpcMode = ctypes.IpcMode(resolve(string(host.IpcMode)))
	host.PidMode = ctypes.PidMode(resolve(string(host.PidMode)))
}

// joinNamespaces checks the containers whose IPC or process namespace a starting
// container shares.
func (e *Engine) joinNamespaces(c *container) error {
	if name, ok := strings.CutPrefix(string(c.host.IpcMode), "container:"); ok {
		if err := e.joinIPC(name); err != nil {
			return err
		}
	}
	if name, ok := strings.CutPrefix(string(c.host.PidMode), "container:"); ok {
		return e.joinPID(name)
	}
	return nil
}

// joinNetwork checks the container whose network a starting container shares.
func (e *Engine) joinNetwork(c *container) error {
	name := c.host.NetworkMode.ConnectedContainer()
	other, err := e.findContainer(name)
	modern := e.serves("1.48")
	switch {
	case err != nil && modern:
		return systemError("joining network namespace of container: %v", err)
	case err != nil:
		return err
	case other == c:
		return systemError("cannot join own network%s", e.wording("1.48", " namespace", ""))
	case !other.state.running && modern:
		return conflict("cannot join network namespace of a non running container: container %s is %s", other.name, other.state.status())
	case !other.state.running:
		return conflict("cannot join network of a non running container: %s", name)
	case other.state.restarting:
		return conflict("%sContainer %s is restarting, wait until the container is running",
			e.wording("1.48", "cannot join network namespace of container: ", ""), name)
	}
	c.config.Hostname, c.config.Domainname = other.config.Hostname, other.config.Domainname
	return nil
}

func (e *Engine) joinIPC(name string) error {
	prefix, status := "failed to join IPC namespace", http.StatusConflict
	if !e.serves("1.44") {
		prefix, status = "can't join IPC of container "+name, http.StatusInternalServerError
	}
	other, err := e.findContainer(name)
	switch {
	case err != nil:
		return fail(status, "%s: %v", prefix, err)
	case !other.state.running:
		return fail(status, "%s: container %s is not running", prefix, other.id)
	case other.state.restarting:
		return fail(status, "%s: Container %s is restarting, wait until the container is running", prefix, other.id)
	case other.host.IpcMode != "shareable":
		return systemError("%s: non-shareable IPC (hint: use IpcMode:shareable for the donor container)", prefix)
	}
	return nil
}

func (e *Engine) joinPID(name string) error {
	prefix := e.wording("1.44", "failed to join PID namespace: ", "")
	other, err := e.findContainer(name)
	switch {
	case err != nil && !e.serves("1.44"):
		return systemError("cannot join PID of a non running container: %s: %v", name, err)
	case err != nil:
		return systemError("%s%v", prefix, err)
	case !other.state.running:
		return systemError("%scontainer %s is not running", prefix, other.id)
	case other.state.restarting:
		return systemError("%sContainer %s is restarting, wait until the container is running", prefix, other.id)
	}
	return nil
}
