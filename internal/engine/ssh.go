package engine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os/exec"
	"strings"
	"sync"
	"time"
)

// sshCommand is the command line that joins its standard input and output to
// the engine behind an ssh:// address.
func sshCommand(host string) ([]string, error) {
	u, err := url.Parse(host)
	if err != nil {
		return nil, fmt.Errorf("engine address %q: %w", host, err)
	}
	_, password := u.User.Password()
	switch {
	case u.Hostname() == "" || strings.HasPrefix(u.Hostname(), "-"):
		return nil, fmt.Errorf("engine address %q names no host", host)
	case password:
		return nil, errors.New("engine address holds a password: ssh takes keys only, use ssh-agent or ~/.ssh/config")
	case u.RawQuery != "" || u.Fragment != "":
		return nil, fmt.Errorf("engine address %q has more than user, host, port and socket path", host)
	}
	args := []string{"ssh", "-o", "ConnectTimeout=30", "-T"}
	if user := u.User.Username(); user != "" {
		args = append(args, "-l", user)
	}
	if port := u.Port(); port != "" {
		args = append(args, "-p", port)
	}
	args = append(args, "--", u.Hostname(), "docker")
	if socket := strings.TrimSuffix(u.Path, "/"); socket != "" {
		args = append(args, "--host", "unix://"+shellQuote(socket))
	}
	return append(args, "system", "dial-stdio"), nil
}

// sshTrial is a command line that tries the connection by hand.
func (e Endpoint) sshTrial() string {
	u, err := url.Parse(e.Host)
	if err != nil {
		return "ssh"
	}
	words := []string{"ssh"}
	if u.Port() != "" {
		words = append(words, "-p", u.Port())
	}
	host := u.Hostname()
	if user := u.User.Username(); user != "" {
		host = user + "@" + host
	}
	return strings.Join(append(words, host, "docker version"), " ")
}

// shellQuote protects a word from the shell on the other side.
func shellQuote(word string) string {
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// dialCommand starts the command and returns a connection through its standard
// input and output. The command ends with the connection, not with ctx.
func dialCommand(ctx context.Context, args []string) (net.Conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(context.WithoutCancel(ctx), args[0], args[1:]...)
	c := &commandConn{name: args[0], cmd: cmd, stderr: &tailBuffer{limit: 1024}}
	cmd.Stderr = c.stderr
	var err error
	if c.in, err = cmd.StdinPipe(); err != nil {
		return nil, fmt.Errorf("starting %s: %w", args[0], err)
	}
	if c.out, err = cmd.StdoutPipe(); err != nil {
		return nil, fmt.Errorf("starting %s: %w", args[0], err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting %s: %w; install an ssh client, or use another DOCKER_HOST", args[0], err)
	}
	c.wait = sync.OnceFunc(func() { _ = cmd.Wait() }) // its status says less than its output
	return c, nil
}

// explainWait is how long a command that broke off has to say why.
const explainWait = time.Second

// commandConn is a connection through a command.
type commandConn struct {
	name   string
	cmd    *exec.Cmd
	in     io.WriteCloser
	out    io.ReadCloser
	stderr *tailBuffer
	wait   func() // waits for the command; may be called again
}

// Read implements net.Conn.
func (c *commandConn) Read(b []byte) (int, error) {
	n, err := c.out.Read(b)
	if err != nil && n == 0 {
		return 0, c.explain(err)
	}
	return n, err
}

// Write implements net.Conn.
func (c *commandConn) Write(b []byte) (int, error) {
	n, err := c.in.Write(b)
	if err != nil {
		return n, c.explain(err)
	}
	return n, nil
}

// explain adds what the command printed to its standard error, which is the
// best explanation of an early end.
func (c *commandConn) explain(err error) error {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		c.wait()
	}()
	select {
	case <-ended:
	case <-time.After(explainWait):
	}
	if text := c.stderr.String(); text != "" {
		return fmt.Errorf("%s: %s: %w", c.name, text, io.ErrUnexpectedEOF)
	}
	return err
}

// CloseWrite ends the input; output goes on.
func (c *commandConn) CloseWrite() error { return c.in.Close() }

// Close implements net.Conn: it ends the command.
func (c *commandConn) Close() error {
	_ = c.in.Close()         // it ends with the command
	_ = c.cmd.Process.Kill() // it may have ended
	c.wait()
	return nil
}

// LocalAddr implements net.Conn.
func (c *commandConn) LocalAddr() net.Addr { return commandAddr(c.name) }

// RemoteAddr implements net.Conn.
func (c *commandConn) RemoteAddr() net.Addr { return commandAddr(c.name) }

// SetDeadline implements net.Conn; pipes have no deadlines, and the HTTP client
// closes the connection when a context ends.
func (c *commandConn) SetDeadline(time.Time) error { return nil }

// SetReadDeadline implements net.Conn.
func (c *commandConn) SetReadDeadline(time.Time) error { return nil }

// SetWriteDeadline implements net.Conn.
func (c *commandConn) SetWriteDeadline(time.Time) error { return nil }

type commandAddr string

func (commandAddr) Network() string  { return "command" }
func (a commandAddr) String() string { return string(a) }

// tailBuffer keeps the last bytes written to it.
type tailBuffer struct {
	mu    sync.Mutex
	limit int
	data  []byte
}

// Write implements io.Writer.
func (t *tailBuffer) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.data = append(t.data, b...)
	if over := len(t.data) - t.limit; over > 0 {
		t.data = append(t.data[:0], t.data[over:]...)
	}
	return len(b), nil
}

// String is what was kept, on one line.
func (t *tailBuffer) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(bytes.Join(bytes.Fields(t.data), []byte(" ")))
}
