package runtime

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/network"
	"github.com/docker/go-connections/nat"

	"github.com/gocompose/gocompose/internal/engine"
	"github.com/gocompose/gocompose/internal/enginetest"
	"github.com/gocompose/gocompose/planner"
	"github.com/gocompose/gocompose/project"
)

const oneService = `
services:
  web: {image: "app:1", ports: ["8080:80"], networks: [front]}
networks: {front: {}}
volumes: {data: {}}
`

// failOnce lets the next call of an operation fail.
func (h host) failOnce(op string, action enginetest.Action) {
	done := false
	h.fake.Fault(func(r enginetest.Request) enginetest.Action {
		if done || r.Op != op {
			return enginetest.Action{}
		}
		done = true
		return action
	})
}

// count is how often an operation was asked for.
func (h host) count(op string) int {
	n := 0
	for _, r := range h.fake.Journal() {
		if r.Op == op {
			n++
		}
	}
	return n
}

func TestNameTakenBySomebodyElse(t *testing.T) {
	onHost(t, enginetest.Options{}, func(h host) {
		p := load(t, oneService)
		foreign := h.create("app-web-1", map[string]string{project.LabelProject: "other"})
		_, err := h.up(h.Context(), p, planner.UpOptions{}, ApplyOptions{})
		var taken *engine.Error
		if !errors.As(err, &taken) || taken.Kind != engine.NameInUse || taken.Name != "app-web-1" || taken.By != foreign {
			h.Fatalf("error %#v", err)
		}
		if !strings.Contains(err.Error(), `container name "/app-web-1" is already in use`) || !strings.Contains(err.Error(), "rename or remove it") {
			h.Errorf("error %v", err)
		}
		if _, err := h.engine.API().ContainerInspect(h.Context(), foreign); err != nil {
			h.Errorf("the foreign container: %v", err)
		}
	})
}

func TestAdoptsOnlyTheVeryContainer(t *testing.T) {
	p := load(t, oneService)
	web, _ := p.Service("web")
	hash, err := web.ConfigHash(nil)
	if err != nil {
		t.Fatal(err)
	}
	good := map[string]string{
		project.LabelProject: testProject, project.LabelService: "web", project.LabelNumber: "1", project.LabelConfigHash: hash,
	}
	op := planner.CreateContainer{Service: "web", Number: 1, Name: "app-web-1"}
	onHost(t, enginetest.Options{}, func(h host) {
		h.createNetwork("app_front", nil)
		id := h.create("app-web-1", good)
		out, err := h.do(h.Context(), h.stackDriver(p), op)
		if err != nil || out.ID != id {
			h.Errorf("ID %s, error %v", out.ID, err)
		}
	})
	for label := range good {
		onHost(t, enginetest.Options{}, func(h host) {
			h.createNetwork("app_front", nil)
			other := map[string]string{}
			for key, value := range good {
				other[key] = value
			}
			other[label] = "other"
			h.create("app-web-1", other)
			if _, err := h.do(h.Context(), h.stackDriver(p), op); engine.KindOf(err) != engine.NameInUse {
				h.Errorf("label %s differs: error %v", label, err)
			}
		})
	}
}

func (h host) createNetwork(name string, labels map[string]string) string {
	h.Helper()
	created, err := h.engine.API().NetworkCreate(h.Context(), name, network.CreateOptions{Labels: labels})
	if err != nil {
		h.Fatal(err)
	}
	return created.ID
}

func TestPortTakenNamesTheContainer(t *testing.T) {
	onHost(t, enginetest.Options{BusyPorts: []uint16{9090}}, func(h host) {
		h.run("proxy", map[string]string{project.LabelProject: "other"}, func(config *container.Config, c *container.HostConfig) {
			config.ExposedPorts = nat.PortSet{"80/tcp": {}}
			c.PortBindings = nat.PortMap{"80/tcp": {{HostPort: "8080"}}}
		})
		_, err := h.up(h.Context(), load(t, `{services: {web: {image: "app:1", ports: ["8080:80"], container_name: mine}}}`), planner.UpOptions{}, ApplyOptions{})
		if engine.KindOf(err) != engine.PortTaken || !strings.Contains(err.Error(), "container proxy of project other publishes port 8080: stop it") {
			h.Errorf("error %v", err)
		}
		_, err = h.up(h.Context(), load(t, `{services: {web: {image: "app:1", ports: ["9090:80"], container_name: mine}}}`), planner.UpOptions{}, ApplyOptions{})
		if engine.KindOf(err) != engine.PortTaken || !strings.Contains(err.Error(), "stop what uses port 9090") {
			h.Errorf("error %v", err)
		}
	})
}

func TestNetworkInUseNamesTheContainers(t *testing.T) {
	onHost(t, enginetest.Options{}, func(h host) {
		p := load(t, oneService)
		h.mustUp(p, planner.UpOptions{})
		visitor := h.run("visitor", map[string]string{project.LabelProject: "other"})
		if err := h.engine.API().NetworkConnect(h.Context(), "app_front", visitor, nil); err != nil {
			h.Fatal(err)
		}
		state, err := ObserveProject(h.Context(), h.engine, testProject)
		if err != nil {
			h.Fatal(err)
		}
		_, err = h.do(h.Context(), h.stackDriver(p), planner.RemoveNetwork{Network: "front", Name: "app_front", ID: state.Networks[0].ID})
		var inUse *InUseError
		if !errors.As(err, &inUse) || strings.Join(inUse.By, ",") != "app-web-1,visitor" || engine.KindOf(err) != engine.NetworkInUse {
			h.Errorf("error %v", err)
		}
	})
}

func TestVolumeInUseNamesTheContainers(t *testing.T) {
	onHost(t, enginetest.Options{}, func(h host) {
		h.run("visitor", map[string]string{project.LabelProject: "other"}, func(_ *container.Config, c *container.HostConfig) {
			c.Binds = []string{"app_data:/data"}
		})
		_, err := h.do(h.Context(), h.driver(), planner.RemoveVolume{Volume: "data", Name: "app_data"})
		var inUse *InUseError
		if !errors.As(err, &inUse) || strings.Join(inUse.By, ",") != "visitor" {
			h.Errorf("error %v", err)
		}
	})
}

func TestOperationsMayBeRepeated(t *testing.T) {
	onHost(t, enginetest.Options{}, func(h host) {
		d := h.driver()
		web := planner.ContainerOp{Container: planner.Handle{ID: h.create("web", nil)}, Service: "web", Number: 1, Name: "web"}
		for _, op := range []planner.Op{
			planner.StartContainer{ContainerOp: web},
			planner.PauseContainer{ContainerOp: web},
			planner.UnpauseContainer{ContainerOp: web},
			planner.KillContainer{ContainerOp: web, Signal: "SIGKILL"},
			planner.StopContainer{ContainerOp: web},
			planner.RenameContainer{ContainerOp: web, To: "final"},
			planner.RemoveContainer{ContainerOp: web},
			planner.StopContainer{ContainerOp: web},
			planner.RemoveImage{Image: testImage},
			planner.RemoveNetwork{Network: "front", Name: "app_front", ID: "gone"},
			planner.RemoveVolume{Volume: "data", Name: "app_data"},
		} {
			for asked := range 2 {
				if _, err := h.do(h.Context(), d, op); err != nil {
					h.Errorf("%T, asked for %d times: %v", op, asked+1, err)
				}
			}
		}
	})
}

func TestFailuresThatAreNotForgiven(t *testing.T) {
	onHost(t, enginetest.Options{}, func(h host) {
		d := h.driver()
		h.create("taken", nil)
		web := planner.ContainerOp{Container: planner.Handle{ID: h.create("web", nil)}, Service: "web", Number: 1, Name: "web"}
		gone := planner.ContainerOp{Container: planner.Handle{ID: "gone"}, Service: "web", Number: 1, Name: "web"}
		for _, test := range []struct {
			op   planner.Op
			kind engine.Kind
		}{
			{planner.RenameContainer{ContainerOp: web, To: "taken"}, engine.NameInUse},
			{planner.StartContainer{ContainerOp: gone}, engine.NotFound},
			{planner.RestartContainer{ContainerOp: gone}, engine.NotFound},
			{planner.PauseContainer{ContainerOp: web}, engine.NotRunning},
		} {
			if _, err := h.do(h.Context(), d, test.op); err == nil || engine.KindOf(err) != test.kind {
				h.Errorf("%T: kind %q, error %v", test.op, engine.KindOf(err), err)
			}
		}
	})
}

func TestStartWithALostAnswerRunsAJobOnce(t *testing.T) {
	onHost(t, enginetest.Options{}, func(h host) {
		d := h.driver()
		job := h.create("job", map[string]string{"enginetest.exit": "0", "enginetest.stdout": "ran"})
		start := planner.StartContainer{ContainerOp: planner.ContainerOp{Container: planner.Handle{ID: job}, Service: "job", Number: 1, Name: "job"}}
		for run := 1; run <= 2; run++ {
			h.failOnce("ContainerStart", enginetest.Action{DropAnswer: true})
			if _, err := h.do(h.Context(), d, start); err != nil {
				h.Fatal(err)
			}
			if n := h.count("ContainerStart"); n != run {
				h.Errorf("%d starts in %d runs", n, run)
			}
			time.Sleep(time.Hour)
		}
		h.failOnce("ContainerStart", enginetest.Action{Refuse: true})
		if _, err := h.do(h.Context(), d, start); err != nil {
			h.Fatal(err)
		}
		if n := h.count("ContainerStart"); n != 4 { // the one that was refused is in the journal
			h.Errorf("%d starts; a start that had no effect must be repeated", n)
		}
	})
}

// TestNameSettles: the engine is still creating or removing a container that a
// run which was cut off asked for. Nobody can see it, but it has the name.
func TestNameSettles(t *testing.T) {
	onHost(t, enginetest.Options{}, func(h host) {
		var free time.Time
		h.fake.Fault(func(r enginetest.Request) enginetest.Action {
			if (r.Op != "ContainerCreate" && r.Op != "ContainerRename") || time.Now().After(free) {
				return enginetest.Action{}
			}
			return enginetest.Action{
				Status:  http.StatusConflict,
				Message: `Conflict. The container name "/app-web-1" is already in use by container "0123456789ab". You have to remove (or rename) that container to be able to reuse that name.`,
			}
		})
		h.createNetwork("app_front", nil)
		d := h.stackDriver(load(t, oneService))
		free = time.Now().Add(3 * time.Second)
		made, err := h.do(h.Context(), d, planner.CreateContainer{Service: "web", Number: 1, Name: "temporary"})
		if err != nil {
			h.Fatal(err)
		}
		free = time.Now().Add(3 * time.Second)
		web := planner.ContainerOp{Container: planner.Handle{ID: made.ID}, Service: "web", Number: 1, Name: "temporary"}
		if _, err := h.do(h.Context(), d, planner.RenameContainer{ContainerOp: web, To: "app-web-1"}); err != nil {
			h.Fatal(err)
		}
		free = time.Now().Add(time.Hour)
		if _, err := h.do(h.Context(), d, planner.RenameContainer{ContainerOp: web, To: "other"}); engine.KindOf(err) != engine.NameInUse {
			h.Errorf("error %v", err)
		}
	})
}

// TestContainerAppears: the engine lists a container before it can be worked
// on, and does not forget that it was to be removed.
func TestContainerAppears(t *testing.T) {
	onHost(t, enginetest.Options{}, func(h host) {
		web := planner.ContainerOp{Container: planner.Handle{ID: h.create("web", nil)}, Service: "web", Number: 1, Name: "web"}
		d := h.driver()
		for _, op := range []planner.Op{
			planner.StartContainer{ContainerOp: web}, planner.RenameContainer{ContainerOp: web, To: "other"}, planner.RemoveContainer{ContainerOp: web, Force: true},
		} {
			there := time.Now().Add(3 * time.Second)
			h.fake.Fault(func(r enginetest.Request) enginetest.Action {
				if r.Op == "ContainerList" || time.Now().After(there) {
					return enginetest.Action{}
				}
				return enginetest.Action{Status: http.StatusNotFound, Message: "No such container: " + web.Container.ID}
			})
			if _, err := h.do(h.Context(), d, op); err != nil {
				h.Errorf("%T: %v", op, err)
			}
		}
		if left := h.fake.Snapshot(); strings.Contains(left, "container ") {
			h.Errorf("left:\n%s", left)
		}
		began := time.Now()
		if _, err := h.do(h.Context(), d, planner.StartContainer{ContainerOp: web}); engine.KindOf(err) != engine.NotFound || time.Since(began) > 0 {
			h.Errorf("error %v after %v", err, time.Since(began))
		}
	})
}

func TestConnectMayBeRepeatedOnARunningContainer(t *testing.T) {
	onHost(t, enginetest.Options{}, func(h host) {
		p := load(t, `{services: {web: {image: "app:1", networks: [front, back]}}, networks: {front: {}, back: {}}}`)
		h.mustUp(p, planner.UpOptions{})
		state, err := Observe(h.Context(), h.engine, p)
		if err != nil {
			h.Fatal(err)
		}
		web := planner.ContainerOp{Container: planner.Handle{ID: state.Containers[0].ID}, Service: "web", Number: 1, Name: "app-web-1"}
		d := h.stackDriver(p)
		for range 2 {
			if _, err := h.do(h.Context(), d, planner.DisconnectNetwork{ContainerOp: web, Network: "back", NetworkID: "app_back"}); err != nil {
				h.Error(err)
			}
		}
		for range 2 {
			if _, err := h.do(h.Context(), d, planner.ConnectNetwork{ContainerOp: web, Network: "back"}); err != nil {
				h.Error(err)
			}
		}
		found, err := h.engine.API().ContainerInspect(h.Context(), web.Container.ID)
		if err != nil || !strings.Contains(strings.Join(found.NetworkSettings.Networks["app_back"].Aliases, " "), "web") {
			h.Errorf("endpoint %+v, error %v", found.NetworkSettings.Networks["app_back"], err)
		}
	})
}

func TestPullReportsProgressAndFailures(t *testing.T) {
	onHost(t, enginetest.Options{Registry: []enginetest.Image{{Ref: "redis:7", PullTakes: 3 * time.Second}}}, func(h host) {
		d := h.driver()
		var last Progress
		step := planner.Step{Op: planner.PullImage{Image: "redis:7"}}
		if _, err := d.Do(h.Context(), step, Inputs{report: func(p Progress) { last = p }}); err != nil {
			h.Fatal(err)
		}
		if last.Status == "" {
			h.Error("no progress")
		}
		for _, test := range []struct {
			failure enginetest.PullFailure
			kind    engine.Kind
		}{
			{enginetest.PullFailure{Message: "pull access denied for redis, repository does not exist", Status: http.StatusNotFound}, engine.PullDenied},
			{enginetest.PullFailure{Message: "toomanyrequests: You have reached your pull rate limit"}, engine.RateLimited},
			{enginetest.PullFailure{Message: "write /var/lib/docker/x: no space left on device"}, engine.NoSpace},
		} {
			h.fake.FailPulls("redis:7", test.failure)
			if _, err := h.do(h.Context(), d, step.Op); engine.KindOf(err) != test.kind {
				h.Errorf("%s: error %v", test.kind, err)
			}
		}
	})
}

// TestNetworkMadeTwice: an engine before 25 can make two networks of one name
// when a run that was killed had asked for it just before; the oldest stays.
func TestNetworkMadeTwice(t *testing.T) {
	onHost(t, enginetest.Options{APIVersion: "1.41"}, func(h host) {
		d, op := h.stackDriver(load(t, oneService)), planner.CreateNetwork{Network: "front", Name: "app_front"}
		if _, err := h.do(h.Context(), d, op); err != nil {
			h.Fatal(err)
		}
		first := h.networksNamed(op.Name)[0]
		h.createNetworkUnchecked(first)
		if n := len(h.networksNamed(op.Name)); n != 2 {
			h.Fatalf("%d networks", n)
		}
		if _, err := h.do(h.Context(), d, op); err != nil {
			h.Fatal(err)
		}
		if left := h.networksNamed(op.Name); len(left) != 1 || left[0].ID != first.ID {
			h.Errorf("left: %v, made first: %v", left, first)
		}
	})
}

func (h host) networksNamed(name string) []network.Summary {
	h.Helper()
	list, err := h.engine.API().NetworkList(h.Context(), network.ListOptions{})
	if err != nil {
		h.Fatal(err)
	}
	return slices.DeleteFunc(list, func(n network.Summary) bool { return n.Name != name })
}

// createNetworkUnchecked makes a network like another one. The client would ask
// the engine to check the name.
func (h host) createNetworkUnchecked(like network.Summary) {
	h.Helper()
	time.Sleep(time.Second) // in virtual time: it is younger
	body, err := json.Marshal(map[string]any{"Name": like.Name, "Labels": like.Labels})
	if err != nil {
		h.Fatal(err)
	}
	transport := &http.Transport{DialContext: h.fake.Dial}
	defer transport.CloseIdleConnections()
	request, err := http.NewRequestWithContext(h.Context(), http.MethodPost, "http://engine/networks/create", bytes.NewReader(body))
	if err != nil {
		h.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := transport.RoundTrip(request)
	if err != nil {
		h.Fatal(err)
	}
	if err := response.Body.Close(); err != nil || response.StatusCode != http.StatusCreated {
		h.Fatal(response.Status, err)
	}
}
