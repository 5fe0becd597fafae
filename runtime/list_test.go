package runtime

import (
	"cmp"
	"testing"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/go-connections/nat"
	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/gocompose/gocompose/internal/enginetest"
	"github.com/gocompose/gocompose/planner"
	"github.com/gocompose/gocompose/project"
)

// label sets a label.
func label(name, value string) func(*container.Config, *container.HostConfig) {
	return func(c *container.Config, _ *container.HostConfig) { c.Labels[name] = value }
}

// stock fills an engine with the containers of two projects and of nobody.
func stock(h host) {
	files := label(project.LabelConfigFiles, "/srv/compose.yaml,/srv/more.yaml")
	busy := h.service("app-web-1", "web", 1, testImage, files, func(c *container.Config, hc *container.HostConfig) {
		c.Cmd = []string{"serve", "--all"}
		c.ExposedPorts = nat.PortSet{"80/tcp": {}, "7/tcp": {}}
		hc.PortBindings = nat.PortMap{"80/tcp": {{HostIP: "127.0.0.1", HostPort: "8080"}}}
		hc.Binds = []string{"data:/data", "/etc:/config"}
	})
	h.service("app-job-1", "job", 1, testImage, label(project.LabelConfigFiles, "/srv/old.yaml,/srv/compose.yaml"), label("enginetest.exit", "3"))
	h.service("app-web-run-1", "web", 0, testImage, files, label(project.LabelOneOff, "True"))
	h.service("other-db-1", "db", 1, testImage, label(project.LabelProject, "other"))
	h.run("nobodys", nil, func(c *container.Config, _ *container.HostConfig) { c.Labels = nil })
	h.create("other-db-2", map[string]string{project.LabelProject: "other"})
	h.must(h.engine.API().ContainerPause(h.Context(), busy))
	wait(5500 * time.Millisecond)
	h.fake.ResetJournal()
}

func TestList(t *testing.T) {
	onHost(t, enginetest.Options{}, func(h host) {
		stock(h)
		got, err := List(h.Context(), h.engine, testProject)
		h.must(err)
		want := []Listed{
			{Name: "app-job-1", Command: "/serve", Service: "job", Number: 1, Phase: planner.Exited, ExitCode: 3, Status: "Exited (3) 5 seconds ago"},
			{
				Name: "app-web-1", Service: "web", Number: 1, Phase: planner.PausedNow, Status: "Up 5 seconds (Paused)", Command: "serve --all",
				Ports: []Port{
					{ContainerPort: 7, Protocol: "tcp"},
					{HostIP: "127.0.0.1", HostPort: 8080, ContainerPort: 80, Protocol: "tcp"},
				},
				Mounts: []string{"/etc", "data"}, Volumes: 1,
			},
			{Name: "app-web-run-1", Command: "/serve", Service: "web", OneOff: true, Phase: planner.Running, Status: "Up 5 seconds"},
		}
		for i := range want {
			want[i].Project, want[i].Image, want[i].Networks = testProject, testImage, []string{"bridge"}
		}
		if diff := gocmp.Diff(want, got, cmpopts.IgnoreFields(Listed{}, "ID", "Created", "Labels"), cmpopts.SortSlices(cmp.Less[string])); diff != "" {
			t.Error(diff)
		}
		if calls := len(h.fake.Journal()); calls != 1 {
			t.Errorf("%d requests", calls)
		}
	})
}

func TestListProjects(t *testing.T) {
	onHost(t, enginetest.Options{}, func(h host) {
		stock(h)
		got, err := ListProjects(h.Context(), h.engine)
		h.must(err)
		want := []ListedProject{
			{
				Name:        testProject,
				Phases:      map[planner.Phase]int{planner.Running: 1, planner.PausedNow: 1, planner.Exited: 1},
				ConfigFiles: []string{"/srv/compose.yaml", "/srv/more.yaml", "/srv/old.yaml"},
			},
			{Name: "other", Phases: map[planner.Phase]int{planner.Running: 1, planner.Created: 1}},
		}
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		if calls := len(h.fake.Journal()); calls != 1 {
			t.Errorf("%d requests", calls)
		}
	})
}

func TestListOfAnEngineThatFails(t *testing.T) {
	onHost(t, enginetest.Options{}, func(h host) {
		h.fake.Fault(func(enginetest.Request) enginetest.Action {
			return enginetest.Action{Status: 500, Message: "out of order"}
		})
		if _, err := List(h.Context(), h.engine, testProject); err == nil {
			t.Error("no error")
		}
		if _, err := ListProjects(h.Context(), h.engine); err == nil {
			t.Error("no error")
		}
	})
}
