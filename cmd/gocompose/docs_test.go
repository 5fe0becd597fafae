package main

import (
	"errors"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	ctypes "github.com/docker/docker/api/types/container"
	"github.com/google/go-cmp/cmp"

	"github.com/gocompose/gocompose/internal/enginetest"
	"github.com/gocompose/gocompose/internal/registrytest"
)

// TestDocuments runs the examples of the README and of docs/ in the order in
// which they stand. A yaml block is the compose file from there on; a console
// block holds commands and all that they print; and comments that readers do not
// see prepare what comes next:
//
//	<!-- run: gocompose ARGS -->
//	<!-- edit: OLD => NEW -->
//	<!-- file: NAME => TEXT --> (or NAME alone, for an empty file)
//
// The registry registry.example.com is one in memory.
func TestDocuments(t *testing.T) {
	files, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range append(files, "../../README.md") {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, err := os.ReadFile(file) //nolint:gosec // a file of this repository
			if err != nil {
				t.Fatal(err)
			}
			d := newDocument(t)
			for _, part := range blocks(string(text)) {
				d.play(t, part)
			}
		})
	}
}

// document is the state of one document's examples.
type document struct {
	*place
	compose  string
	registry string // where it really is
}

func newDocument(t *testing.T) *document {
	t.Helper()
	p := newPlace(t, "")
	check := &ctypes.HealthConfig{Test: []string{"CMD", "check"}, Interval: 10 * time.Millisecond}
	err := p.engine.AddImages(
		enginetest.Image{Ref: "nginx:1.28", Cmd: []string{"nginx"}},
		enginetest.Image{Ref: "postgres:17", Cmd: []string{"postgres"}, Healthcheck: check},
	)
	if err != nil {
		t.Fatal(err)
	}
	p.env = append(p.env, "COMPOSE_PROJECT_NAME=shop")
	server := httptest.NewServer(registrytest.New(registrytest.Options{}))
	t.Cleanup(server.Close)
	return &document{place: p, registry: strings.TrimPrefix(server.URL, "http://")}
}

// block is a part of a document that is played.
type block struct{ kind, text string }

func blocks(text string) []block {
	var found []block
	open := -1
	for line := range strings.Lines(text) {
		trimmed := strings.TrimSpace(line)
		switch {
		case open >= 0 && trimmed == "```":
			open = -1
		case open >= 0:
			found[open].text += line
		case strings.HasPrefix(trimmed, "```"):
			open = len(found)
			found = append(found, block{kind: strings.TrimPrefix(trimmed, "```")})
		case strings.HasPrefix(trimmed, "<!-- "):
			kind, rest, _ := strings.Cut(strings.TrimSuffix(strings.TrimPrefix(trimmed, "<!-- "), " -->"), ": ")
			found = append(found, block{kind: kind, text: rest})
		}
	}
	return found
}

func (d *document) play(t *testing.T, b block) {
	t.Helper()
	switch b.kind {
	case "yaml":
		d.compose = b.text
		d.write(t, d.compose)
	case "edit":
		before, after, _ := strings.Cut(b.text, " => ")
		if !strings.Contains(d.compose, before) {
			t.Fatalf("the compose file has no %q", before)
		}
		d.compose = strings.Replace(d.compose, before, after, 1)
		d.write(t, d.compose)
	case "file":
		name, content, _ := strings.Cut(b.text, " => ")
		name = filepath.Join(d.dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o755), os.WriteFile(name, []byte(content), 0o600)); err != nil {
			t.Fatal(err)
		}
	case "run":
		d.execute(t, b.text)
	case "console":
		d.console(t, b.text)
	}
}

// console runs the commands of a block and compares what they print.
func (d *document) console(t *testing.T, text string) {
	t.Helper()
	for _, example := range strings.Split("\n"+text, "\n$ ")[1:] {
		command, want, _ := strings.Cut(example, "\n")
		if diff := cmp.Diff(strings.TrimSpace(want), strings.TrimSpace(d.execute(t, command))); diff != "" {
			t.Errorf("%s (-document +program):\n%s", command, diff)
		}
	}
}

func (d *document) execute(t *testing.T, command string) string {
	t.Helper()
	words := strings.Fields(strings.ReplaceAll(command, "registry.example.com", d.registry))
	if words[0] != "gocompose" {
		t.Fatalf("%q is no command of gocompose", command)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	run := exec.CommandContext(t.Context(), self, words[1:]...)
	run.Dir, run.Env = d.dir, d.env
	out, err := run.CombinedOutput()
	if err != nil && len(out) == 0 {
		t.Fatalf("%s: %v", command, err)
	}
	said := strings.ReplaceAll(string(out), d.registry, "registry.example.com")
	return strings.ReplaceAll(said, d.dir+"/", "")
}
