package main

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
)

func TestReadCalling(t *testing.T) {
	for _, test := range []struct {
		line, name, args string
		plugin           bool
	}{
		{line: "gocompose up -d", name: "gocompose", args: "up -d"},
		{line: "/usr/bin/gocompose compose up", name: "gocompose", args: "compose up"},
		{line: "dc up", name: "gocompose", args: "up"},
		{line: "docker-compose", name: "docker-compose"},
		{line: "/usr/local/bin/docker-compose -f compose up", name: "docker-compose", args: "-f compose up"},
		{line: "docker-compose --context far up compose", name: "docker-compose", args: "--context far up compose"},
		{line: "docker-compose run compose", name: "docker-compose", args: "run compose"},
		{line: "docker-compose --host", name: "docker-compose", args: "--host"},
		{line: "docker-compose compose -f x up", name: "docker compose", args: "-f x up", plugin: true},
		{line: "docker-compose.exe compose top compose", name: "docker compose", args: "top compose", plugin: true},
		{line: "docker-gocompose gocompose ps", name: "docker gocompose", args: "ps", plugin: true},
		{line: "docker-gocompose compose ps", name: "docker-gocompose", args: "compose ps"},
		{line: "docker-compose --context=x compose ps", name: "docker compose", args: "--context=x ps", plugin: true},
		{line: "docker-compose -Hx -D --tls -l debug --tlskey=k compose ps", name: "docker compose",
			args: "-Hx -D --tls -l debug --tlskey=k ps", plugin: true},
		{line: "docker-compose -Dc far compose ps", name: "docker compose", args: "-Dc far ps", plugin: true},
		{line: "docker-compose help compose up", name: "docker compose", args: "help up", plugin: true},
		{line: "docker-compose __complete compose up w", name: "docker compose", args: "__complete up w", plugin: true},
		{line: "docker-compose docker-cli-plugin-metadata", name: "docker-compose", args: "docker-cli-plugin-metadata"},
	} {
		words := strings.Fields(test.line)
		got := readCalling(words)
		args := strings.Join(got.args[1:], " ")
		if got.name != test.name || args != test.args || got.plugin != test.plugin || got.args[0] != words[0] {
			t.Errorf("%s: got %+v", test.line, got)
		}
		if strings.Join(words, " ") != test.line {
			t.Errorf("%s: the line itself was changed", test.line)
		}
	}
	if got := readCalling(nil); got.name != "gocompose" || got.args != nil {
		t.Errorf("no line: got %+v", got)
	}
}

// TestPluginHangUp has the docker command hang up on its plugin, with a signal
// that comes from the same key before, after, or not at all.
func TestPluginHangUp(t *testing.T) {
	for _, test := range []struct {
		events string // h hangs up, s is a signal
		cause  error
		left   bool
	}{
		{"", nil, false},
		{"h", errInterrupted, false},
		{"sh", errInterrupted, false},
		{"hs", errInterrupted, false},
		{"hss", errInterrupted, true},
		{"shs", errInterrupted, true},
		{"hh", errInterrupted, false},
	} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancelCause(context.Background())
			defer cancel(nil)
			signals := make(chan os.Signal)
			i := newInterrupts(signals, cancel)
			defer i.stop()
			for _, event := range test.events {
				if event == 'h' {
					i.hangUp()
				} else {
					signalled(signals, 1)
				}
			}
			if cause := context.Cause(ctx); !errors.Is(cause, test.cause) || left(i) != test.left {
				t.Errorf("%q: cause %v, left %v", test.events, cause, left(i))
			}
		})
	}
}

// TestPluginEndsWithDocker is the whole way: an up that waits for its container
// ends, and stops it, once the docker command closes its socket.
func TestPluginEndsWithDocker(t *testing.T) {
	p := newPlace(t, "services: {web: {image: app:1}}")
	listener, err := net.Listen("unix", filepath.Join(p.dir, "plugin.sock"))
	if err != nil {
		t.Skip(err) // the directory of a test may be too deep for a socket
	}
	status := make(chan int)
	go func() {
		status <- Main(t.Context(), Invocation{
			Args:  []string{"docker-compose", "compose", "-f", filepath.Join(p.dir, "compose.yaml"), "up"},
			Env:   append(p.env, socketVariable+"="+listener.Addr().String()),
			Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: io.Discard,
		})
	}()
	conn, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	p.await(t, "ContainerStart")
	if err := errors.Join(conn.Close(), listener.Close()); err != nil {
		t.Fatal(err)
	}
	if code := <-status; code != exitInterrupted {
		t.Errorf("exit status %d", code)
	}
	if snapshot := p.engine.Snapshot(); strings.Contains(snapshot, "running") {
		t.Errorf("left running:\n%s", snapshot)
	}
}
