package enginetest_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gocompose/gocompose/internal/enginetest"
)

const stack = `
services:
  db:
    image: db
    healthcheck: {test: [CMD, ready], interval: 1s}
    labels: {enginetest.healthy-after: 100ms}
    volumes: ["data:/var/lib/db"]
  migrate:
    image: app
    labels: {enginetest.exit: "0"}
    depends_on: {db: {condition: service_healthy}}
  web:
    image: app
    ports: ["8080:80"]
    depends_on: {migrate: {condition: service_completed_successfully}}
    networks: [front, default]
    configs: [{source: settings, target: /etc/settings}]
volumes: {data: {}}
networks: {front: {}}
configs: {settings: {content: "colour: red"}}
`

// TestDockerCompose runs docker compose itself against the engine, as a client
// that knows nothing of it. GOCOMPOSE_TEST_ORACLE is the path of a docker-compose
// program.
func TestDockerCompose(t *testing.T) {
	oracle := os.Getenv("GOCOMPOSE_TEST_ORACLE")
	if oracle == "" {
		t.Skip("GOCOMPOSE_TEST_ORACLE names no docker-compose")
	}
	for _, version := range []string{"1.41", "1.44", "1.51"} {
		t.Run(version, func(t *testing.T) {
			e, err := enginetest.New(enginetest.Options{
				APIVersion: version, Registry: []enginetest.Image{{Ref: "db", Volumes: []string{"/cache"}}, {Ref: "app"}},
			})
			if err != nil {
				t.Fatal(err)
			}
			defer e.Close()
			dir := t.TempDir()
			host, err := e.Serve(filepath.Join(dir, "engine.sock"))
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, "compose.yaml"), []byte(stack), 0o600); err != nil {
				t.Fatal(err)
			}
			empty := e.Snapshot()
			compose := func(args ...string) string {
				t.Helper()
				cmd := exec.Command(oracle, append([]string{"-p", "stack"}, args...)...)
				cmd.Dir, cmd.Env = dir, append(os.Environ(), "DOCKER_HOST="+host)
				out, err := cmd.CombinedOutput()
				if err != nil {
					t.Fatalf("docker compose %s: %v\n%s", strings.Join(args, " "), err, out)
				}
				return string(out)
			}
			compose("up", "-d")
			up := e.Snapshot()
			for _, want := range []string{"container stack-web-1 image=app state=running", "container stack-migrate-1 image=app state=exited", "health healthy", `file /etc/settings -r--r--r-- 0:0 "colour: red"`} {
				if !strings.Contains(up, want) {
					t.Errorf("%q is not in the state after up:\n%s", want, up)
				}
			}
			if out := compose("ps", "-a"); !strings.Contains(out, "0.0.0.0:8080->80/tcp") {
				t.Errorf("ps shows no port:\n%s", out)
			}
			compose("down", "-v", "--rmi", "all")
			if left := e.Snapshot(); left != empty {
				t.Errorf("down leaves:\n%s", left)
			}
		})
	}
}
