//go:build linux

package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	goruntime "runtime"
	"time"

	"github.com/docker/docker/client"
)

// bench holds what every measurement needs.
type bench struct {
	settings
	tools     []tool // gocompose first
	engine    *client.Client
	floor     *floor
	proxy     *countingProxy
	directory string // of the compose files
	report    report
}

func newBench(ctx context.Context, s settings) (*bench, error) {
	b := &bench{settings: s, tools: []tool{{name: "gocompose", path: s.gocompose}}}
	if s.oracle != "" {
		b.tools = append(b.tools, tool{name: "docker-compose", path: s.oracle, config: s.oracle + ".config"})
	}
	socket, ok := socketPath(s.host)
	if !ok {
		return nil, fmt.Errorf("the engine's address must be a unix socket, not %s", s.host)
	}
	engine, err := client.NewClientWithOpts(client.WithHost(s.host), client.WithAPIVersionNegotiation())
	if err != nil {
		return nil, err
	}
	// Negotiated here, so that the floor does not pay for it.
	if _, err := engine.Ping(ctx); err != nil {
		return nil, fmt.Errorf("no engine answers at %s: %w", s.host, err)
	}
	if _, err := engine.ImageInspect(ctx, image); err != nil {
		return nil, fmt.Errorf("the engine lacks %s; give it with: internal/testenv/testenv images %s", image, s.host)
	}
	b.engine, b.floor = engine, newFloor(engine)
	if b.proxy, err = newCountingProxy(ctx, socket); err != nil {
		return nil, err
	}
	b.directory, err = os.MkdirTemp("", "gocompose-bench")
	return b, err
}

func (b *bench) close() {
	b.proxy.close()
	_ = b.engine.Close()
	_ = os.RemoveAll(b.directory)
}

// measure fills the report, the cheap measurements first.
func (b *bench) measure(ctx context.Context, only string) error {
	parts := []struct {
		name string
		run  func(context.Context) error
	}{
		{"version", b.measureVersion},
		{"config", b.measureConfig},
		{"large", b.measureLarge},
		{"commands", b.measureCommands},
		{"builds", b.measureBuilds},
		{"logs", b.measureLogs},
		{"watch", b.measureWatch},
		{"layered", b.measureLayered},
		{"flat", b.measureFlat},
		{"chain", b.measureChain},
		{"memory", b.measureMemory},
	}
	known := only == ""
	for _, part := range parts {
		if only != "" && only != part.name {
			continue
		}
		known = true
		fmt.Fprintf(os.Stderr, "bench: measuring %s\n", part.name)
		if err := part.run(ctx); err != nil {
			return fmt.Errorf("measuring %s: %w", part.name, err)
		}
	}
	if !known {
		return fmt.Errorf("there is nothing called %q to measure", only)
	}
	return nil
}

// round calls each contestant once, and starts with another one each time.
func round(turn int, contestants []func() error) error {
	for i := range contestants {
		if err := contestants[(turn+i)%len(contestants)](); err != nil {
			return err
		}
	}
	return nil
}

// write puts the stack into a compose file and returns its path.
func (b *bench) write(s stack) (string, error) {
	path := filepath.Join(b.directory, s.name+".yaml")
	return path, os.WriteFile(path, []byte(s.yaml()), 0o600)
}

// settle lets the engine finish what it does after it has answered, such as taking down namespaces, so
// that one contestant does not pay for another.
func settle(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-time.After(300 * time.Millisecond):
	}
}

// describe says what the numbers were measured on.
func (b *bench) describe(ctx context.Context) string {
	version, err := b.engine.ServerVersion(ctx)
	if err != nil {
		return "engine unknown: " + err.Error()
	}
	return fmt.Sprintf("Engine %s (API %s), %d cores, medians of %d runs taken in turns (100 services: %d).",
		version.Version, b.engine.ClientVersion(), goruntime.NumCPU(), b.repetitions, b.flatRepetitions())
}

func (b *bench) flatRepetitions() int { return max(1, b.repetitions/2) }
