// Package examples holds example stacks; its tests bring each one up with the gocompose built from this
// tree, on an engine of the tests' own that pulls stand-ins under the official image names.
package examples

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	engineVariable  = "GOCOMPOSE_TEST_DOCKER_HOST_NEW"
	networkVariable = "GOCOMPOSE_TEST_NETNS_NEW"
	patience        = 2 * time.Minute
	demo            = "demo" // compose.example.yaml, which make demo runs
)

// stack is one example, copied so that the engine, which sees the temporary directory and not the
// work tree, finds what its files bind-mount.
type stack struct {
	t         *testing.T
	binary    string
	directory string
	project   string
	port      string
}

// newStack copies an example and takes it down, with its volumes, when the test ends.
func newStack(t *testing.T, example, port string) *stack {
	t.Helper()
	if os.Getenv(engineVariable) == "" || os.Getenv(networkVariable) == "" {
		t.Skipf("%s and %s name no engine of the tests' own; make test sets them", engineVariable, networkVariable)
	}
	if testing.Short() {
		t.Skip("brings a real stack up")
	}
	t.Parallel()
	binary, err := build()
	if err != nil {
		t.Fatal(err)
	}
	s := &stack{t: t, binary: binary, directory: t.TempDir(), project: "example-" + example + "-" + port, port: port}
	if err := copyExample(s.directory, example); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.compose("--profile", "*", "down", "-v") })
	return s
}

func copyExample(directory, example string) error {
	if example != demo {
		return os.CopyFS(directory, os.DirFS(example))
	}
	content, err := os.ReadFile("../compose.example.yaml")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(directory, "compose.yaml"), content, 0o600)
}

// buildDirectory is where TestMain lets build put the binary.
var buildDirectory string

// build builds gocompose once for all tests.
var build = sync.OnceValues(func() (string, error) {
	binary := filepath.Join(buildDirectory, "gocompose")
	command := exec.Command("go", "build", "-o", binary, "../cmd/gocompose")
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := command.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building gocompose: %w\n%s", err, output)
	}
	return binary, nil
})

func TestMain(m *testing.M) {
	var err error
	if buildDirectory, err = os.MkdirTemp("", "gocompose-examples"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	status := m.Run()
	_ = os.RemoveAll(buildDirectory)
	os.Exit(status)
}

// compose runs gocompose in the example's directory and returns its standard output.
func (s *stack) compose(args ...string) string {
	s.t.Helper()
	output, err := s.tryCompose(args...)
	if err != nil {
		s.t.Fatal(err)
	}
	return output
}

func (s *stack) tryCompose(args ...string) (string, error) {
	// Not the test's context, which has ended when the clean-up runs.
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	command := exec.CommandContext(ctx, s.binary, args...)
	command.Dir = s.directory
	command.Env = append(os.Environ(),
		"DOCKER_HOST="+os.Getenv(engineVariable),
		"COMPOSE_PROJECT_NAME="+s.project,
		"PORT="+s.port, "DEMO_PORT="+s.port)
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	if err := command.Run(); err != nil {
		return "", fmt.Errorf("gocompose %s: %w\n%s", strings.Join(args, " "), err, stderr.String())
	}
	return stdout.String(), nil
}

// page fetches the example's page in the engine's network, where its port is published.
func (s *stack) page() string {
	s.t.Helper()
	command := exec.CommandContext(s.t.Context(), "nsenter", "--net="+os.Getenv(networkVariable), "--",
		"curl", "-fsS", "-m", "10", "http://127.0.0.1:"+s.port+"/")
	output, err := command.CombinedOutput()
	if err != nil {
		s.t.Fatalf("fetching the page: %v\n%s", err, output)
	}
	return string(output)
}

// wantNothingToDo checks that what is up is what the files say, with a second up and with plan.
func (s *stack) wantNothingToDo() {
	s.t.Helper()
	before := s.compose("ps", "-a", "-q")
	s.compose("plan", "--exit-code")
	s.compose("up", "-d", "--wait")
	after := s.compose("ps", "-a", "-q")
	if before != after {
		s.t.Errorf("a second up replaced containers:\nbefore:\n%safter:\n%s", before, after)
	}
}

func wantContains(t *testing.T, text string, wanted ...string) {
	t.Helper()
	for _, want := range wanted {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in:\n%s", want, text)
		}
	}
}

func count(text string) int { return len(strings.Fields(text)) }

func TestDemo(t *testing.T) {
	s := newStack(t, demo, "18100")
	s.compose("up", "-d", "--wait")
	wantContains(t, s.page(), "Books in Postgres", "The Mythical Man-Month", "(3 rows)", "Reading number")
	s.wantNothingToDo()
}

func TestWebPostgresRedis(t *testing.T) {
	s := newStack(t, "web-postgres-redis", "18101")
	s.compose("up", "-d", "--wait")
	wantContains(t, s.page(), "teapot", "24.90", "(3 rows)", "Rows from the")
	s.wantNothingToDo()

	s.compose("down")
	s.compose("up", "-d", "--wait")
	wantContains(t, s.compose("logs", "db"), "database system is ready")
	wantContains(t, s.page(), "teapot")
}

func TestProfilesOverridesInclude(t *testing.T) {
	s := newStack(t, "profiles-overrides-include", "18102")
	s.compose("up", "-d", "--wait")
	wantContains(t, s.page(), "The development page")
	wantContains(t, s.compose("ps", "--services"), "cache", "probe", "web")
	if services := s.compose("ps", "-a", "--services"); strings.Contains(services, "debug") {
		t.Errorf("debug was started without its profile: %s", services)
	}
	s.wantNothingToDo()

	s.compose("--profile", "debug", "up", "--no-log-prefix", "debug")
	wantContains(t, s.compose("--profile", "debug", "logs", "--no-log-prefix", "debug"), "The development page")

	production := []string{"-f", "compose.yaml", "-f", "compose.prod.yaml"}
	probe := s.compose("ps", "-q", "probe")
	s.compose(append(production, "up", "-d", "--wait")...)
	if web := s.compose(append(production, "ps", "-q", "web")...); count(web) != 2 {
		t.Errorf("production has two of web, got %q", web)
	}
	if now := s.compose(append(production, "ps", "-q", "probe")...); now != probe {
		t.Errorf("probe is the same in production, yet it was replaced: %q is now %q", probe, now)
	}
}

func TestMigration(t *testing.T) {
	s := newStack(t, "migration", "18103")
	s.compose("up", "-d", "--wait")
	wantContains(t, s.page(), "Migrations applied", "001-customers.sql", "002-email.sql", "(2 rows)")
	wantContains(t, s.compose("logs", "migrate"), "applying 001-customers.sql", "up to date")
}

func TestMigrationThatFails(t *testing.T) {
	s := newStack(t, "migration", "18104")
	broken := filepath.Join(s.directory, "migrations", "002-email.sql")
	if err := os.WriteFile(broken, []byte("ALTER TABLE nobody ADD COLUMN email text;\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := s.tryCompose("up", "-d", "--wait")
	if err == nil {
		t.Fatal("up succeeded although the migration failed")
	}
	wantContains(t, err.Error(), "migrate", `relation "nobody" does not exist`)
	if web := s.compose("ps", "-q", "--status", "running", "web"); web != "" {
		t.Errorf("web was started although the migration failed: %s", web)
	}
}

func TestWorkers(t *testing.T) {
	s := newStack(t, "workers", "18105")
	s.compose("up", "-d", "--wait")
	first := strings.Fields(s.compose("ps", "-q", "worker"))
	if len(first) != 3 {
		t.Fatalf("the pool has three workers, got %d", len(first))
	}
	s.wantNothingToDo()

	s.compose("up", "-d", "--wait", "--scale", "worker=5")
	grown := s.compose("ps", "-q", "worker")
	if count(grown) != 5 {
		t.Errorf("--scale worker=5 gave %d workers", count(grown))
	}
	wantContains(t, grown, first...)

	s.compose("scale", "worker=1")
	if left := s.compose("ps", "-q", "worker"); count(left) != 1 {
		t.Errorf("scale worker=1 left %d workers", count(left))
	}
}
