package enginetest_test

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	ctypes "github.com/docker/docker/api/types/container"
	"github.com/docker/docker/client"
	"github.com/docker/docker/pkg/stdcopy"

	"github.com/gocompose/gocompose/internal/enginetest"
)

// probed is an image with a healthcheck every 30 seconds.
func probed(b enginetest.Behaviour) []enginetest.Image {
	return []enginetest.Image{{
		Ref: "app", Healthcheck: &ctypes.HealthConfig{Test: []string{"CMD", "ready"}, Interval: 30 * time.Second}, Behaviour: b,
	}}
}

// healthAfter is the health of a container some time after its start.
func healthAfter(t *testing.T, c *client.Client, d time.Duration) *ctypes.Health {
	t.Helper()
	create(t, c, "web", nil)
	start(t, c, "web")
	time.Sleep(d)
	return inspect(t, c, "web").State.Health
}

func TestHealth(t *testing.T) {
	changes := func(changes ...enginetest.HealthChange) enginetest.Behaviour {
		return enginetest.Behaviour{Health: changes}
	}
	tests := map[string]struct {
		behaviour enginetest.Behaviour
		after     time.Duration
		want      string
		output    string
	}{
		"before the first probe":  {enginetest.Behaviour{}, 29 * time.Second, ctypes.Starting, ""},
		"healthy by itself":       {enginetest.Behaviour{}, 31 * time.Second, ctypes.Healthy, ""},
		"scripted healthy":        {changes(enginetest.HealthChange{After: time.Second, Status: ctypes.Healthy, Output: "up"}), 2 * time.Second, ctypes.Healthy, "up"},
		"scripted unhealthy":      {changes(enginetest.HealthChange{After: time.Second, Status: ctypes.Unhealthy, Output: "no"}), 2 * time.Second, ctypes.Unhealthy, "no"},
		"never":                   {changes(enginetest.HealthChange{Status: ctypes.Starting, Output: "wait"}), time.Hour, ctypes.Starting, "wait"},
		"healthy, then unhealthy": {changes(enginetest.HealthChange{After: time.Second, Status: ctypes.Healthy}, enginetest.HealthChange{After: time.Minute, Status: ctypes.Unhealthy, Output: "gone"}), time.Hour, ctypes.Unhealthy, "gone"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				_, c := newEngine(t, enginetest.Options{Images: probed(test.behaviour)})
				health := healthAfter(t, c, test.after)
				if health.Status != test.want {
					t.Errorf("status is %s, not %s", health.Status, test.want)
				}
				last := ""
				if n := len(health.Log); n > 0 {
					last = health.Log[n-1].Output
				}
				if last != test.output {
					t.Errorf("the last output is %q, not %q", last, test.output)
				}
			})
		})
	}
}

func TestStopTakesItsTime(t *testing.T) {
	tests := map[string]struct {
		labels map[string]string
		takes  time.Duration
		code   int
	}{
		"at once":       {nil, 0, 0},
		"slow":          {map[string]string{"enginetest.stop-after": "4s", "enginetest.stop-exit": "143"}, 4 * time.Second, 143},
		"grace expires": {map[string]string{"enginetest.stop-after": "11s"}, 10 * time.Second, 137},
		"deaf":          {map[string]string{"enginetest.ignore-stop": "true"}, 10 * time.Second, 137},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				_, c := newEngine(t, enginetest.Options{Images: app()})
				create(t, c, "web", test.labels)
				start(t, c, "web")
				began := time.Now()
				if err := c.ContainerStop(t.Context(), "web", ctypes.StopOptions{}); err != nil {
					t.Fatal(err)
				}
				if took := time.Since(began); took != test.takes {
					t.Errorf("took %s, not %s", took, test.takes)
				}
				if state := inspect(t, c, "web").State; state.ExitCode != test.code || state.Status != ctypes.StateExited {
					t.Errorf("%s with %d, not exited with %d", state.Status, state.ExitCode, test.code)
				}
			})
		})
	}
}

func TestRestartPolicyBacksOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, c := newEngine(t, enginetest.Options{Images: []enginetest.Image{{
			Ref: "app", Behaviour: enginetest.Behaviour{Exit: &enginetest.Exit{Code: 1, Runs: 4}},
		}}})
		_, err := c.ContainerCreate(t.Context(), &ctypes.Config{Image: "app"},
			&ctypes.HostConfig{RestartPolicy: ctypes.RestartPolicy{Name: ctypes.RestartPolicyOnFailure}}, nil, nil, "web")
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		start(t, c, "web")
		time.Sleep(time.Minute)
		v := inspect(t, c, "web")
		if v.RestartCount != 4 || !v.State.Running {
			t.Errorf("%s after %d restarts", v.State.Status, v.RestartCount)
		}
		last, err := time.Parse(time.RFC3339Nano, v.State.StartedAt)
		if err != nil {
			t.Fatal(err)
		}
		// 100 ms, doubled three times.
		if waited := last.Sub(began).Round(time.Millisecond); waited != 1500*time.Millisecond {
			t.Errorf("the last start came after %s", waited)
		}
	})
}

func TestPausedProcessStandsStill(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, c := newEngine(t, enginetest.Options{Images: app()})
		create(t, c, "web", map[string]string{"enginetest.exit": "0", "enginetest.exit-after": "1s"})
		start(t, c, "web")
		if err := c.ContainerPause(t.Context(), "web"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		if state := inspect(t, c, "web").State; state.Status != ctypes.StatePaused {
			t.Fatalf("the container is %s", state.Status)
		}
		if err := c.ContainerUnpause(t.Context(), "web"); err != nil {
			t.Fatal(err)
		}
		if state := inspect(t, c, "web").State; state.Status != ctypes.StateExited {
			t.Errorf("the container is %s", state.Status)
		}
	})
}

func TestOutputOverTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, c := newEngine(t, enginetest.Options{Images: []enginetest.Image{{Ref: "app", Behaviour: enginetest.Behaviour{
			Output: []enginetest.Line{{Text: "up"}, {After: time.Minute, Text: "trouble", Stderr: true}},
			Exit:   &enginetest.Exit{After: 2 * time.Minute},
		}}}})
		create(t, c, "web", nil)
		start(t, c, "web")
		body, err := c.ContainerLogs(t.Context(), "web", ctypes.LogsOptions{ShowStdout: true, ShowStderr: true, Follow: true, Timestamps: true})
		if err != nil {
			t.Fatal(err)
		}
		defer body.Close()
		began := time.Now()
		var out, problems bytes.Buffer
		if _, err := stdcopy.StdCopy(&out, &problems, body); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took != 2*time.Minute {
			t.Errorf("following ended after %s", took)
		}
		if got := out.String(); !strings.HasPrefix(got, "2000-01-01T00:00:00") || !strings.HasSuffix(got, " up\n") {
			t.Errorf("stdout is %q", got)
		}
		if got := problems.String(); !strings.HasPrefix(got, "2000-01-01T00:01:00") || !strings.HasSuffix(got, " trouble\n") {
			t.Errorf("stderr is %q", got)
		}
	})
}

func TestScriptedExec(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, c := newEngine(t, enginetest.Options{Images: []enginetest.Image{{Ref: "app", Behaviour: enginetest.Behaviour{
			Exec: map[string]enginetest.Behaviour{"migrate up": {
				Output: []enginetest.Line{{Text: "migrating"}}, Exit: &enginetest.Exit{After: time.Minute, Code: 4},
			}},
		}}}})
		create(t, c, "web", nil)
		start(t, c, "web")
		made, err := c.ContainerExecCreate(t.Context(), "web", ctypes.ExecOptions{Cmd: []string{"migrate", "up"}, AttachStdout: true})
		if err != nil {
			t.Fatal(err)
		}
		stream, err := c.ContainerExecAttach(t.Context(), made.ID, ctypes.ExecAttachOptions{})
		if err != nil {
			t.Fatal(err)
		}
		defer stream.Close()
		var out bytes.Buffer
		if _, err := stdcopy.StdCopy(&out, io.Discard, stream.Reader); err != nil {
			t.Fatal(err)
		}
		v, err := c.ContainerExecInspect(t.Context(), made.ID)
		if err != nil {
			t.Fatal(err)
		}
		if out.String() != "migrating\n" || v.ExitCode != 4 || v.Running {
			t.Errorf("output %q, exit code %d, running %v", out.String(), v.ExitCode, v.Running)
		}
	})
}

func TestBadOverrideIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, c := newEngine(t, enginetest.Options{Images: app()})
		_, err := c.ContainerCreate(t.Context(), &ctypes.Config{Image: "app", Env: []string{"enginetest.exit=soon"}}, nil, nil, nil, "web")
		if err == nil || !strings.Contains(err.Error(), `enginetest.exit has the unusable value "soon"`) {
			t.Errorf("create returned %v", err)
		}
	})
}

func TestStopOutlivesItsClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, c := newEngine(t, enginetest.Options{Images: app()})
		create(t, c, "web", map[string]string{"enginetest.ignore-stop": "true"})
		start(t, c, "web")
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := c.ContainerStop(ctx, "web", ctypes.StopOptions{}); err == nil {
			t.Error("stop was answered")
		}
		time.Sleep(time.Minute)
		if state := inspect(t, c, "web").State; state.ExitCode != 137 {
			t.Errorf("the container is %s with %d", state.Status, state.ExitCode)
		}
	})
}

func TestByHand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, c := newEngine(t, enginetest.Options{Images: probed(enginetest.Behaviour{Health: []enginetest.HealthChange{}})})
		create(t, c, "web", nil)
		if err := e.Exit("web", 1); err == nil {
			t.Error("a container that does not run has exited")
		}
		start(t, c, "web")
		for _, err := range []error{
			e.SetHealth("web", ctypes.Healthy, "fine"), e.Print("web", enginetest.Line{Text: "bye"}),
		} {
			if err != nil {
				t.Fatal(err)
			}
		}
		if health := inspect(t, c, "web").State.Health; health.Status != ctypes.Healthy || health.Log[0].Output != "fine" {
			t.Errorf("health is %+v", health)
		}
		if err := e.Exit("web", 9); err != nil {
			t.Fatal(err)
		}
		if state := inspect(t, c, "web").State; state.ExitCode != 9 || state.Running {
			t.Errorf("%s with %d", state.Status, state.ExitCode)
		}
		body, err := c.ContainerLogs(t.Context(), "web", ctypes.LogsOptions{ShowStdout: true})
		if err != nil {
			t.Fatal(err)
		}
		defer body.Close()
		var out bytes.Buffer
		if _, err := stdcopy.StdCopy(&out, io.Discard, body); err != nil || out.String() != "bye\n" {
			t.Errorf("printed %q, %v", out.String(), err)
		}
	})
}
