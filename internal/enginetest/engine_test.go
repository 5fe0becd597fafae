package enginetest_test

import (
	"context"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	ctypes "github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/events"
	"github.com/docker/docker/client"

	"github.com/gocompose/gocompose/internal/enginetest"
)

// newEngine makes an engine and a client of it, both closed at the test's end.
func newEngine(t *testing.T, o enginetest.Options) (*enginetest.Engine, *client.Client) {
	t.Helper()
	e, err := enginetest.New(o)
	if err != nil {
		t.Fatal(err)
	}
	c, err := e.Client()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e, c
}

// create makes a container of the image app and returns its identifier.
func create(t *testing.T, c *client.Client, name string, labels map[string]string) string {
	t.Helper()
	made, err := c.ContainerCreate(t.Context(), &ctypes.Config{Image: "app", Labels: labels}, nil, nil, nil, name)
	if err != nil {
		t.Fatal(err)
	}
	return made.ID
}

func start(t *testing.T, c *client.Client, name string) {
	t.Helper()
	if err := c.ContainerStart(t.Context(), name, ctypes.StartOptions{}); err != nil {
		t.Fatal(err)
	}
}

func inspect(t *testing.T, c *client.Client, name string) ctypes.InspectResponse {
	t.Helper()
	v, err := c.ContainerInspect(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func app() []enginetest.Image { return []enginetest.Image{{Ref: "app"}} }

func TestLifecycleOnVirtualTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, c := newEngine(t, enginetest.Options{Images: app()})
		create(t, c, "web", map[string]string{"enginetest.exit": "3", "enginetest.exit-after": "1h"})
		start(t, c, "web")
		if state := inspect(t, c, "web").State; state.Status != ctypes.StateRunning {
			t.Fatalf("state after start is %s", state.Status)
		}
		exits, failed := c.ContainerWait(t.Context(), "web", ctypes.WaitConditionNotRunning)
		select {
		case result := <-exits:
			if result.StatusCode != 3 {
				t.Errorf("exit code is %d, not 3", result.StatusCode)
			}
		case err := <-failed:
			t.Fatal(err)
		}
		state := inspect(t, c, "web").State
		began, err := time.Parse(time.RFC3339Nano, state.StartedAt)
		if err != nil {
			t.Fatal(err)
		}
		ended, err := time.Parse(time.RFC3339Nano, state.FinishedAt)
		if err != nil {
			t.Fatal(err)
		}
		if ran := ended.Sub(began).Round(time.Second); ran != time.Hour {
			t.Errorf("ran for %s, not one hour", ran)
		}
	})
}

func TestUnixSocket(t *testing.T) {
	e, err := enginetest.New(enginetest.Options{APIVersion: "1.41", Images: app()})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	host, err := e.Serve(filepath.Join(t.TempDir(), "docker.sock"))
	if err != nil {
		t.Fatal(err)
	}
	c, err := client.NewClientWithOpts(client.WithHost(host), client.WithAPIVersionNegotiation())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	stream, failed := c.Events(ctx, events.ListOptions{})
	create(t, c, "web", nil)
	start(t, c, "web")
	for {
		select {
		case event := <-stream:
			if event.Action == events.ActionStart {
				if c.ClientVersion() != "1.41" {
					t.Errorf("negotiated %s, not 1.41", c.ClientVersion())
				}
				return
			}
		case err := <-failed:
			t.Fatal(err)
		}
	}
}
