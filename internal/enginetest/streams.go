package enginetest

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/docker/docker/api/types"
	"github.com/docker/docker/pkg/stdcopy"
)

// chunk is something printed at one moment on one stream.
type chunk struct {
	at     time.Time
	stderr bool
	data   []byte
}

// sink is someone who listens to a process's output. Its queue has no bound.
type sink struct {
	stdout, stderr bool
	queue          []chunk
	wake           chan struct{} // holds a token when there is something to see
	ended          bool
}

// output is where a process prints to. The engine's lock guards it.
type output struct {
	sinks map[*sink]struct{}
}

func (o *output) subscribe(stdout, stderr bool) *sink {
	if o.sinks == nil {
		o.sinks = map[*sink]struct{}{}
	}
	s := &sink{stdout: stdout, stderr: stderr, wake: make(chan struct{}, 1)}
	o.sinks[s] = struct{}{}
	return s
}

func (o *output) unsubscribe(s *sink) { delete(o.sinks, s) }

func (o *output) write(c chunk) {
	for s := range o.sinks {
		s.offer(c)
	}
}

func (s *sink) offer(c chunk) {
	if c.stderr && s.stderr || !c.stderr && s.stdout {
		s.queue = append(s.queue, c)
		signal(s.wake)
	}
}

// end tells all listeners that nothing more comes.
func (o *output) end() {
	for s := range o.sinks {
		s.ended = true
		signal(s.wake)
	}
	o.sinks = nil
}

// take empties a sink's queue; more is false after the end.
func (e *Engine) take(s *sink) (chunks []chunk, more bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	chunks, s.queue = s.queue, nil
	return chunks, !s.ended
}

// framer writes chunks to a client: as they are for a terminal, else each with
// the header that names its stream.
type framer struct {
	out, err io.Writer
}

func newFramer(w io.Writer, tty bool) framer {
	if tty {
		return framer{w, w}
	}
	return framer{stdcopy.NewStdWriter(w, stdcopy.Stdout), stdcopy.NewStdWriter(w, stdcopy.Stderr)}
}

func (f framer) write(c chunk, prefix string) error {
	w := f.out
	if c.stderr {
		w = f.err
	}
	_, err := w.Write(append([]byte(prefix), c.data...))
	return err
}

// streamType is the content type of a process's output.
func (r *request) streamType(tty bool) string {
	if !tty && r.speaks("1.42") {
		return types.MediaTypeMultiplexedStream
	}
	return types.MediaTypeRawStream
}

// hijack takes the connection over for a stream in both directions.
func hijack(w http.ResponseWriter, r *request, tty bool) (net.Conn, *bufio.Reader, error) {
	conn, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return nil, nil, systemError("cannot take over the connection: %v", err)
	}
	if err := conn.SetDeadline(time.Time{}); err != nil {
		_ = conn.Close()
		return nil, nil, systemError("cannot take over the connection: %v", err)
	}
	status := http.StatusOK
	head := "HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\n"
	if r.Header.Get("Upgrade") != "" {
		status = http.StatusSwitchingProtocols
		head = fmt.Sprintf("HTTP/1.1 101 UPGRADED\r\nContent-Type: %s\r\nConnection: Upgrade\r\nUpgrade: tcp\r\nApi-Version: %s\r\n\r\n", r.streamType(tty), w.Header().Get("Api-Version"))
	}
	if sw, ok := w.(*statusWriter); ok {
		sw.status = status
	}
	if _, err := io.WriteString(conn, head); err != nil {
		_ = conn.Close()
		return nil, nil, systemError("cannot take over the connection: %v", err)
	}
	return conn, buffered.Reader, nil
}

// pump copies a sink to a hijacked connection until the process ends or the
// connection breaks, then closes the connection.
func (e *Engine) pump(conn net.Conn, r *request, s *sink, tty bool) {
	// The reader of the client's input waits on the connection too.
	defer func() { _ = conn.Close() }()
	f := newFramer(conn, tty)
	for {
		chunks, more := e.take(s)
		for _, c := range chunks {
			if f.write(c, "") != nil {
				return
			}
		}
		if !more {
			return
		}
		select {
		case <-s.wake:
		case <-r.broken:
			return
		}
	}
}

// receive passes the client's input to feed until the client ends it.
func receive(from *bufio.Reader, feed func(data []byte)) error {
	buf := make([]byte, 4096)
	for {
		n, err := from.Read(buf)
		if n > 0 {
			feed(append([]byte{}, buf[:n]...))
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// asTerminal turns line ends into what a terminal prints.
func asTerminal(text string) string { return strings.ReplaceAll(text, "\n", "\r\n") }
