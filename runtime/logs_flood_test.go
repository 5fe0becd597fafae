package runtime

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	goruntime "runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/client"
	"github.com/docker/docker/pkg/stdcopy"

	"github.com/gocompose/gocompose/internal/engine"
	"github.com/gocompose/gocompose/project"
)

// flood is an engine that does nothing but send the logs of many containers as
// fast as they are read.
type flood struct {
	containers, lines int
	text              string
	sent              atomic.Int64 // lines
}

func (f *flood) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case strings.HasSuffix(r.URL.Path, "/_ping"):
		w.Header().Set("Api-Version", "1.51")
	case strings.HasSuffix(r.URL.Path, "/containers/json"):
		list := make([]container.Summary, f.containers)
		for i := range list {
			name := fmt.Sprintf("app-web-%d", i+1)
			list[i] = container.Summary{ID: name, Names: []string{"/" + name}, State: "exited", Labels: map[string]string{
				project.LabelProject: testProject, project.LabelService: "web", project.LabelNumber: fmt.Sprint(i + 1),
			}}
		}
		_ = json.NewEncoder(w).Encode(list) // the client would say so
	case strings.HasSuffix(r.URL.Path, "/logs"):
		f.send(w)
	default:
		http.NotFound(w, r)
	}
}

func (f *flood) send(w http.ResponseWriter) {
	buffered := bufio.NewWriterSize(w, 32<<10)
	out := stdcopy.NewStdWriter(buffered, stdcopy.Stdout)
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	var line []byte
	for range f.lines {
		at = at.Add(time.Millisecond)
		line = at.AppendFormat(line[:0], "2006-01-02T15:04:05.000000000Z07:00")
		line = append(append(append(line, ' '), f.text...), '\n')
		if _, err := out.Write(line); err != nil {
			return
		}
		f.sent.Add(1)
	}
	_ = buffered.Flush() // the client would say so
}

// serve connects to the flood in memory.
func (f *flood) serve(t testing.TB) *engine.Client {
	t.Helper()
	listener := &memoryListener{conns: make(chan net.Conn), closed: make(chan struct{})}
	server := &http.Server{Handler: f, ReadHeaderTimeout: time.Minute}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	api, err := client.NewClientWithOpts(client.WithHost("tcp://flood:2375"), client.WithDialContext(listener.dial), client.WithAPIVersionNegotiation())
	if err != nil {
		t.Fatal(err)
	}
	e, err := engine.FromAPI(context.Background(), api)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = e.Close()
		_ = server.Close()
		<-served
	})
	return e
}

// memoryListener hands out the ends of pipes.
type memoryListener struct {
	conns  chan net.Conn
	closed chan struct{}
}

func (l *memoryListener) dial(context.Context, string, string) (net.Conn, error) {
	here, there := net.Pipe()
	l.conns <- there
	return here, nil
}

func (l *memoryListener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.conns:
		return conn, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *memoryListener) Close() error {
	close(l.closed)
	return nil
}

func (l *memoryListener) Addr() net.Addr { return &net.UnixAddr{Name: "flood"} }

// lineFunc is a log sink of one function.
type lineFunc func(LogLine)

func (f lineFunc) Line(l LogLine) { f(l) }

// TestLogsInBoundedMemory: a million lines of ten containers need little
// memory, and all of them come, in order.
func TestLogsInBoundedMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("reads a million lines")
	}
	f := &flood{containers: 10, lines: 100_000, text: strings.Repeat("x", 80)}
	e := f.serve(t)
	var most uint64
	var last time.Time
	lines := 0
	err := FollowLogs(t.Context(), e, LogTarget{Project: testProject}, LogOptions{}, lineFunc(func(l LogLine) {
		if lines++; lines%50_000 == 0 {
			var m goruntime.MemStats
			goruntime.ReadMemStats(&m)
			most = max(most, m.HeapAlloc)
		}
		if l.Time.Before(last) {
			t.Errorf("line %d is out of order", lines)
		}
		last = l.Time
	}))
	if err != nil {
		t.Fatal(err)
	}
	if lines != f.containers*f.lines {
		t.Errorf("%d lines of %d", lines, f.containers*f.lines)
	}
	if most > 64<<20 {
		t.Errorf("%d MiB of memory in use", most>>20)
	}
	t.Logf("%d MiB of memory in use at most", most>>20)
}

// TestSlowSinkHoldsReadingBack: what is read ahead of a sink that takes nothing
// is bounded.
func TestSlowSinkHoldsReadingBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &flood{containers: 10, lines: 100_000, text: strings.Repeat("x", 80)}
		e := f.serve(t)
		ctx, cancel := context.WithCancel(t.Context())
		blocked := make(chan struct{})
		ended := make(chan error)
		go func() {
			ended <- FollowLogs(ctx, e, LogTarget{Project: testProject}, LogOptions{}, lineFunc(func(LogLine) { <-blocked }))
		}()
		synctest.Wait()
		const most = 256 << 10 // bytes for each container, with the buffers of HTTP
		if sent := f.sent.Load(); sent == 0 || sent > int64(f.containers)*most/100 {
			t.Errorf("%d lines were read ahead", sent)
		}
		cancel()
		close(blocked)
		if err := <-ended; err == nil {
			t.Error("no error though it was cancelled")
		}
	})
}

// BenchmarkLogs reads the logs of ten containers, merged by time.
func BenchmarkLogs(b *testing.B) {
	f := &flood{containers: 10, lines: 20_000, text: strings.Repeat("x", 80)}
	e := f.serve(b)
	b.SetBytes(int64(f.containers * f.lines * (len(f.text) + 1)))
	b.ReportAllocs()
	for b.Loop() {
		lines := 0
		if err := FollowLogs(b.Context(), e, LogTarget{Project: testProject}, LogOptions{}, lineFunc(func(LogLine) { lines++ })); err != nil {
			b.Fatal(err)
		}
		if lines != f.containers*f.lines {
			b.Fatalf("%d lines", lines)
		}
	}
	b.ReportMetric(float64(f.containers*f.lines)*float64(b.N)/b.Elapsed().Seconds(), "lines/s")
}
