package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// asPlugin has the docker command find the program as each of the plugins, and
// returns the way to call it.
func (p *place) asPlugin(t *testing.T, names ...string) (docker func(args ...string) *exec.Cmd) {
	t.Helper()
	binary, err := exec.LookPath("docker")
	if err != nil {
		t.Skip("there is no docker command")
	}
	config := filepath.Join(p.dir, ".docker")
	if err := os.MkdirAll(filepath.Join(config, "cli-plugins"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if err := os.Symlink(p.self(t), filepath.Join(config, "cli-plugins", name)); err != nil {
			t.Fatal(err)
		}
	}
	return func(args ...string) *exec.Cmd {
		command := exec.Command(binary, args...) //nolint:gosec,noctx // the docker command; it ends by itself
		command.Dir, command.Env = p.dir, slices.Concat(p.env, []string{"DOCKER_CONFIG=" + config})
		return command
	}
}

// TestDockerCommand is the docker command with gocompose as its plugins.
func TestDockerCommand(t *testing.T) {
	p := newPlace(t, "name: shop\nservices: {web: {image: app:1}}")
	docker := p.asPlugin(t, "docker-compose", "docker-gocompose")
	for _, test := range []struct {
		line   string
		status int
		want   string
	}{
		{line: "compose version", want: "gocompose version "},
		{line: "compose --help", want: "Usage: docker compose [OPTIONS] COMMAND\n"},
		{line: "compose up --help", want: "Usage: docker compose up [OPTIONS] [SERVICE...]\n"},
		{line: "help compose up", want: "Usage: docker compose up [OPTIONS] [SERVICE...]\n"},
		{line: "gocompose up -h", want: "Usage: docker gocompose up [OPTIONS] [SERVICE...]\n"},
		{line: "compose up -d", want: "Container shop-web-1 Started"},
		{line: "compose ps --format json", want: `"Name":"shop-web-1"`},
		{line: "--log-level debug compose -p other ps -q"},
		{line: "--host unix:///nowhere.sock compose ps", status: 1, want: "unix:///nowhere.sock"},
		{line: "--context nope compose ps", status: 1, want: `docker context "nope" does not exist`},
		{line: "compose exec nope true", status: 1, want: `service "nope" is not running`},
		{line: "compose down --nope", status: 1, want: "docker compose down --help shows how it is used"},
		{line: "compose down", want: "Container shop-web-1 Removed"},
	} {
		output, err := docker(strings.Fields(test.line)...).CombinedOutput()
		status := 0
		if failed := new(exec.ExitError); errors.As(err, &failed) {
			status = failed.ExitCode()
		} else if err != nil {
			t.Fatal(err)
		}
		if status != test.status || !strings.Contains(string(output), test.want) {
			t.Errorf("docker %s: status %d:\n%s\nwant status %d and %q", test.line, status, output, test.status, test.want)
		}
	}
}

// TestDockerCommandPassesTheEnd ends the docker command alone: gocompose, which
// gets no signal, stops its containers all the same.
func TestDockerCommandPassesTheEnd(t *testing.T) {
	p := newPlace(t, "name: shop\nservices: {web: {image: app:1}}")
	up := p.asPlugin(t, "docker-compose")("compose", "up")
	var output bytes.Buffer
	up.Stdout, up.Stderr = io.Discard, &output
	if err := up.Start(); err != nil {
		t.Fatal(err)
	}
	p.await(t, "ContainerStart shop-web-1")
	if err := up.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	_ = up.Wait() // the status says it
	if code := up.ProcessState.ExitCode(); code != exitInterrupted {
		t.Errorf("exit status %d:\n%s", code, output.String())
	}
	if snapshot := p.engine.Snapshot(); strings.Contains(snapshot, "running") {
		t.Errorf("left running:\n%s", snapshot)
	}
}

// TestDockerCommandOnEngines is docker compose up -d && docker compose ps.
func TestDockerCommandOnEngines(t *testing.T) {
	onEngines(t, func(t *testing.T, r *realPlace) {
		r.write(t, "services: {web: {image: gocompose-test/busybox, command: sleep 1000, stop_grace_period: 0s}}")
		docker := r.asPlugin(t, "docker-compose")
		if output, err := docker("compose", "up", "-d").CombinedOutput(); err != nil {
			t.Fatalf("%v:\n%s", err, output)
		}
		listed, err := docker("compose", "ps", "--format", "json").Output()
		if err != nil || !strings.Contains(string(listed), `"Service":"web"`) {
			t.Errorf("%v:\n%s", err, listed)
		}
		if output, err := docker("compose", "down").CombinedOutput(); err != nil {
			t.Fatalf("%v:\n%s", err, output)
		}
		if left := r.names(t); left != "" {
			t.Errorf("there still is %s", left)
		}
	})
}
