//go:build linux

package main

import (
	"context"
	"net"
	"net/http"
	"net/http/httputil"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"
)

// countingProxy stands between a tool and the engine and counts the requests that pass.
type countingProxy struct {
	directory string
	server    *http.Server
	total     atomic.Int64
}

// newCountingProxy listens on a socket of its own and passes everything on to the engine's socket.
func newCountingProxy(ctx context.Context, engineSocket string) (*countingProxy, error) {
	directory, err := os.MkdirTemp("", "bench-proxy")
	if err != nil {
		return nil, err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "unix", filepath.Join(directory, "docker.sock"))
	if err != nil {
		return nil, err
	}
	dialer := net.Dialer{}
	forward := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.URL.Scheme, r.Out.URL.Host = "http", "engine"
		},
		Transport: &http.Transport{
			DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
				return dialer.DialContext(ctx, "unix", engineSocket)
			},
		},
		FlushInterval: -1, // events and logs pass at once
	}
	p := &countingProxy{directory: directory}
	p.server = &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			p.total.Add(1)
			forward.ServeHTTP(w, r)
		}),
		ReadHeaderTimeout: time.Minute,
	}
	go func() { _ = p.server.Serve(listener) }()
	return p, nil
}

func (p *countingProxy) host() string { return "unix://" + filepath.Join(p.directory, "docker.sock") }

// count returns how many requests passed while do ran.
func (p *countingProxy) count(do func() error) (int64, error) {
	before := p.total.Load()
	err := do()
	return p.total.Load() - before, err
}

func (p *countingProxy) close() {
	_ = p.server.Close()
	_ = os.RemoveAll(p.directory)
}

func socketPath(host string) (string, bool) { return strings.CutPrefix(host, "unix://") }
