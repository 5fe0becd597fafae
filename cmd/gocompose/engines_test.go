package main

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"
	"github.com/docker/docker/api/types/network"
	"github.com/docker/docker/api/types/versions"
	"github.com/docker/docker/client"

	"github.com/gocompose/gocompose/project"
)

// onEngines runs a test on each real engine that the environment names.
func onEngines(t *testing.T, test func(*testing.T, *realPlace)) {
	for _, variable := range []string{"GOCOMPOSE_TEST_DOCKER_HOST", "GOCOMPOSE_TEST_DOCKER_HOST_NEW"} {
		t.Run(strings.TrimPrefix(variable, "GOCOMPOSE_TEST_"), func(t *testing.T) {
			host := os.Getenv(variable)
			if host == "" {
				t.Skipf("%s does not name an engine", variable)
			}
			t.Parallel() // each engine has its own pace
			test(t, newRealPlace(t, host))
		})
	}
}

// realPlace is a project of its own on a real engine.
type realPlace struct {
	*place
	name string
	api  *client.Client
}

func newRealPlace(t *testing.T, host string) *realPlace {
	t.Helper()
	api, err := client.NewClientWithOpts(client.WithHost(host), client.WithAPIVersionNegotiation())
	if err != nil {
		t.Fatal(err)
	}
	r := &realPlace{
		place: &place{dir: t.TempDir()},
		name:  fmt.Sprintf("gctest-%d-%06d", os.Getpid(), rand.IntN(1e6)),
		api:   api,
	}
	r.env = []string{
		"GOCOMPOSE_TEST_MAIN=1", "DOCKER_HOST=" + host, "HOME=" + r.dir, "PATH=" + os.Getenv("PATH"),
		"COMPOSE_PROJECT_NAME=" + r.name, "GORACE=atexit_sleep_ms=0",
	}
	t.Cleanup(func() {
		r.must(t, "down", "-v", "-t", "0", "--remove-orphans")
		if err := api.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

func (r *realPlace) command(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command(self, args...)
	command.Dir, command.Env = r.dir, r.env
	return command
}

func (r *realPlace) must(t *testing.T, args ...string) string {
	t.Helper()
	out, err := r.command(t, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("gocompose %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// names lists the project's containers with their states.
func (r *realPlace) names(t *testing.T) string {
	t.Helper()
	list, err := r.api.ContainerList(t.Context(), container.ListOptions{
		All: true, Filters: filters.NewArgs(filters.Arg("label", project.LabelProject+"="+r.name)),
	})
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, c := range list {
		found[strings.TrimPrefix(c.Names[0], "/"+r.name+"-")+" "+c.State] = true
	}
	return strings.Join(slices.Sorted(maps.Keys(found)), ", ")
}

const layered = `
services:
  web: {image: gocompose-test/sleep, environment: {V: "%[1]d"}, depends_on: [api], scale: 3}
  api: {image: gocompose-test/sleep, environment: {V: "%[1]d"}, depends_on: [db]}
  db: {image: gocompose-test/sleep, environment: {V: "%[1]d"}, volumes: ["data:/d"], networks: [default, back]}
networks: {back: {labels: {v: "%[2]d"}}}
volumes: {data: {}}
`

// TestKilledUpIsFinished kills an up that replaces or creates everything, at
// moments chosen by chance; the next one ends where an undisturbed one would.
func TestKilledUpIsFinished(t *testing.T) {
	onEngines(t, func(t *testing.T, r *realPlace) {
		const kills = 8
		for i := range kills {
			if i%2 == 1 {
				r.must(t, "down") // the next one has to create everything
			}
			r.write(t, fmt.Sprintf(layered, i, i/3))
			up := r.command(t, "up", "-d")
			if err := up.Start(); err != nil {
				t.Fatal(err)
			}
			delay := time.Duration(rand.IntN(900)) * time.Millisecond
			timer := time.AfterFunc(delay, func() { _ = up.Process.Kill() }) // it may have ended
			var exit *exec.ExitError
			if err := up.Wait(); err != nil && !errors.As(err, &exit) {
				t.Fatal(err)
			}
			timer.Stop()
			r.must(t, "up", "-d")
			const want = "api-1 running, db-1 running, web-1 running, web-2 running, web-3 running"
			if got := r.names(t); got != want {
				t.Fatalf("killed after %v: %s", delay, got)
			}
			r.must(t, "plan", "--exit-code")
		}
	})
}

// TestForeignContainerIsKept: down names who is on the network, and leaves
// both.
func TestForeignContainerIsKept(t *testing.T) {
	onEngines(t, func(t *testing.T, r *realPlace) {
		r.write(t, "services: {web: {image: gocompose-test/sleep}}")
		r.must(t, "up", "-d")
		stranger := r.name + "-stranger"
		created, err := r.api.ContainerCreate(t.Context(), &container.Config{Image: "gocompose-test/sleep"}, nil,
			&network.NetworkingConfig{EndpointsConfig: map[string]*network.EndpointSettings{r.name + "_default": {}}}, nil, stranger)
		if err != nil {
			t.Fatal(err)
		}
		gone := func() error {
			return r.api.ContainerRemove(t.Context(), created.ID, container.RemoveOptions{Force: true})
		}
		if err := r.api.ContainerStart(t.Context(), created.ID, container.StartOptions{}); err != nil {
			t.Fatal(errors.Join(err, gone()))
		}
		out := r.must(t, "down")
		inspect, err := r.api.ContainerInspect(t.Context(), created.ID)
		if err := errors.Join(err, gone()); err != nil {
			t.Fatal(err)
		}
		if !inspect.State.Running || !strings.Contains(out, stranger) || !strings.Contains(out, "still in use") {
			t.Errorf("running %v, output:\n%s", inspect.State.Running, out)
		}
		if left := r.names(t); left != "" {
			t.Errorf("left: %s", left)
		}
	})
}

// TestStartRightAfterStop: Engines from 23 on list containers as running for a
// moment after they have answered that they are stopped. Those before are asked
// once for each verb.
func TestStartRightAfterStop(t *testing.T) {
	onEngines(t, func(t *testing.T, r *realPlace) {
		r.write(t, "services: {web: {image: gocompose-test/sleep, scale: 3}}")
		r.must(t, "up", "-d")
		repetitions := 8
		r.api.NegotiateAPIVersion(t.Context())
		if versions.LessThan(r.api.ClientVersion(), "1.42") {
			repetitions = 2
		}
		for i := range repetitions {
			r.must(t, []string{"stop", "kill"}[i%2])
			r.must(t, "start")
			if got := r.names(t); got != "web-1 running, web-2 running, web-3 running" {
				t.Fatalf("%d: %s", i, got)
			}
		}
	})
}
