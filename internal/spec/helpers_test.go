package spec_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/gocompose/gocompose/project"
)

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
