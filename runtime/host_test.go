package runtime

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/network"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/gocompose/gocompose/internal/engine"
	"github.com/gocompose/gocompose/internal/enginetest"
	"github.com/gocompose/gocompose/planner"
	"github.com/gocompose/gocompose/project"
)

const (
	testProject = "app"
	testImage   = "app:1"
)

// host is an engine in memory and a connection to it, in virtual time.
type host struct {
	*testing.T
	fake   *enginetest.Engine
	engine *engine.Client
}

// onHost runs a test in a bubble with an engine of its own.
func onHost(t *testing.T, o enginetest.Options, test func(host)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		o.Images = append(o.Images, enginetest.Image{Ref: testImage})
		fake, err := enginetest.New(o)
		if err != nil {
			t.Fatal(err)
		}
		api, err := fake.Client()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := errors.Join(api.Close(), fake.Close()); err != nil {
				t.Error(err)
			}
		})
		client, err := engine.FromAPI(t.Context(), api)
		if err != nil {
			t.Fatal(err)
		}
		test(host{T: t, fake: fake, engine: client})
	})
}

// driver makes a driver for a project without services.
func (h host) driver() *EngineDriver {
	d := NewDriver(h.engine, project.New(&types.Project{Name: testProject}, nil), DriverOptions{})
	h.Cleanup(func() {
		if err := d.Close(); err != nil {
			h.Error(err)
		}
	})
	return d
}

// create creates a container whose labels script it.
func (h host) create(name string, labels map[string]string, change ...func(*container.Config, *container.HostConfig)) string {
	h.Helper()
	config := &container.Config{Image: testImage, Labels: map[string]string{project.LabelProject: testProject}}
	for label, value := range labels {
		config.Labels[label] = value
	}
	hostConfig := &container.HostConfig{}
	for _, f := range change {
		f(config, hostConfig)
	}
	created, err := h.engine.API().ContainerCreate(h.Context(), config, hostConfig, &network.NetworkingConfig{}, nil, name)
	if err != nil {
		h.Fatal(err)
	}
	return created.ID
}

func (h host) start(id string) {
	h.Helper()
	if err := h.engine.API().ContainerStart(h.Context(), id, container.StartOptions{}); err != nil {
		h.Fatal(err)
	}
}

// run creates and starts a container.
func (h host) run(name string, labels map[string]string, change ...func(*container.Config, *container.HostConfig)) string {
	h.Helper()
	id := h.create(name, labels, change...)
	h.start(id)
	return id
}

// do carries out one operation outside of a plan.
func (h host) do(ctx context.Context, d Driver, op planner.Op) (Output, error) {
	h.Helper()
	return d.Do(ctx, planner.Step{ID: "test", Op: op}, Inputs{
		output: func(planner.StepID) (Output, bool) { return Output{}, false },
		report: func(Progress) {},
	})
}

// probed gives a container a health check.
func probed(c *container.Config, _ *container.HostConfig) {
	c.Healthcheck = &container.HealthConfig{Test: []string{"CMD", "probe"}, Interval: time.Second, Retries: 1}
}

// restarts gives a container a restart policy.
func restarts(policy container.RestartPolicyMode, most int) func(*container.Config, *container.HostConfig) {
	return func(_ *container.Config, h *container.HostConfig) {
		h.RestartPolicy = container.RestartPolicy{Name: policy, MaximumRetryCount: most}
	}
}

func handles(ids ...string) []planner.Handle {
	list := make([]planner.Handle, 0, len(ids))
	for _, id := range ids {
		list = append(list, planner.Handle{ID: id})
	}
	return list
}
