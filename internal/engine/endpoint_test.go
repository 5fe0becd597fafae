package engine_test

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/docker/docker/client"

	"github.com/gocompose/gocompose/internal/engine"
)

// dockerDir is a docker configuration directory with the given files.
func dockerDir(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// contextFile is where the docker command keeps a context.
func contextFile(kind, name, file string) string {
	sum := sha256.Sum256([]byte(name))
	return strings.Join([]string{"contexts", kind, hex.EncodeToString(sum[:]), file}, "/")
}

func TestResolve(t *testing.T) {
	files := map[string]string{
		"config.json":                                      `{"currentContext": "here"}`,
		contextFile("meta", "here", "meta.json"):           `{"Name":"here","Endpoints":{"docker":{"Host":"unix:///run/here.sock"}}}`,
		contextFile("meta", "far", "meta.json"):            `{"Name":"far","Endpoints":{"docker":{"Host":"tcp://far:2376","SkipTLSVerify":true}}}`,
		contextFile("tls", "far", "docker/ca.pem"):         "not read here",
		contextFile("meta", "empty", "meta.json"):          `{"Name":"empty","Endpoints":{}}`,
		contextFile("meta", "broken", "meta.json"):         `{`,
		contextFile("meta", "ssh", "meta.json"):            `{"Name":"ssh","Endpoints":{"docker":{"Host":"ssh://me@host"}}}`,
		contextFile("meta", "skip", "meta.json"):           `{"Name":"skip","Endpoints":{"docker":{"Host":"tcp://skip:1","SkipTLSVerify":true}}}`,
		contextFile("tls", "unrelated", "docker/cert.pem"): "",
	}
	dir := dockerDir(t, files)
	for _, test := range []struct {
		name    string
		env     map[string]string
		host    string
		context string
		tls     bool
		verify  bool
		fails   string
	}{
		{name: "current context", host: "unix:///run/here.sock", context: "here"},
		{name: "host wins", env: map[string]string{"DOCKER_HOST": "tcp://x:1", "DOCKER_CONTEXT": "far"}, host: "tcp://x:1", context: "default"},
		{name: "context by name", env: map[string]string{"DOCKER_CONTEXT": "far"}, host: "tcp://far:2376", context: "far", tls: true},
		{name: "no verification without files", env: map[string]string{"DOCKER_CONTEXT": "skip"}, host: "tcp://skip:1", context: "skip", tls: true},
		{name: "default by name", env: map[string]string{"DOCKER_CONTEXT": "default"}, host: client.DefaultDockerHost, context: "default"},
		{name: "ssh", env: map[string]string{"DOCKER_CONTEXT": "ssh"}, host: "ssh://me@host", context: "ssh"},
		{name: "TLS", env: map[string]string{"DOCKER_HOST": "tcp://x:1", "DOCKER_TLS": "1"}, host: "tcp://x:1", context: "default", tls: true},
		{name: "verified TLS", env: map[string]string{"DOCKER_HOST": "tcp://x:1", "DOCKER_TLS_VERIFY": "1"}, host: "tcp://x:1", context: "default", tls: true, verify: true},
		{name: "unknown context", env: map[string]string{"DOCKER_CONTEXT": "nope"}, fails: `docker context "nope" does not exist`},
		{name: "no endpoint", env: map[string]string{"DOCKER_CONTEXT": "empty"}, fails: "names no docker endpoint"},
		{name: "broken context", env: map[string]string{"DOCKER_CONTEXT": "broken"}, fails: `docker context "broken"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			getenv := func(name string) string {
				if name == "DOCKER_CONFIG" {
					return dir
				}
				return test.env[name]
			}
			config, err := engine.LoadConfig(getenv, "")
			if err != nil {
				t.Fatal(err)
			}
			got, err := engine.Resolve(engine.Flags{}, getenv, config)
			if test.fails != "" {
				if err == nil || !strings.Contains(err.Error(), test.fails) {
					t.Fatalf("error %v, want %q", err, test.fails)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got.Host != test.host || got.Context != test.context || (got.TLS != nil) != test.tls {
				t.Errorf("got %+v", got)
			}
			if got.TLS != nil && got.TLS.SkipVerify == test.verify {
				t.Errorf("TLS %+v", got.TLS)
			}
		})
	}
}

func TestLoadConfig(t *testing.T) {
	dir := dockerDir(t, map[string]string{"config.json": `{
		"psFormat": "table {{.Names}}",
		"proxies": {"default": {"httpProxy": "http://p:1"}, "tcp://x:1": {"noProxy": "*"}}}`})
	config, err := engine.LoadConfig(environment(t, nil), dir)
	if err != nil {
		t.Fatal(err)
	}
	if config.PsFormat != "table {{.Names}}" {
		t.Errorf("psFormat %q", config.PsFormat)
	}
	if env := config.ProxyEnvironment("unix:///x"); env["HTTP_PROXY"] != "http://p:1" || env["http_proxy"] != "http://p:1" || len(env) != 2 {
		t.Errorf("default proxy: %v", env)
	}
	if env := config.ProxyEnvironment("tcp://x:1"); env["NO_PROXY"] != "*" || len(env) != 2 {
		t.Errorf("proxy of that engine: %v", env)
	}
	none := t.TempDir()
	if _, err := engine.LoadConfig(environment(t, nil), none); err != nil {
		t.Errorf("no file: %v", err)
	}
	bad := dockerDir(t, map[string]string{"config.json": "{"})
	if _, err := engine.LoadConfig(environment(t, nil), bad); err == nil || !strings.Contains(err.Error(), "DOCKER_CONFIG") {
		t.Errorf("broken file: %v", err)
	}
}
