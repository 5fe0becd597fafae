package enginetest

import (
	"strconv"
	"time"

	ctypes "github.com/docker/docker/api/types/container"
	etypes "github.com/docker/docker/api/types/events"
)

// process is one run of a container.
type process struct {
	owner   *container
	cancels []func()      // pending timers
	held    []func()      // what became due while paused
	probed  *HealthChange // the last probe
}

// startProcess runs a container's behaviour from now on.
func (e *Engine) startProcess(c *container) {
	p := &process{owner: c}
	c.process = p
	for _, line := range c.behaviour.Output {
		if line.After <= 0 {
			e.print(c, line)
			continue
		}
		e.later(p, line.After, func() { e.print(c, line) })
	}
	if exit := c.behaviour.Exit; exit != nil && (exit.Runs == 0 || c.restart.runs <= exit.Runs) {
		e.later(p, exit.After, func() {
			if exit.OOM {
				c.state.oomKilled = true
				e.publishContainer(c, etypes.ActionOOM, nil)
			}
			e.exited(c, exit.Code)
		})
	}
	e.startHealth(c)
}

// later schedules f for a process: it is dropped when the process ends and held
// back while it is paused.
func (e *Engine) later(p *process, d time.Duration, f func()) {
	p.cancels = append(p.cancels, e.after(d, func() { p.unlessPaused(f) }))
}

func (p *process) unlessPaused(f func()) {
	switch {
	case p.owner.process != p:
	case p.owner.state.paused:
		p.held = append(p.held, f)
	default:
		f()
	}
}

// resume does what was held back.
func (p *process) resume() {
	held := p.held
	p.held = nil
	for _, f := range held {
		p.unlessPaused(f)
	}
}

// Signal numbers the simulated processes know.
const (
	sigHangup    = 1
	sigInterrupt = 2
	sigQuit      = 3
	sigKill      = 9
	sigTerminate = 15
)

// deliver gives a running process a signal.
func (e *Engine) deliver(c *container, sig int) {
	p := c.process
	if p == nil {
		return
	}
	if c.state.paused && sig != sigKill {
		p.held = append(p.held, func() { e.deliver(c, sig) })
		return
	}
	switch {
	case sig == sigKill:
		e.exited(c, 128+sigKill)
	case c.behaviour.IgnoreStop:
	case sig == sigTerminate, sig == sigInterrupt, sig == sigQuit, sig == e.stopSignal(c):
		if c.behaviour.StopAfter <= 0 {
			e.exited(c, c.behaviour.StopCode)
			return
		}
		e.later(p, c.behaviour.StopAfter, func() { e.exited(c, c.behaviour.StopCode) })
	}
}

// exited handles the end of a container's process: resources are released, then
// the restart policy decides.
func (e *Engine) exited(c *container, code int) {
	e.endProcess(c)
	ran := time.Since(c.state.started)
	again, wait := c.restart.decide(c.host.RestartPolicy, code, ran)
	attributes := map[string]string{"exitCode": decimal(code)}
	if e.serves("1.43") {
		attributes["execDuration"] = strconv.Itoa(int(ran.Seconds()))
	}
	// Engines before 23 tell of the exit before they release anything.
	if !e.serves("1.42") {
		e.publishContainer(c, etypes.ActionDie, attributes)
	}
	e.letGo(c)
	c.state.finished, c.state.exitCode = e.now(), code
	c.state.pid, c.state.paused = 0, false
	c.state.running, c.state.restarting = again, again
	if again {
		c.state.restarts++
		c.restart.cancelWait = e.after(wait, func() { e.startAgain(c) })
	}
	c.wakeWaiters(false)
	if e.serves("1.42") {
		// Whoever waits in a stop call hears of the exit first.
		e.stopped(c)
		e.publishContainer(c, etypes.ActionDie, attributes)
	}
	if !again && !c.restart.byHand && c.host.AutoRemove {
		e.removeContainer(c, true)
	}
}

// endProcess stops whatever the process had under way and ends its streams.
func (e *Engine) endProcess(c *container) {
	p := c.process
	c.process = nil
	for _, cancel := range p.cancels {
		cancel()
	}
	c.out.end()
	c.stopHealth()
	for _, x := range e.execs {
		if x.container == c && x.running {
			e.execEnded(x, 128+sigKill)
		}
	}
}

// letGo gives back what a container held while it ran.
func (e *Engine) letGo(c *container) {
	e.disconnectAll(c)
	e.releasePorts(c)
	e.publishMounts(c, etypes.ActionUnmount)
}

// startAgain starts a container on behalf of its restart policy.
func (e *Engine) startAgain(c *container) {
	c.restart.cancelWait = nil
	if err := e.start(c); err != nil {
		c.state.running, c.state.restarting = false, false
		c.wakeWaiters(false)
	}
}

// restartManager applies a container's restart policy.
type restartManager struct {
	runs       int           // starts so far
	tries      int           // automatic restarts since the last start by hand
	wait       time.Duration // last pause before a restart
	cancelled  bool          // stopped by hand: no more restarts
	stopped    bool          // was ever stopped by hand since its start
	byHand     bool          // a restart call is under way
	cancelWait func()
}

// decide says whether to restart after an exit, and how long to wait first: the
// pause doubles up to a minute, unless the process ran for ten seconds.
func (m *restartManager) decide(policy ctypes.RestartPolicy, code int, ran time.Duration) (again bool, wait time.Duration) {
	if policy.IsNone() || m.cancelled {
		return false, 0
	}
	const first, longest, settled = 100 * time.Millisecond, time.Minute, 10 * time.Second
	switch {
	case ran >= settled || m.wait == 0:
		m.wait = first
	default:
		m.wait = min(2*m.wait, longest)
	}
	switch {
	case policy.IsAlways():
		again = true
	case policy.IsUnlessStopped():
		again = !m.stopped
	case policy.IsOnFailure():
		again = code != 0 && (policy.MaximumRetryCount == 0 || m.tries < policy.MaximumRetryCount)
	}
	if again {
		m.tries++
	}
	return again, m.wait
}

// reset is a start by hand.
func (m *restartManager) reset() {
	*m = restartManager{runs: m.runs}
}
