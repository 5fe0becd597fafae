package enginetest

import (
	"strings"
	"time"

	ctypes "github.com/docker/docker/api/types/container"
	etypes "github.com/docker/docker/api/types/events"
)

// What the engine takes for values a healthcheck leaves out.
const (
	defaultProbeInterval = 30 * time.Second
	defaultStartInterval = 5 * time.Second
	healthLogLength      = 5
)

// probed reports whether a container has a working healthcheck.
func (c *container) probed() bool {
	check := c.config.Healthcheck
	return check != nil && len(check.Test) > 1 && (check.Test[0] == "CMD" || check.Test[0] == "CMD-SHELL")
}

// startHealth schedules the health changes of a starting container.
func (e *Engine) startHealth(c *container) {
	if !c.probed() {
		c.health = nil
		return
	}
	if c.health == nil {
		c.health = &ctypes.Health{}
	}
	c.health.Status, c.health.FailingStreak = ctypes.Starting, 0
	script := c.behaviour.Health
	if script == nil {
		script = []HealthChange{{After: e.firstProbe(c.config.Healthcheck), Status: ctypes.Healthy}}
	}
	for _, change := range script {
		e.later(c.process, change.After, func() { e.probe(c, change) })
	}
}

// stopHealth ends the probes, for good or for a pause. The engine leaves the container marked unhealthy,
// without an event.
func (c *container) stopHealth() {
	if c.health != nil {
		c.health.Status = ctypes.Unhealthy
	}
}

// resumeHealth repeats the last probe an interval after the end of a pause.
func (e *Engine) resumeHealth(c *container) {
	if c.health == nil || c.process.probed == nil {
		return
	}
	again := *c.process.probed
	interval := c.config.Healthcheck.Interval
	if interval == 0 {
		interval = defaultProbeInterval
	}
	e.later(c.process, interval, func() { e.probe(c, again) })
}

// firstProbe is when the engine first runs a healthcheck.
func (e *Engine) firstProbe(check *ctypes.HealthConfig) time.Duration {
	if e.serves("1.44") && check.StartPeriod > 0 {
		if check.StartInterval > 0 {
			return check.StartInterval
		}
		return defaultStartInterval
	}
	if check.Interval > 0 {
		return check.Interval
	}
	return defaultProbeInterval
}

// probe records a probe and, if the status changes, tells of it. The probe is an
// exec like any other and has its events.
func (e *Engine) probe(c *container, change HealthChange) {
	c.process.probed = &change
	command := c.config.Healthcheck.Test[1:]
	if c.config.Healthcheck.Test[0] == "CMD-SHELL" {
		command = append([]string{"/bin/sh", "-c"}, command...)
	}
	id := map[string]string{"execID": e.newID(execID)}
	text := command[0] + " " + strings.Join(command[1:], " ")
	e.publishContainer(c, etypes.Action("exec_create: "+text), id)
	e.publishContainer(c, etypes.Action("exec_start: "+text), id)

	result := &ctypes.HealthcheckResult{Start: e.now(), End: e.now(), Output: change.Output}
	switch change.Status {
	case ctypes.Healthy:
		c.health.FailingStreak = 0
	case ctypes.Unhealthy:
		result.ExitCode = 1
		c.health.FailingStreak = max(c.config.Healthcheck.Retries, 3)
		if c.config.Healthcheck.Retries > 0 {
			c.health.FailingStreak = c.config.Healthcheck.Retries
		}
	default:
		result.ExitCode = 1
	}
	id["exitCode"] = "0"
	if result.ExitCode != 0 {
		id["exitCode"] = "1"
	}
	e.publishContainer(c, etypes.ActionExecDie, id)

	c.health.Log = append(c.health.Log, result)
	if len(c.health.Log) > healthLogLength {
		c.health.Log = c.health.Log[1:]
	}
	if c.health.Status != change.Status {
		c.health.Status = change.Status
		e.publishContainer(c, etypes.Action("health_status: "+change.Status), nil)
	}
}
