package enginetest

import (
	"net/http"
	"time"

	ctypes "github.com/docker/docker/api/types/container"
	etypes "github.com/docker/docker/api/types/events"
)

func (e *Engine) containerStop(w http.ResponseWriter, r *request) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	c, err := e.findContainer(r.vars["name"])
	if err != nil {
		return err
	}
	if !c.state.running {
		return notModified()
	}
	if err := e.stop(r, c); err != nil {
		return prefixed(err, "cannot stop container: %s", r.vars["name"])
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (e *Engine) containerRestart(w http.ResponseWriter, r *request) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	c, err := e.findContainer(r.vars["name"])
	if err != nil {
		return err
	}
	if c.state.running {
		c.restart.byHand = true
		err := e.stop(r, c)
		c.restart.byHand = false
		if err != nil {
			return systemError("Cannot restart container %s: %v", r.vars["name"], err)
		}
	}
	if !c.state.running {
		c.restart.reset()
		if err := e.start(c); err != nil {
			return systemError("Cannot restart container %s: %v", r.vars["name"], err)
		}
	}
	e.publishContainer(c, etypes.ActionRestart, nil)
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// stop asks a running container to stop and kills it when its grace period is
// over. The client leaving does not end it. The lock is held on entry and exit
// and released while waiting.
func (e *Engine) stop(r *request, c *container) error {
	sig := e.stopSignal(c)
	if text := r.query.Get("signal"); text != "" && r.speaks("1.42") {
		var err error
		if sig, err = e.parseSignal(text); err != nil {
			return err
		}
	}
	asked, err := r.number("t")
	if err != nil {
		return err
	}
	grace := graceOf(c, asked)
	c.stopping = true
	e.signal(c, sig)
	if !e.awaitExit(r, c, grace) && c.state.running && !r.isBroken() {
		e.signal(c, sigKill)
	}
	e.stopped(c)
	return nil
}

// stopped tells of the end of a stop call, once.
func (e *Engine) stopped(c *container) {
	if c.stopping {
		c.stopping = false
		e.publishContainer(c, etypes.ActionStop, nil)
	}
}

// awaitExit waits until the container's process has ended, the grace period is
// over, or the engine breaks the connection. Negative means forever.
func (e *Engine) awaitExit(r *request, c *container, grace time.Duration) bool {
	if c.process == nil {
		return true
	}
	w := c.wait(ctypes.WaitConditionNotRunning)
	var deadline <-chan time.Time
	if grace >= 0 {
		timer := time.NewTimer(grace)
		defer timer.Stop()
		deadline = timer.C
	}
	e.mu.Unlock()
	defer e.mu.Lock()
	select {
	case <-w.result:
		return true
	case <-deadline:
		return false
	case <-r.broken:
		return false
	}
}
