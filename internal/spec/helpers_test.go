package spec_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/docker/docker/api/types/container"

	"github.com/gocompose/gocompose/internal/engine"
	"github.com/gocompose/gocompose/internal/enginetest"
	"github.com/gocompose/gocompose/project"
)

// memory is an engine in memory, with a client and a socket.
type memory struct {
	*enginetest.Engine
	engine *engine.Client
	host   string // for DOCKER_HOST
}

// inMemory is an engine with images, and with a container named other.
func inMemory(t *testing.T, version string) memory {
	t.Helper()
	e, err := enginetest.New(enginetest.Options{APIVersion: version, Images: []enginetest.Image{
		{Ref: "app"}, {Ref: "other"}, {Ref: "gocompose-test/busybox"}, {Ref: "gocompose-test/nginx"},
		{Ref: "gocompose-test/redis", Volumes: []string{"/data"}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	host, err := e.Serve(filepath.Join(t.TempDir(), "engine.sock"))
	if err != nil {
		t.Fatal(err)
	}
	api, err := e.Client()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = api.Close() })
	foreign := &container.Config{Image: "app", Volumes: map[string]struct{}{"/foreign": {}}}
	if _, err := api.ContainerCreate(t.Context(), foreign, nil, nil, nil, "other"); err != nil {
		t.Fatal(err)
	}
	c, err := engine.FromAPI(t.Context(), api)
	if err != nil {
		t.Fatal(err)
	}
	return memory{Engine: e, engine: c, host: host}
}

// load reads a project named app from the text of its file.
func load(t *testing.T, text string) *project.Project {
	t.Helper()
	file := filepath.Join(t.TempDir(), "compose.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	p, diagnostics := project.Load(t.Context(), project.Options{Files: []string{file}, Name: "app"})
	if err := diagnostics.Err(); err != nil {
		t.Fatal(err)
	}
	return p
}

// loadService reads a service a of those keys, in flow style, beside the rest
// of a file.
func loadService(t *testing.T, keys, rest string) (*project.Project, project.Service) {
	t.Helper()
	p := load(t, "services:\n  a: {image: app, "+keys+"}\n"+rest)
	s, ok := p.Service("a")
	if !ok {
		t.Fatal("no service a")
	}
	return p, s
}
