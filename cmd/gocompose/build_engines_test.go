package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// threeImages are builds that start from each other: base, then middle, then top;
// beside starts from nothing of ours.
const threeImages = `
services:
  base:
    build: base
    scale: 0
  middle:
    build: {context: middle, additional_contexts: {base: service:base}}
  top:
    build:
      context: top
      additional_contexts: {middle: service:middle}
      secrets: [token]
    depends_on: [middle]
  beside:
    build: beside
secrets:
  token: {environment: TOKEN}
`

// TestBuildsOnEngines builds images that depend on each other, and replaces what a
// change of one source file makes other. Engine 20.10 knows no additional contexts.
func TestBuildsOnEngines(t *testing.T) {
	onEngines(t, func(t *testing.T, r *realPlace) {
		r.env = append(r.env, "TOKEN=sesame")
		r.write(t, threeImages)
		r.writeFiles(t, map[string]string{
			"base/Dockerfile":   "FROM gocompose-test/sleep\nCOPY file /base\n",
			"middle/Dockerfile": "FROM base\nCOPY file /middle\n",
			"top/Dockerfile":    "# syntax is the engine's own\nFROM middle AS files\nCOPY file /top\nFROM files\n",
			"beside/Dockerfile": "FROM gocompose-test/sleep\nCOPY file /beside\n",
			"base/file":         r.name, "middle/file": "1", "top/file": "1", "beside/file": r.name,
		})
		t.Cleanup(func() { r.must(t, "down", "-t", "0", "--rmi", "local") })
		out := r.must(t, "up", "-d", "--build")
		if strings.Contains(out, "sesame") {
			t.Error("the secret is shown")
		}
		const want = "beside-1 running, middle-1 running, top-1 running"
		if got := r.names(t); got != want {
			t.Fatal(got)
		}
		if out := r.must(t, "up", "-d", "--build", "--quiet-build"); strings.Contains(out, "Recreate") {
			t.Errorf("nothing has changed:\n%s", out)
		}
		r.must(t, "plan", "--exit-code")

		r.writeFiles(t, map[string]string{"middle/file": "2"})
		out = r.must(t, "up", "-d", "--build", "--quiet-build")
		for container, replaced := range map[string]bool{"middle-1": true, "top-1": true, "beside-1": false} {
			if strings.Contains(out, r.name+"-"+container+" Recreated") != replaced {
				t.Errorf("%s is to be replaced: %v\n%s", container, replaced, out)
			}
		}
		if got := r.must(t, "exec", "-T", "top", "/sleeper", "ok"); got != "" {
			t.Errorf("exec: %q", got)
		}
	})
}

// TestClassicBuilderOnEngines builds by POST /build.
func TestClassicBuilderOnEngines(t *testing.T) {
	onEngines(t, func(t *testing.T, r *realPlace) {
		r.env = append(r.env, "DOCKER_BUILDKIT=0")
		r.write(t, `services: {web: {build: {context: web, dockerfile: ../Dockerfile, args: {A: "1"}, ulimits: {nofile: 99}}}}`)
		r.writeFiles(t, map[string]string{
			"Dockerfile": "FROM gocompose-test/sleep\nARG A\nCOPY . /web\n", "web/file": r.name, "web/.dockerignore": "junk\n", "web/junk": "",
		})
		t.Cleanup(func() { r.must(t, "down", "-t", "0", "--rmi", "local") })
		if out := r.must(t, "up", "-d"); !strings.Contains(out, "Successfully tagged "+r.name+"-web:latest") {
			t.Errorf("output:\n%s", out)
		}
		if out := r.must(t, "up", "-d", "--build", "--quiet-build"); strings.Contains(out, "Recreate") {
			t.Errorf("nothing has changed:\n%s", out)
		}
	})
}

// TestFailedBuildOnEngines shows what failed, and leaves nothing half done.
func TestFailedBuildOnEngines(t *testing.T) {
	onEngines(t, func(t *testing.T, r *realPlace) {
		r.write(t, `services: {web: {build: web}}`)
		r.writeFiles(t, map[string]string{"web/Dockerfile": "FROM gocompose-test/busybox\nRUN echo about to fail; exit 3\n"})
		out, err := r.command(t, "up", "-d").CombinedOutput()
		if err == nil || !strings.Contains(string(out), "about to fail") || !strings.Contains(string(out), `service "web": failed to solve`) {
			t.Errorf("%v, output:\n%s", err, out)
		}
		if got := r.names(t); got != "" {
			t.Errorf("left: %s", got)
		}
	})
}

// writeFiles writes files into the place, by their paths with slashes.
func (p *place) writeFiles(t *testing.T, files map[string]string) {
	t.Helper()
	for name, text := range files {
		file := filepath.Join(p.dir, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o700), os.WriteFile(file, []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
}
