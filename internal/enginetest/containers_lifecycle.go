package enginetest

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	ctypes "github.com/docker/docker/api/types/container"
	etypes "github.com/docker/docker/api/types/events"
)

// startFailed is the exit code of a container that could not be started.
const startFailed = 128

func (e *Engine) containerStart(r *request) (*reply, error) {
	c, err := e.findContainer(r.vars["name"])
	if err != nil {
		return nil, err
	}
	switch {
	case c.state.paused:
		return nil, conflict("cannot start a paused container, try unpause instead")
	case c.state.running:
		return nil, notModified()
	}
	c.restart.reset()
	if err := e.start(c); err != nil {
		return nil, err
	}
	return done()
}

// start brings a container up. A failure is recorded on the container.
func (e *Engine) start(c *container) error {
	if err := e.tryStart(c); err != nil {
		// Volumes are unmounted even if it did not come to mounting them.
		e.publishMounts(c, etypes.ActionUnmount)
		c.state.problem = err.Error()
		c.state.exitCode = exitCodeOf(err, c.state.exitCode)
		if c.host.AutoRemove {
			e.removeContainer(c, true)
		}
		return err
	}
	c.restart.runs++
	c.state = state{running: true, pid: 1000 + e.ids[sandboxID], restarts: c.state.restarts, started: e.now(), finished: c.state.finished}
	e.startProcess(c)
	e.publishContainer(c, etypes.ActionStart, nil)
	return nil
}

// tryStart takes what a running container holds, or nothing if it fails. Engines
// before 28 set the network up first, newer ones last.
func (e *Engine) tryStart(c *container) error {
	if c.host.NetworkMode.IsContainer() {
		if err := e.joinNetwork(c); err != nil {
			return err
		}
	}
	networkLast := e.serves("1.48")
	if !networkLast {
		if err := e.connectAll(c); err != nil {
			return err
		}
	}
	e.publishMounts(c, etypes.ActionMount)
	err := e.joinNamespaces(c)
	if err == nil && c.behaviour.StartError != "" {
		err = startError(c.behaviour.StartError)
	}
	switch {
	case err != nil:
		e.disconnectAll(c)
		e.releasePorts(c)
	case networkLast:
		if err = e.connectAll(c); err != nil {
			err = prefixed(err, "failed to set up container networking")
		}
	}
	return err
}

// startError is a failure of the program itself, whose words decide the status.
func startError(text string) error {
	err := systemError("%s", text)
	if exitCodeOf(err, 0) != startFailed {
		return invalid("%s", text)
	}
	return err
}

// exitCodeOf is the exit code left by a failed start, given the one before.
func exitCodeOf(err error, before int) int {
	switch text := err.Error(); {
	case strings.Contains(text, "permission denied"):
		return 126
	case strings.Contains(text, "no such file or directory"), strings.Contains(text, "executable file not found"):
		return 127
	case before == 0:
		return startFailed
	}
	return before
}

func (e *Engine) containerKill(r *request) (*reply, error) {
	name := r.vars["name"]
	prefix := e.wording("1.45", "cannot kill container", "Cannot kill container")
	sig := sigKill
	if text := r.query.Get("signal"); text != "" {
		var err error
		if sig, err = e.parseSignal(text); err != nil && e.serves("1.42") {
			return nil, prefixed(err, "%s: %s", prefix, name)
		} else if err != nil {
			return nil, err
		}
	}
	c, err := e.findContainer(name)
	if err != nil {
		return nil, prefixed(err, "%s: %s", prefix, name)
	}
	if !c.state.running {
		return nil, prefixed(e.notRunning(c), "%s: %s", prefix, name)
	}
	e.signal(c, sig)
	return done()
}

// signal sends a running container a signal from outside: the restart policy is
// off afterwards if it was the one to stop it, and a paused container goes on so
// that it can react.
func (e *Engine) signal(c *container, sig int) {
	stops := c.config.StopSignal == "" || sig == sigKill || sig == e.stopSignal(c)
	if stops {
		c.restart.cancelled = true
	}
	c.restart.stopped = true
	if c.state.restarting {
		if cancel := c.restart.cancelWait; cancel != nil {
			cancel()
			c.restart.cancelWait = nil
		}
		c.state.running, c.state.restarting = false, false
		c.wakeWaiters(false)
		return
	}
	e.publishContainer(c, etypes.ActionKill, map[string]string{"signal": decimal(sig)})
	if stops && c.state.paused {
		e.unpause(c)
	}
	e.deliver(c, sig)
}

func (e *Engine) containerPause(r *request) (*reply, error) {
	c, err := e.findContainer(r.vars["name"])
	switch {
	case err != nil:
		return nil, err
	case !c.state.running:
		return nil, e.notRunning(c)
	case c.state.paused:
		return nil, conflict("Container %s is already paused", c.id)
	case c.state.restarting:
		return nil, conflict("Container %s is restarting, wait until the container is running", c.id)
	}
	c.state.paused = true
	c.stopHealth()
	e.publishContainer(c, etypes.ActionPause, nil)
	return done()
}

func (e *Engine) containerUnpause(r *request) (*reply, error) {
	c, err := e.findContainer(r.vars["name"])
	if err != nil {
		return nil, err
	}
	if !c.state.paused {
		return nil, systemError("Container %s is not paused", c.id)
	}
	e.unpause(c)
	return done()
}

func (e *Engine) unpause(c *container) {
	c.state.paused = false
	e.publishContainer(c, etypes.ActionUnPause, nil)
	e.resumeHealth(c)
	c.process.resume()
}

func (e *Engine) containerRename(r *request) (*reply, error) {
	name := r.query.Get("name")
	if name == "" {
		return nil, invalid("Neither old nor new names may be empty")
	}
	c, err := e.findContainer(r.vars["name"])
	if err != nil {
		return nil, err
	}
	if strings.TrimPrefix(name, "/") == c.name {
		return nil, invalid("Renaming a container with the same name as its current name")
	}
	if err := e.checkName(name, c.id); err != nil {
		return nil, prefixed(err, "Error when allocating new name")
	}
	old := c.name
	c.name = strings.TrimPrefix(name, "/")
	for _, ep := range c.endpoints {
		if ep.id != "" {
			ep.rename()
		}
	}
	e.publishContainer(c, etypes.ActionRename, map[string]string{"oldName": "/" + old})
	return done()
}

func (e *Engine) containerUpdate(r *request) (*reply, error) {
	var body ctypes.UpdateConfig
	if err := e.decode(r, &body); err != nil {
		return nil, err
	}
	c, err := e.findContainer(r.vars["name"])
	if err != nil {
		return nil, err
	}
	if body.RestartPolicy.Name != "" {
		if c.host.AutoRemove && !body.RestartPolicy.IsNone() {
			return nil, conflict("Cannot update container %s: Restart policy cannot be updated because AutoRemove is enabled for the container", c.id)
		}
		c.host.RestartPolicy = body.RestartPolicy
	}
	mergeResources(&c.host.Resources, body.Resources)
	e.publishContainer(c, etypes.ActionUpdate, nil)
	return answer(http.StatusOK, ctypes.UpdateResponse{})
}

// mergeResources takes over the limits that an update sets.
func mergeResources(to *ctypes.Resources, from ctypes.Resources) {
	set := func(to *int64, from int64) {
		if from != 0 {
			*to = from
		}
	}
	set(&to.CPUShares, from.CPUShares)
	set(&to.NanoCPUs, from.NanoCPUs)
	set(&to.CPUPeriod, from.CPUPeriod)
	set(&to.CPUQuota, from.CPUQuota)
	set(&to.Memory, from.Memory)
	set(&to.MemorySwap, from.MemorySwap)
	set(&to.MemoryReservation, from.MemoryReservation)
	if from.CpusetCpus != "" {
		to.CpusetCpus = from.CpusetCpus
	}
	if from.PidsLimit != nil {
		to.PidsLimit = from.PidsLimit
	}
}

func (e *Engine) containerDelete(r *request) (*reply, error) {
	name := r.vars["name"]
	c, err := e.findContainer(name)
	if err != nil {
		return nil, err
	}
	if r.flag("link") {
		return nil, fail(http.StatusNotImplemented, "enginetest does not simulate legacy links")
	}
	if c.state.running {
		if !r.flag("force") {
			return nil, e.refuseRemoval(c, name)
		}
		e.signal(c, sigKill)
	}
	if !c.removed {
		e.removeContainer(c, r.flag("v"))
	}
	return done()
}

func (e *Engine) refuseRemoval(c *container, name string) error {
	if !e.serves("1.51") {
		name = "/" + c.name
	}
	switch {
	case e.serves("1.44") && c.state.paused:
		return conflict("cannot remove container %q: container is paused and must be unpaused first", name)
	case e.serves("1.44"):
		return conflict("cannot remove container %q: container is %s: stop the container before removing or force remove", name, c.state.status())
	case c.state.paused:
		return conflict("You cannot remove a paused container %s. Unpause and then stop the container before attempting removal or force remove", c.id)
	case c.state.restarting:
		return conflict("You cannot remove a restarting container %s. Stop the container before attempting removal or force remove", c.id)
	}
	return conflict("You cannot remove a running container %s. Stop the container before attempting removal or force remove", c.id)
}

// removeContainer takes a stopped container off the engine.
func (e *Engine) removeContainer(c *container, anonymousVolumes bool) {
	c.removed, c.state.dead = true, true
	delete(e.containers, c.id)
	for _, id := range slices.Collect(maps.Keys(e.execs)) {
		if e.execs[id].container == c {
			delete(e.execs, id)
		}
	}
	e.releaseMounts(c, anonymousVolumes)
	c.out.end()
	c.wakeWaiters(true)
	e.publishContainer(c, etypes.ActionDestroy, nil)
}

// restartContainers is what a daemon does to containers on its way down and up.
func (e *Engine) restartContainers() {
	for _, c := range e.containersByAge() {
		if !c.state.running {
			continue
		}
		stopped, policy := c.restart, c.host.RestartPolicy
		c.restart.cancelled = true
		if c.state.restarting {
			e.signal(c, sigKill)
		} else {
			e.exited(c, c.behaviour.StopCode)
		}
		if policy.IsAlways() || policy.IsUnlessStopped() && !stopped.stopped || policy.IsOnFailure() && c.state.exitCode != 0 {
			c.restart.reset()
			// A container that cannot start stays down, with the reason on it.
			_ = e.start(c)
		}
	}
	e.events.forget()
}

// graceOf is how long a stop waits before it kills; negative waits forever.
func graceOf(c *container, asked *int) time.Duration {
	seconds := 10
	if c.config.StopTimeout != nil {
		seconds = *c.config.StopTimeout
	}
	if asked != nil {
		seconds = *asked
	}
	return time.Duration(seconds) * time.Second
}
