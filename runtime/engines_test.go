package runtime

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"
	"github.com/docker/docker/api/types/network"
	"github.com/docker/docker/api/types/volume"

	"github.com/gocompose/gocompose/internal/engine"
	"github.com/gocompose/gocompose/planner"
	"github.com/gocompose/gocompose/project"
)

// realEngine is a real engine and a project on it that is this test's own.
type realEngine struct {
	*testing.T
	engine *engine.Client
	name   string
}

// onEngines runs a test on every real engine that the environment names. See
// internal/testenv/README.md.
func onEngines(t *testing.T, test func(realEngine)) {
	for _, variable := range []string{"GOCOMPOSE_TEST_DOCKER_HOST", "GOCOMPOSE_TEST_DOCKER_HOST_NEW", "GOCOMPOSE_TEST_DOCKER_HOST_SID"} {
		t.Run(strings.TrimPrefix(variable, "GOCOMPOSE_TEST_"), func(t *testing.T) {
			host := os.Getenv(variable)
			if host == "" {
				t.Skipf("%s is not set", variable)
			}
			t.Parallel() // each engine has its own pace
			config := t.TempDir()
			e, err := engine.Connect(t.Context(), engine.Options{Getenv: func(name string) string {
				return map[string]string{"DOCKER_HOST": host, "DOCKER_CONFIG": config}[name]
			}})
			if err != nil {
				t.Fatal(err)
			}
			r := realEngine{T: t, engine: e, name: fmt.Sprintf("gocompose-runtime-%d-%d", os.Getpid(), time.Now().UnixNano())}
			t.Cleanup(r.clean)
			test(r)
		})
	}
}

// clean removes what the test made, and nothing else.
func (r realEngine) clean() {
	ctx := context.WithoutCancel(r.Context())
	own := filters.NewArgs(filters.Arg("label", project.LabelProject+"="+r.name))
	api := r.engine.API()
	containers, err := api.ContainerList(ctx, container.ListOptions{All: true, Filters: own})
	for _, c := range containers {
		err = errors.Join(err, api.ContainerRemove(ctx, c.ID, container.RemoveOptions{Force: true, RemoveVolumes: true}))
	}
	networks, listErr := api.NetworkList(ctx, network.ListOptions{Filters: own})
	err = errors.Join(err, listErr)
	for _, n := range networks {
		err = errors.Join(err, api.NetworkRemove(ctx, n.ID))
	}
	volumes, listErr := api.VolumeList(ctx, volume.ListOptions{Filters: own})
	err = errors.Join(err, listErr)
	for _, v := range volumes.Volumes {
		err = errors.Join(err, api.VolumeRemove(ctx, v.Name, false))
	}
	if err = errors.Join(err, r.engine.Close()); err != nil {
		r.Error(err)
	}
}

// load reads a project under the test's own name.
func (r realEngine) load(yaml string) *project.Project {
	r.Helper()
	p, diagnostics := project.Load(r.Context(), project.Options{
		Files: []string{"-"}, Stdin: strings.NewReader(yaml), Name: r.name, ProjectDirectory: r.TempDir(),
	})
	if p == nil {
		r.Fatalf("loading: %v", diagnostics)
	}
	return p
}

// host lends what tests on engines in memory use.
func (r realEngine) host() host { return host{T: r.T, engine: r.engine} }

// settled tells what would be left to do.
func (r realEngine) settled(p *project.Project) {
	r.Helper()
	state, err := Observe(r.Context(), r.engine, p)
	if err != nil {
		r.Fatal(err)
	}
	plan, err := planner.Up(p, state, planner.UpOptions{})
	if err != nil {
		r.Fatal(err)
	}
	for _, step := range plan.Steps {
		if step.Op.Target().Name != "job" { // jobs run each time
			r.Errorf("left to do: %s (%s %v)", step.ID, step.Reason.Code, step.Reason.Fields)
		}
	}
	for _, c := range state.Containers {
		if c.Phase != planner.Running && c.Service != "job" {
			r.Errorf("%s is %s", c.Name, c.Phase)
		}
	}
}

// steady is the state once what is listed is what is: some engines list a
// container as running for a moment after it was stopped (seen on 26.1).
func (r realEngine) steady(p *project.Project) planner.State {
	r.Helper()
	for {
		state, err := Observe(r.Context(), r.engine, p)
		if err != nil {
			r.Fatal(err)
		}
		good := true
		for _, c := range state.Containers {
			inspect, err := r.engine.API().ContainerInspect(r.Context(), c.ID)
			if err != nil {
				r.Fatal(err)
			}
			good = good && inspect.State.Status == container.ContainerState(c.Phase)
		}
		if good {
			return state
		}
	}
}

const realStack = `
services:
  db:
    image: gocompose-test/sleep
    volumes: ["data:/data", "/scratch"]
    healthcheck: {test: ["CMD", "/sleeper", "ok"], interval: 100ms, retries: 1, start_period: 0s}
    networks: [back]
  job:
    image: gocompose-test/sleep
    command: ["ok"]
    depends_on: {db: {condition: service_healthy}}
    networks: [back]
  web:
    image: gocompose-test/sleep
    scale: 2
    environment: {A: "%s"}
    configs: [{source: settings, target: /etc/settings}]
    depends_on: {db: {condition: service_healthy}, job: {condition: service_completed_successfully}}
    networks: [front, back]
  sidecar:
    image: gocompose-test/sleep
    network_mode: service:db
networks: {front: {}, back: {}}
volumes: {data: {}}
configs: {settings: {content: "a=1\n"}}
`

func TestEnginesLifeOfAStack(t *testing.T) {
	onEngines(t, func(r realEngine) {
		h := r.host()
		one := r.load(fmt.Sprintf(realStack, "one"))
		h.mustUp(one, planner.UpOptions{})
		r.settled(one)

		two := r.load(fmt.Sprintf(realStack, "two"))
		h.mustUp(two, planner.UpOptions{})
		r.settled(two)

		for _, verb := range []func(*project.Project, planner.State, planner.VerbOptions) (*planner.Plan, error){
			planner.Restart, planner.Pause, planner.Unpause, planner.Stop, planner.Start,
		} {
			plan, err := verb(two, r.steady(two), planner.VerbOptions{})
			if err != nil {
				r.Fatal(err)
			}
			if _, err := h.apply(r.Context(), two, plan, ApplyOptions{}); err != nil {
				r.Fatalf("%s: %v; kept %v", plan.Command, err, plan.Kept)
			}
		}
		r.settled(two)

		if _, err := h.down(r.Context(), two, planner.DownOptions{Volumes: true}, ApplyOptions{}); err != nil {
			r.Fatal(err)
		}
		state, err := ObserveProject(r.Context(), r.engine, r.name)
		if err != nil || len(state.Containers)+len(state.Networks)+len(state.Volumes) > 0 {
			r.Errorf("left: %+v, error %v", state, err)
		}
	})
}

// TestEnginesOutliveACutRun leaves runs in the middle, ever later, without
// waiting for answers.
func TestEnginesOutliveACutRun(t *testing.T) {
	onEngines(t, func(r realEngine) {
		h := r.host()
		values := []string{"one", "two"}
		for i := range 8 {
			p := r.load(fmt.Sprintf(realStack, values[i%2]))
			ctx, cancel := context.WithTimeout(r.Context(), time.Duration(i)*150*time.Millisecond)
			_, err := h.up(ctx, p, planner.UpOptions{}, ApplyOptions{Drain: time.Nanosecond})
			cancel()
			r.Logf("cut run %d: %v", i, err)
			before := r.containers()
			if _, err := h.up(r.Context(), p, planner.UpOptions{}, ApplyOptions{}); err != nil {
				r.Fatalf("after cut run %d: %v; before it: %v, now: %v", i, err, before, r.containers())
			}
			r.settled(p)
			r.noTemporaryNames()
		}
	})
}

// containers lists the project's containers: ID, name and phase.
func (r realEngine) containers() []string {
	r.Helper()
	state, err := ObserveProject(r.Context(), r.engine, r.name)
	if err != nil {
		r.Fatal(err)
	}
	var list []string
	for _, c := range state.Containers {
		list = append(list, c.ID[:12]+" "+strings.ReplaceAll(c.Name, r.name, "")+" "+string(c.Phase))
	}
	return list
}

func (r realEngine) noTemporaryNames() {
	r.Helper()
	state, err := ObserveProject(r.Context(), r.engine, r.name)
	if err != nil {
		r.Fatal(err)
	}
	for _, c := range state.Containers {
		if !strings.HasPrefix(c.Name, r.name+"-") {
			r.Errorf("a temporary name is left: %s", c.Name)
		}
	}
}

// TestEnginesErrorsAreRecognised provokes each error for real.
func TestEnginesErrorsAreRecognised(t *testing.T) {
	const port = "39471"
	onEngines(t, func(r realEngine) {
		h := r.host()
		holder := fmt.Sprintf(`{services: {holder: {image: gocompose-test/sleep, container_name: %s-taken, ports: ["127.0.0.1:%s:80"], volumes: ["data:/data"]}}, volumes: {data: {}}}`, r.name, port)
		h.mustUp(r.load(holder), planner.UpOptions{})
		for _, test := range []struct {
			kind engine.Kind
			text string
			yaml string
		}{
			{engine.PortTaken, "of project " + r.name + " publishes port " + port, `ports: ["127.0.0.1:` + port + `:80"]`},
			{engine.NameInUse, "rename or remove it", "container_name: " + r.name + "-taken"},
			{engine.CommandMissing, "check command and entrypoint", `entrypoint: ["/nothing"]`},
			{engine.BindMissing, "create_host_path", `volumes: [{type: bind, source: /tmp/gocompose-nowhere, target: /x, bind: {create_host_path: false}}]`},
		} {
			p := r.load(`{services: {other: {image: gocompose-test/sleep, ` + test.yaml + `}}}`)
			_, err := h.up(r.Context(), p, planner.UpOptions{IgnoreOrphans: true}, ApplyOptions{})
			if engine.KindOf(err) != test.kind || !strings.Contains(err.Error(), test.text) {
				r.Errorf("%s: kind %q, error %v", test.kind, engine.KindOf(err), err)
			}
		}
		d := h.stackDriver(r.load(holder))
		_, err := h.do(r.Context(), d, planner.RemoveVolume{Volume: "data", Name: r.name + "_data"})
		if engine.KindOf(err) != engine.VolumeInUse || !strings.Contains(err.Error(), r.name+"-taken") {
			r.Errorf("volume in use: %v", err)
		}
		state, err := ObserveProject(r.Context(), r.engine, r.name)
		if err != nil {
			r.Fatal(err)
		}
		for _, n := range state.Networks {
			_, err := h.do(r.Context(), d, planner.RemoveNetwork{Network: n.Key, Name: n.Name, ID: n.ID})
			if engine.KindOf(err) != engine.NetworkInUse || !strings.Contains(err.Error(), r.name+"-taken") {
				r.Errorf("network in use: %v", err)
			}
		}
		_, err = h.do(r.Context(), d, planner.StartContainer{ContainerOp: planner.ContainerOp{Container: planner.Handle{ID: r.name + "-none"}}})
		if engine.KindOf(err) != engine.NotFound {
			r.Errorf("no such container: %v", err)
		}
	})
}

func TestEnginesWaitTellsWhy(t *testing.T) {
	onEngines(t, func(r realEngine) {
		h := r.host()
		p := r.load(`
services:
  db:
    image: gocompose-test/busybox
    command: ["sh", "-c", "echo starting; echo broken >&2; sleep 60"]
    stop_grace_period: 0s
    healthcheck: {test: "echo refused; exit 1", interval: 100ms, retries: 1, start_period: 0s}
  web: {image: gocompose-test/sleep, depends_on: {db: {condition: service_healthy}}}
`)
		_, err := h.up(r.Context(), p, planner.UpOptions{}, ApplyOptions{})
		var wait *WaitError
		if !errors.As(err, &wait) || wait.Cause != CauseUnhealthy {
			r.Fatalf("error %v", err)
		}
		if n := len(wait.Probes); n == 0 || wait.Probes[n-1].Output != "refused" || wait.Probes[n-1].ExitCode != 1 {
			r.Errorf("probes %+v", wait.Probes)
		}
		if got := strings.Join(wait.Logs, "|"); !strings.Contains(got, "starting") || !strings.Contains(got, "broken") {
			r.Errorf("logs %q", got)
		}
		state, err := Observe(r.Context(), r.engine, p)
		if err != nil {
			r.Fatal(err)
		}
		for _, c := range state.ContainersOf("web") {
			if c.Phase != planner.Created {
				r.Errorf("%s is %s, and must not have started", c.Name, c.Phase)
			}
		}
	})
}
