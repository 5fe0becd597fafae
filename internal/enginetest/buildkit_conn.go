package enginetest

import (
	"bufio"
	"net"
	"net/http"
	"sync"
	"time"
)

// upgrade takes a connection over for HTTP/2.
func upgrade(w http.ResponseWriter, r *request) (net.Conn, error) {
	conn, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return nil, systemError("cannot take over the connection: %v", err)
	}
	if sw, ok := w.(*statusWriter); ok {
		sw.status = http.StatusSwitchingProtocols
	}
	_ = conn.SetDeadline(time.Time{}) // it lives as long as the client wants
	head := "HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: " + r.Header.Get("Upgrade") + "\r\n\r\n"
	if _, err := conn.Write([]byte(head)); err != nil {
		_ = conn.Close()
		return nil, systemError("cannot take over the connection: %v", err)
	}
	return &bufferedConn{Conn: conn, reader: buffered.Reader}, nil
}

// bufferedConn reads first what the server has read already.
type bufferedConn struct {
	net.Conn
	reader *bufio.Reader
}

func (c *bufferedConn) Read(b []byte) (int, error) { return c.reader.Read(b) }

// singleListener accepts one connection, and ends with it.
type singleListener struct {
	conn  chan net.Conn
	addr  net.Addr
	ended chan struct{}
}

func newSingleListener(conn net.Conn) *singleListener {
	l := &singleListener{conn: make(chan net.Conn, 1), addr: conn.LocalAddr(), ended: make(chan struct{})}
	l.conn <- &endingConn{Conn: conn, ended: sync.OnceFunc(func() { close(l.ended) })}
	return l
}

// Accept returns the connection, and after it nothing until that has ended.
func (l *singleListener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.conn:
		return conn, nil
	case <-l.ended:
		return nil, net.ErrClosed
	}
}

// Close does nothing: the connection's end is the listener's.
func (l *singleListener) Close() error   { return nil }
func (l *singleListener) Addr() net.Addr { return l.addr }

// endingConn tells when it is closed.
type endingConn struct {
	net.Conn
	ended func()
}

func (c *endingConn) Close() error {
	c.ended()
	return c.Conn.Close()
}
