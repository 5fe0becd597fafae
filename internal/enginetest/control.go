package enginetest

// The methods here do by hand what behaviours do by the clock. Containers are
// given by name or identifier and must be running.

// Exit ends a container's process with an exit status, as if by itself: the
// restart policy applies.
func (e *Engine) Exit(name string, code int) error {
	return e.inProcess(name, func(c *container) { e.exited(c, code) })
}

// SetHealth records a probe of a container that has a healthcheck. The status is
// one of the Engine API's: starting, healthy or unhealthy.
func (e *Engine) SetHealth(name, status, output string) error {
	return e.inProcess(name, func(c *container) {
		if c.health != nil {
			e.probe(c, HealthChange{Status: status, Output: output})
		}
	})
}

// Print has a container print a line now, whatever its After says.
func (e *Engine) Print(name string, line Line) error {
	return e.inProcess(name, func(c *container) { e.print(c, line) })
}

func (e *Engine) inProcess(name string, do func(*container)) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	c, err := e.findContainer(name)
	if err != nil {
		return err
	}
	if c.process == nil {
		return e.notRunning(c)
	}
	do(c)
	return nil
}
