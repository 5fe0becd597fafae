package spec_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/gocompose/gocompose/internal/engine"
	"github.com/gocompose/gocompose/internal/enginetest"
	"github.com/gocompose/gocompose/planner"
	"github.com/gocompose/gocompose/project"
	"github.com/gocompose/gocompose/runtime"
)

// TestRefusedParity holds that we refuse the services that docker-compose
// refuses, however it words it.
func TestRefusedParity(t *testing.T) {
	oracle := os.Getenv("GOCOMPOSE_TEST_ORACLE")
	if oracle == "" {
		t.Skip("GOCOMPOSE_TEST_ORACLE does not name docker-compose 2.40.3")
	}
	t.Setenv("DOCKER_CONFIG", t.TempDir())
	for _, test := range []struct{ name, keys string }{
		{"start interval alone", "healthcheck: {test: x, start_interval: 1s}}"},
		{"MAC addresses", "mac_address: '02:00:00:00:00:01', networks: {default: {mac_address: '02:00:00:00:00:02'}}}"},
		{"security option", "security_opt: [bogus]}"},
		{"no profile", "security_opt: ['seccomp=none.json']}"},
		{"profile that is none", "security_opt: ['seccomp=compose.yaml']}"},
		{"platform", "platform: a/b/c/d}"},
		{"external config", "configs: [c]}\nconfigs: {c: {external: true}}"},
		{"external secret", "secrets: [c]}\nsecrets: {c: {external: true}}"},
		{"config driver", "configs: [c]}\nconfigs: {c: {file: ./c, driver: d}}"},
		{"secret template driver", "secrets: [c]}\nsecrets: {c: {file: ./c, template_driver: d}}"},
		{"unset secret", "secrets: [c]}\nsecrets: {c: {environment: SURELY_NOT_SET}}"},
		{"owner by name", "configs: [{source: c, uid: nobody}]}\nconfigs: {c: {content: x}}"},
		{"model", "models: [m]}\nmodels: {m: {model: ai/m}}"},
		{"volume type", "volumes: [{type: other, target: /t}]}"},
		{"own network", "network_mode: 'service:a'}"},
		{"network of nobody", "network_mode: 'service:z'}"},
		{"GPU count and IDs", "gpus: [{count: 1, device_ids: [x]}]}"},
		{"restart policy", "restart: sometimes}"},
	} {
		t.Run(test.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "compose.yaml")
			if err := os.WriteFile(file, []byte("services:\n  a: {image: app, "+test.keys+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			m := inMemory(t, enginetest.LatestAPIVersion)
			command := exec.CommandContext(t.Context(), oracle, "-p", "refused", "-f", file, "up", "-d")
			command.Env = append(os.Environ(), "DOCKER_HOST="+m.host)
			if out, err := command.CombinedOutput(); err == nil {
				t.Fatalf("docker-compose does not refuse it:\n%s", out)
			} else {
				t.Logf("docker-compose: %s", out)
			}
			if err := refusal(t, m.engine, file); err == nil {
				t.Error("it is not refused")
			} else {
				t.Log(err)
			}
		})
	}
}

func refusal(t *testing.T, e *engine.Client, file string) error {
	t.Helper()
	p, diagnostics := project.Load(t.Context(), project.Options{Files: []string{file}, Name: "ours"})
	if err := diagnostics.Err(); err != nil {
		return err
	}
	state, err := runtime.Observe(t.Context(), e, p)
	if err != nil {
		return err
	}
	plan, err := planner.Up(p, state, planner.UpOptions{})
	if err != nil {
		return err
	}
	driver := runtime.NewDriver(e, p, runtime.DriverOptions{})
	defer func() { _ = driver.Close() }()
	_, err = runtime.Apply(t.Context(), plan, driver, runtime.ApplyOptions{})
	return err
}
