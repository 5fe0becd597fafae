package engine_test

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/docker/docker/api/types/container"

	"github.com/gocompose/gocompose/internal/engine"
	"github.com/gocompose/gocompose/internal/enginetest"
)

// environment answers from a map, with an empty docker configuration.
func environment(t *testing.T, env map[string]string) func(string) string {
	dir := t.TempDir()
	return func(name string) string {
		if value, ok := env[name]; ok || name != "DOCKER_CONFIG" {
			return value
		}
		return dir
	}
}

// serve runs an engine on a socket and returns its address.
func serve(t *testing.T, o enginetest.Options) (*enginetest.Engine, string) {
	t.Helper()
	e, err := enginetest.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	host, err := e.Serve(filepath.Join(t.TempDir(), "s"))
	if err != nil {
		t.Fatal(err)
	}
	return e, host
}

func TestConnectNegotiatesOnce(t *testing.T) {
	for _, test := range []struct{ engine, forced, want string }{
		{"1.41", "", "1.41"},
		{"1.45", "", "1.45"},
		{"1.51", "", "1.51"},
		{"1.51", "1.43", "1.43"},
	} {
		fake, host := serve(t, enginetest.Options{APIVersion: test.engine})
		c, err := engine.Connect(t.Context(), engine.Options{
			Getenv: environment(t, map[string]string{"DOCKER_HOST": host, "DOCKER_API_VERSION": test.forced}),
		})
		if err != nil {
			t.Fatal(err)
		}
		for range 3 {
			if _, err := c.API().ContainerList(t.Context(), container.ListOptions{}); err != nil {
				t.Fatal(err)
			}
		}
		if got := c.Features().APIVersion; got != test.want {
			t.Errorf("engine %s, DOCKER_API_VERSION %q: speaks %s, want %s", test.engine, test.forced, got, test.want)
		}
		if got := len(fake.Journal()); got != 4 {
			t.Errorf("%d requests, want one ping and 3 lists: %v", got, fake.Journal())
		}
		if !c.Local() || c.Host() != host {
			t.Errorf("local %v, host %s", c.Local(), c.Host())
		}
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestConnectFailures(t *testing.T) {
	_, live := serve(t, enginetest.Options{})
	for _, test := range []struct {
		name, host, version string
		kind                engine.Kind
		text                string
	}{
		{name: "no socket", host: "unix://" + filepath.Join(t.TempDir(), "none.sock"), kind: engine.Unreachable, text: "check DOCKER_HOST"},
		{name: "nobody listens", host: "tcp://127.0.0.1:1", kind: engine.Unreachable, text: "Cannot connect to the Docker daemon at tcp://127.0.0.1:1. Is the docker daemon running?; start"},
		{name: "no such host", host: "tcp://none.invalid:1", kind: engine.Unreachable, text: "cannot connect to the Docker Engine at tcp://none.invalid:1: dial tcp: lookup none.invalid"},
		{name: "no scheme", host: "127.0.0.1:1", kind: engine.Unreachable, text: "at tcp://127.0.0.1:1. "},
		{name: "no scheme or port", host: "127.0.0.1", kind: engine.Unreachable, text: "at tcp://127.0.0.1:2375. "},
		{name: "no port", host: "tcp://127.0.0.1", kind: engine.Unreachable, text: "at tcp://127.0.0.1:2375. "},
		{name: "old version asked for", host: live, version: "1.40", kind: engine.TooOld, text: "Docker Engine 20.10"},
		{name: "unknown scheme", host: "fd://x", text: "unknown scheme"},
		{name: "ssh with a password", host: "ssh://me:pw@host", text: "ssh takes keys only"},
		{name: "ssh without a host", host: "ssh://", text: "names no host"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := engine.Connect(t.Context(), engine.Options{
				Getenv: environment(t, map[string]string{"DOCKER_HOST": test.host, "DOCKER_API_VERSION": test.version}),
			})
			if err == nil || engine.KindOf(err) != test.kind || !strings.Contains(err.Error(), test.text) {
				t.Errorf("kind %q, error %v", engine.KindOf(err), err)
			}
		})
	}
}

func TestConnectToAnOldEngine(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Api-Version", "1.39")
	}))
	defer server.Close()
	_, err := engine.Connect(t.Context(), engine.Options{
		Getenv: environment(t, map[string]string{"DOCKER_HOST": "tcp://" + server.Listener.Addr().String()}),
	})
	if engine.KindOf(err) != engine.TooOld || !strings.Contains(err.Error(), "upgrade the engine") {
		t.Errorf("error %v", err)
	}
}

const proxyTo = "GOCOMPOSE_TEST_PROXY_TO"

// TestMain lets the test program stand in for ssh: it joins its standard input
// and output to a socket.
func TestMain(m *testing.M) {
	socket := os.Getenv(proxyTo)
	if socket == "" {
		os.Exit(m.Run())
	}
	conn, err := net.Dial("unix", socket)
	if err != nil {
		os.Exit(1)
	}
	go func() { _, _ = io.Copy(conn, os.Stdin) }()
	_, _ = io.Copy(os.Stdout, conn)
}

func TestConnectThroughSSH(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the ssh of this test is a shell script")
	}
	fake, host := serve(t, enginetest.Options{})
	dir := t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	script := "#!/bin/sh\necho \"$@\" >" + dir + "/args\n" + proxyTo + "=" + strings.TrimPrefix(host, "unix://") + " exec " + self + "\n"
	if err := os.WriteFile(filepath.Join(dir, "ssh"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
	c, err := engine.Connect(t.Context(), engine.Options{
		Getenv: environment(t, map[string]string{"DOCKER_HOST": "ssh://me@far:2222/run/d.sock"}),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	if _, err := c.API().ContainerList(t.Context(), container.ListOptions{}); err != nil {
		t.Error(err)
	}
	if got := len(fake.Journal()); got != 2 {
		t.Errorf("%d requests", got)
	}
	args, err := os.ReadFile(filepath.Join(dir, "args"))
	want := "-o ConnectTimeout=30 -T -l me -p 2222 -- far docker --host unix://'/run/d.sock' system dial-stdio\n"
	if err != nil || string(args) != want {
		t.Errorf("ssh %q, want %q, error %v", args, want, err)
	}
	if c.Local() {
		t.Error("an engine behind ssh is not local")
	}
}

func TestSSHFailureIsExplained(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the ssh of this test is a shell script")
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "ssh"), []byte("#!/bin/sh\necho 'Host key verification failed.' >&2\nexit 255\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
	_, err := engine.Connect(t.Context(), engine.Options{Getenv: environment(t, map[string]string{"DOCKER_HOST": "ssh://me@far:22"})})
	if err == nil || !strings.Contains(err.Error(), "Host key verification failed.") ||
		!strings.Contains(err.Error(), "ssh -p 22 me@far docker version") {
		t.Errorf("error %v", err)
	}
}
