package enginetest

import (
	"errors"
	"io"
	"net/http"
	"strconv"

	"github.com/docker/docker/api/types"
	etypes "github.com/docker/docker/api/types/events"
)

// containerAttach connects the client to the container's streams. Attaching
// before the start loses nothing.
func (e *Engine) containerAttach(w http.ResponseWriter, r *request) error {
	e.mu.Lock()
	name := r.vars["name"]
	c, err := e.findContainer(name)
	switch {
	case err != nil:
	case c.state.paused:
		err = conflict("container %s is paused, unpause the container before attach", name)
	case c.state.restarting:
		err = conflict("container %s is restarting, wait until the container is running", name)
	}
	if err != nil {
		e.mu.Unlock()
		// Attaching answers in plain text.
		w.Header().Set("Content-Type", types.MediaTypeRawStream)
		w.WriteHeader(statusOf(err))
		_, _ = io.WriteString(w, err.Error()+"\r\n")
		return nil
	}
	s := c.out.subscribe(r.flag("stdout"), r.flag("stderr"))
	if r.flag("logs") {
		for _, past := range c.logs {
			s.offer(past)
		}
	}
	if !r.flag("stream") {
		c.out.unsubscribe(s)
		s.ended = true
	}
	tty := c.config.Tty
	e.publishContainer(c, etypes.ActionAttach, nil)
	e.mu.Unlock()
	defer func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		c.out.unsubscribe(s)
	}()

	conn, input, err := hijack(w, r, tty)
	if err != nil {
		return err
	}
	if r.flag("stdin") {
		e.serving.Go(func() {
			if receive(input, func(data []byte) { e.feed(c, data) }) == nil {
				e.endInput(c)
			}
		})
	}
	e.pump(conn, r, s, tty)
	return nil
}

// feed gives a container's process input, which it keeps or echoes.
func (e *Engine) feed(c *container, data []byte) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if c.process != nil && c.config.OpenStdin && c.behaviour.Echo {
		e.write(c, false, string(data))
	}
}

// endInput closes a process's input if one client's end of input is the end. A
// terminal outlives its clients.
func (e *Engine) endInput(c *container) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if c.process != nil && c.config.StdinOnce && !c.config.Tty && c.behaviour.Echo {
		e.exited(c, 0)
	}
}

// containerResize records nothing: there is no terminal.
func (e *Engine) containerResize(r *request) (*reply, error) {
	c, err := e.findContainer(r.vars["name"])
	if err != nil {
		return nil, err
	}
	if err := e.checkSize(r); err != nil {
		return nil, err
	}
	if !c.state.running {
		return nil, e.notRunning(c)
	}
	e.publishContainer(c, etypes.ActionResize, map[string]string{"height": r.query.Get("h"), "width": r.query.Get("w")})
	return &reply{status: http.StatusOK}, nil
}

func (e *Engine) checkSize(r *request) error {
	for _, side := range []struct{ key, name string }{{"h", "height"}, {"w", "width"}} {
		text := r.query.Get(side.key)
		_, err := strconv.Atoi(text)
		switch {
		case err == nil:
		case e.serves("1.51"):
			return invalid("invalid resize %s %q: %v", side.name, text, errors.Unwrap(err))
		default:
			return invalid("%v", err)
		}
	}
	return nil
}
