package enginetest

import (
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

// pipeBuffer is how much one direction of a pipe holds before writers wait, as
// much as a unix socket roughly does.
const pipeBuffer = 64 << 10

// pipeEnd is one end of an in-memory connection. Unlike [net.Pipe] it buffers,
// and its directions close separately, which attaching to a container's standard
// input needs.
type pipeEnd struct {
	in, out *pipeHalf
}

// newPipe makes a connection and returns its two ends.
func newPipe() (client, server *pipeEnd) {
	up, down := newPipeHalf(), newPipeHalf()
	return &pipeEnd{in: down, out: up}, &pipeEnd{in: up, out: down}
}

func (p *pipeEnd) Read(b []byte) (int, error)  { return p.in.read(b) }
func (p *pipeEnd) Write(b []byte) (int, error) { return p.out.write(b) }

// Close closes both directions.
func (p *pipeEnd) Close() error {
	p.out.closeWriter()
	p.in.closeReader()
	return nil
}

// CloseWrite lets the other end read what was sent and then the end of it.
func (p *pipeEnd) CloseWrite() error {
	p.out.closeWriter()
	return nil
}

func (p *pipeEnd) LocalAddr() net.Addr  { return pipeAddr{} }
func (p *pipeEnd) RemoteAddr() net.Addr { return pipeAddr{} }

func (p *pipeEnd) SetDeadline(t time.Time) error {
	p.in.reading.set(p.in, t)
	p.out.writing.set(p.out, t)
	return nil
}

func (p *pipeEnd) SetReadDeadline(t time.Time) error {
	p.in.reading.set(p.in, t)
	return nil
}

func (p *pipeEnd) SetWriteDeadline(t time.Time) error {
	p.out.writing.set(p.out, t)
	return nil
}

type pipeAddr struct{}

func (pipeAddr) Network() string { return "pipe" }
func (pipeAddr) String() string  { return "enginetest" }

// pipeHalf is one direction.
type pipeHalf struct {
	mu               sync.Mutex
	changed          *sync.Cond
	buf              []byte
	noWriter         bool
	noReader         bool
	reading, writing pipeDeadline
}

func newPipeHalf() *pipeHalf {
	h := &pipeHalf{}
	h.changed = sync.NewCond(&h.mu)
	return h
}

func (h *pipeHalf) read(b []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for {
		switch {
		case h.noReader:
			return 0, io.ErrClosedPipe
		case h.reading.passed:
			return 0, os.ErrDeadlineExceeded
		case len(h.buf) > 0:
			n := copy(b, h.buf)
			h.buf = h.buf[n:]
			h.changed.Broadcast()
			return n, nil
		case h.noWriter:
			return 0, io.EOF
		}
		h.changed.Wait()
	}
}

func (h *pipeHalf) write(b []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	written := 0
	for {
		switch {
		case h.noWriter:
			return written, io.ErrClosedPipe
		case h.noReader:
			return written, syscall.EPIPE
		case h.writing.passed:
			return written, os.ErrDeadlineExceeded
		case written == len(b):
			return written, nil
		case len(h.buf) < pipeBuffer:
			n := min(len(b)-written, pipeBuffer-len(h.buf))
			h.buf = append(h.buf, b[written:written+n]...)
			written += n
			h.changed.Broadcast()
			continue
		}
		h.changed.Wait()
	}
}

func (h *pipeHalf) closeWriter() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.noWriter = true
	h.writing.stop()
	h.changed.Broadcast()
}

func (h *pipeHalf) closeReader() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.noReader = true
	h.reading.stop()
	h.changed.Broadcast()
}

// pipeDeadline is guarded by its half's lock.
type pipeDeadline struct {
	passed bool
	timer  *time.Timer
	round  int // tells a timer that it was replaced
}

func (d *pipeDeadline) stop() {
	d.round++
	if d.timer != nil {
		d.timer.Stop()
		d.timer = nil
	}
}

func (d *pipeDeadline) set(h *pipeHalf, t time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	d.stop()
	d.passed = !t.IsZero() && !t.After(time.Now())
	if !t.IsZero() && !d.passed {
		round := d.round
		d.timer = time.AfterFunc(time.Until(t), func() {
			h.mu.Lock()
			defer h.mu.Unlock()
			if d.round == round {
				d.passed = true
				h.changed.Broadcast()
			}
		})
	}
	h.changed.Broadcast()
}

// pipeListener hands the server its ends of new pipes.
type pipeListener struct {
	mu      sync.Mutex
	changed *sync.Cond
	waiting []net.Conn
	closed  bool
}

func newPipeListener() *pipeListener {
	l := &pipeListener{}
	l.changed = sync.NewCond(&l.mu)
	return l
}

func (l *pipeListener) dial() (net.Conn, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return nil, syscall.ECONNREFUSED
	}
	client, server := newPipe()
	l.waiting = append(l.waiting, server)
	l.changed.Signal()
	return client, nil
}

func (l *pipeListener) Accept() (net.Conn, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for len(l.waiting) == 0 && !l.closed {
		l.changed.Wait()
	}
	if l.closed {
		return nil, net.ErrClosed
	}
	conn := l.waiting[0]
	l.waiting = l.waiting[1:]
	return conn, nil
}

func (l *pipeListener) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	for _, conn := range l.waiting {
		_ = conn.Close()
	}
	l.waiting = nil
	l.changed.Broadcast()
	return nil
}

func (l *pipeListener) Addr() net.Addr { return pipeAddr{} }
