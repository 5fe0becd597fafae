package enginetest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"maps"
	"net"
	"net/http"
	"os"
	"slices"
	"syscall"
	"time"

	"github.com/docker/docker/client"
)

// Dial opens an in-memory connection to the engine. Its signature fits
// [client.WithDialContext]; network and address are ignored. Both ends can half
// close. The first call starts the server; inside a testing/synctest bubble make
// the engine there too.
func (e *Engine) Dial(_ context.Context, _, _ string) (net.Conn, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed || e.detached {
		return nil, &net.OpError{Op: "dial", Net: "unix", Addr: pipeAddr{}, Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
	}
	if e.pipe == nil {
		e.pipe = newPipeListener()
		e.serveOn(e.pipe)
	}
	return e.pipe.dial()
}

// Client returns a production client connected by [Engine.Dial], with version
// negotiation. The caller closes it before the engine.
func (e *Engine) Client(opts ...client.Opt) (*client.Client, error) {
	opts = append([]client.Opt{
		client.WithHost("tcp://enginetest:2375"),
		client.WithDialContext(e.Dial),
		client.WithAPIVersionNegotiation(),
	}, opts...)
	c, err := client.NewClientWithOpts(opts...)
	if err != nil {
		return nil, fmt.Errorf("cannot make a client for the in-memory engine: %w", err)
	}
	return c, nil
}

// Serve listens on a unix socket at path until the engine is closed and returns
// the DOCKER_HOST value for it. Socket paths are limited to about 100 bytes.
func (e *Engine) Serve(path string) (host string, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return "", errors.New("cannot serve the in-memory engine: it is closed")
	}
	if err := e.listen(path); err != nil {
		return "", err
	}
	return "unix://" + path, nil
}

// listen opens a socket and serves it. The lock is held.
func (e *Engine) listen(path string) error {
	l, err := new(net.ListenConfig).Listen(context.Background(), "unix", path)
	if err != nil {
		return fmt.Errorf("cannot serve the in-memory engine: %w", err)
	}
	e.sockets[path] = l
	e.serveOn(l)
	return nil
}

// serveOn starts serving l. The lock is held.
func (e *Engine) serveOn(l net.Listener) {
	if e.server == nil {
		e.server = &http.Server{
			Handler:           e,
			ErrorLog:          log.New(io.Discard, "", 0),
			ReadHeaderTimeout: time.Hour,
			ConnState:         e.trackConnection,
		}
	}
	server := e.server
	e.serving.Go(func() { _ = server.Serve(l) })
}

// trackConnection keeps account of the connections the server holds. Hijacked
// ones belong to their request.
func (e *Engine) trackConnection(conn net.Conn, state http.ConnState) {
	e.mu.Lock()
	defer e.mu.Unlock()
	switch state {
	case http.StateNew:
		e.connections[conn] = struct{}{}
	case http.StateClosed, http.StateHijacked:
		delete(e.connections, conn)
	case http.StateActive, http.StateIdle:
	}
}

// SetReachable makes the engine unreachable, as if the daemon were gone, or
// reachable again. Going away breaks all connections and refuses new ones;
// containers run on.
func (e *Engine) SetReachable(reachable bool) error {
	e.mu.Lock()
	if e.detached != reachable {
		e.mu.Unlock()
		return nil
	}
	e.detached = !reachable
	for path, l := range e.sockets {
		if reachable {
			if err := e.reopen(path); err != nil {
				e.mu.Unlock()
				return err
			}
			continue
		}
		// Keep the file: connecting to it is refused, as with a dead daemon.
		l.(*net.UnixListener).SetUnlinkOnClose(false)
		_ = l.Close()
	}
	e.mu.Unlock()
	if !reachable {
		e.breakRequests(func(*request) bool { return true })
		e.closeConnections()
	}
	return nil
}

func (e *Engine) reopen(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("cannot serve the in-memory engine again: %w", err)
	}
	return e.listen(path)
}

func (e *Engine) closeConnections() {
	e.mu.Lock()
	open := slices.Collect(maps.Keys(e.connections))
	e.mu.Unlock()
	for _, conn := range open {
		_ = conn.Close()
	}
}

// stopServing closes listeners and connections.
func (e *Engine) stopServing() error {
	e.mu.Lock()
	server := e.server
	e.mu.Unlock()
	if server == nil {
		return nil
	}
	if err := server.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
		return fmt.Errorf("cannot stop the in-memory engine: %w", err)
	}
	return nil
}
