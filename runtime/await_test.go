package runtime

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/docker/docker/api/types/container"

	"github.com/gocompose/gocompose/internal/engine"
	"github.com/gocompose/gocompose/internal/enginetest"
	"github.com/gocompose/gocompose/planner"
	"github.com/gocompose/gocompose/project"
)

// awaitCase is one container and what waiting for it comes to.
type awaitCase struct {
	name      string
	labels    map[string]string
	change    []func(*container.Config, *container.HostConfig)
	condition planner.Condition
	timeout   time.Duration
	detail    string // of success
	text      string // of failure
	after     time.Duration
}

// TestAwait checks outcomes and, to the millisecond, when they are noticed.
func TestAwait(t *testing.T) {
	check := []func(*container.Config, *container.HostConfig){probed}
	for _, test := range []awaitCase{
		{
			name: "healthy", condition: planner.ConditionHealthy, change: check,
			labels: map[string]string{"enginetest.healthy-after": "2s"}, detail: "Healthy", after: 2 * time.Second,
		}, {
			name: "healthy for longer than a safety inspect", condition: planner.ConditionHealthy, change: check,
			labels: map[string]string{"enginetest.healthy-after": "17s"}, detail: "Healthy", after: 17 * time.Second,
		}, {
			name: "unhealthy", condition: planner.ConditionHealthy, change: check,
			labels: map[string]string{"enginetest.unhealthy-after": "3s"}, text: "container web is unhealthy", after: 3 * time.Second,
		}, {
			name: "exits instead of turning healthy", condition: planner.ConditionHealthy, change: check,
			labels: map[string]string{"enginetest.health": "never", "enginetest.exit": "1", "enginetest.exit-after": "4s"},
			text:   "container web exited (1)", after: 4 * time.Second,
		}, {
			name: "exits well instead of turning healthy", condition: planner.ConditionHealthy, change: check,
			labels: map[string]string{"enginetest.health": "never", "enginetest.exit": "0", "enginetest.exit-after": "4s"},
			text:   "container web exited (0)", after: 4 * time.Second,
		}, {
			name: "no health check", condition: planner.ConditionHealthy, text: "container web has no healthcheck configured",
		}, {
			name: "never healthy", condition: planner.ConditionHealthy, change: check, timeout: 3 * time.Second,
			labels: map[string]string{"enginetest.health": "never"}, text: "application not healthy after 3s", after: 3 * time.Second,
		}, {
			name: "healthy after its policy restarted it", condition: planner.ConditionHealthy,
			change: []func(*container.Config, *container.HostConfig){probed, restarts(container.RestartPolicyAlways, 0)},
			labels: map[string]string{
				"enginetest.healthy-after": "4s", "enginetest.exit": "1", "enginetest.exit-after": "2s", "enginetest.exit-times": "1",
			},
			detail: "Healthy", after: 2*time.Second + restartDelay + 4*time.Second,
		}, {
			name: "completed", condition: planner.ConditionCompleted,
			labels: map[string]string{"enginetest.exit": "0", "enginetest.exit-after": "2s"}, detail: "Exited", after: 2 * time.Second,
		}, {
			name: "completed before", condition: planner.ConditionCompleted, labels: map[string]string{"enginetest.exit": "0"}, detail: "Exited",
		}, {
			name: "failed", condition: planner.ConditionCompleted,
			labels: map[string]string{"enginetest.exit": "3", "enginetest.exit-after": "2s"},
			text:   `service "web" didn't complete successfully: exit 3`, after: 2 * time.Second,
		}, {
			name: "failed for good after restarts", condition: planner.ConditionCompleted,
			change: []func(*container.Config, *container.HostConfig){restarts(container.RestartPolicyOnFailure, 1)},
			labels: map[string]string{"enginetest.exit": "3", "enginetest.exit-after": "2s"},
			text:   `service "web" didn't complete successfully: exit 3`, after: 2*time.Second + restartDelay + 2*time.Second,
		}, {
			name: "ready by running", condition: planner.ConditionReady, detail: "Healthy", after: runsFor,
		}, {
			name: "fails a moment after its start", condition: planner.ConditionReady,
			labels: map[string]string{"enginetest.exit": "1", "enginetest.exit-after": "400ms"},
			text:   "container web exited (1)", after: 400 * time.Millisecond,
		}, {
			name: "runs after its policy restarted it", condition: planner.ConditionReady,
			change: []func(*container.Config, *container.HostConfig){restarts(container.RestartPolicyAlways, 0)},
			labels: map[string]string{"enginetest.exit": "1", "enginetest.exit-after": "400ms", "enginetest.exit-times": "1"},
			detail: "Healthy", after: 400*time.Millisecond + restartDelay + runsFor,
		}, {
			name: "ready by health", condition: planner.ConditionReady, change: check,
			labels: map[string]string{"enginetest.healthy-after": "2s"}, detail: "Healthy", after: 2 * time.Second,
		}, {
			name: "ready by its end", condition: planner.ConditionReady, labels: map[string]string{"enginetest.exit": "0"}, detail: "Exited",
		}, {
			name: "not ready by its end", condition: planner.ConditionReady, labels: map[string]string{"enginetest.exit": "2"},
			text: "container web exited (2)",
		}, {
			name: "started", condition: planner.ConditionStarted, detail: "Started",
		}, {
			name: "started and ended", condition: planner.ConditionStarted, labels: map[string]string{"enginetest.exit": "1"}, detail: "Started",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			onHost(t, enginetest.Options{}, func(h host) { test.check(h) })
		})
	}
}

// restartDelay is the engine's pause before it restarts a container for the
// first time.
const restartDelay = 100 * time.Millisecond

func (test awaitCase) check(h host) {
	d := h.driver()
	id := h.run("web", test.labels, test.change...)
	began := time.Now()
	out, err := h.do(h.Context(), d, planner.Await{
		Service: "web", Containers: handles(id), Names: []string{"web"}, For: test.condition, Timeout: test.timeout,
	})
	took := time.Since(began)
	switch {
	case test.text == "" && (err != nil || out.Detail != test.detail):
		h.Errorf("detail %q, error %v", out.Detail, err)
	case test.text != "" && (err == nil || !strings.HasPrefix(err.Error(), test.text)):
		h.Errorf("error %v, want %q", err, test.text)
	}
	if took < test.after || took > test.after+5*time.Millisecond {
		h.Errorf("noticed after %v, want %v", took, test.after)
	}
}

func TestAwaitTellsWhatTheContainerSaid(t *testing.T) {
	onHost(t, enginetest.Options{}, func(h host) {
		d := h.driver()
		id := h.run("db", map[string]string{
			"enginetest.unhealthy-after": "1s", "enginetest.health-output": "connection refused",
			"enginetest.stdout": strings.Repeat("old\n", 20) + "starting\n", "enginetest.stderr": "cannot lock\n",
		}, probed)
		_, err := h.do(h.Context(), d, planner.Await{
			Service: "db", Containers: handles(id), Names: []string{"db"}, For: planner.ConditionHealthy,
		})
		var wait *WaitError
		if !errors.As(err, &wait) {
			h.Fatalf("error %v", err)
		}
		if n := len(wait.Probes); n == 0 || wait.Probes[n-1].Output != "connection refused" || wait.Probes[n-1].ExitCode != 1 {
			h.Errorf("probes %+v", wait.Probes)
		}
		if n := len(wait.Logs); n != keptLines || wait.Logs[n-2] != "starting" || wait.Logs[n-1] != "cannot lock" {
			h.Errorf("logs %q", wait.Logs)
		}
	})
}

func TestAwaitWaitsForEachContainer(t *testing.T) {
	onHost(t, enginetest.Options{}, func(h host) {
		d := h.driver()
		fast := h.run("fast", map[string]string{"enginetest.healthy-after": "1s"}, probed)
		slow := h.run("slow", map[string]string{"enginetest.healthy-after": "3s"}, probed)
		began := time.Now()
		var reached []string
		_, err := d.Do(h.Context(), planner.Step{Op: planner.Await{
			Service: "web", Containers: handles(slow, fast), Names: []string{"slow", "fast"}, For: planner.ConditionHealthy,
		}}, Inputs{report: func(p Progress) { reached = append(reached, p.ID+" "+p.Status) }})
		if err != nil || time.Since(began) < 3*time.Second {
			h.Errorf("error %v after %v", err, time.Since(began))
		}
		if got := strings.Join(reached, ", "); got != "slow health: starting, fast health: starting, fast Healthy, slow Healthy" {
			h.Errorf("reached %s", got)
		}
	})
}

func TestAwaitFailsAtOnceWhenOneFails(t *testing.T) {
	onHost(t, enginetest.Options{}, func(h host) {
		d := h.driver()
		good := h.run("good", map[string]string{"enginetest.health": "never"}, probed)
		bad := h.run("bad", map[string]string{"enginetest.unhealthy-after": "2s"}, probed)
		began := time.Now()
		_, err := h.do(h.Context(), d, planner.Await{
			Service: "web", Containers: handles(good, bad), Names: []string{"good", "bad"}, For: planner.ConditionHealthy,
		})
		if err == nil || err.Error() != "container bad is unhealthy" || time.Since(began) > 2*time.Second+5*time.Millisecond {
			h.Errorf("error %v after %v", err, time.Since(began))
		}
	})
}

func TestAwaitIgnoresHealthFromBeforeTheStart(t *testing.T) {
	onHost(t, enginetest.Options{}, func(h host) {
		id := h.run("web", map[string]string{"enginetest.healthy-after": "4s", "enginetest.unhealthy-after": "1s"}, probed)
		time.Sleep(2 * time.Second)
		if err := h.engine.API().ContainerRestart(h.Context(), id, container.StopOptions{}); err != nil {
			h.Fatal(err)
		}
		inspect, err := h.engine.API().ContainerInspect(h.Context(), id)
		if err != nil {
			h.Fatal(err)
		}
		inspect.State.Health.Status = container.Unhealthy // as seen in the moment after the start
		if detail, cause := judge(planner.ConditionHealthy, inspect.State); detail != "" || cause != "" {
			h.Errorf("a stale status counts: %q, %q", detail, cause)
		}
	})
}

func TestAwaitEndsWhenTheContainerIsRemoved(t *testing.T) {
	onHost(t, enginetest.Options{}, func(h host) {
		d := h.driver()
		id := h.run("web", map[string]string{"enginetest.health": "never"}, probed)
		removed := make(chan error, 1)
		time.AfterFunc(2*time.Second, func() {
			removed <- h.engine.API().ContainerRemove(h.Context(), id, container.RemoveOptions{Force: true})
		})
		_, err := h.do(h.Context(), d, planner.Await{
			Service: "web", Containers: handles(id), Names: []string{"web"}, For: planner.ConditionHealthy,
		})
		h.must(<-removed)
		var wait *WaitError
		if !errors.As(err, &wait) || (wait.Cause != CauseRemoved && wait.Cause != CauseExited) {
			h.Errorf("error %v", err)
		}
	})
}

func TestAwaitSurvivesABrokenEventStream(t *testing.T) {
	onHost(t, enginetest.Options{}, func(h host) {
		d := h.driver()
		id := h.run("web", map[string]string{"enginetest.healthy-after": "2s"}, probed)
		time.AfterFunc(1999*time.Millisecond, h.fake.DropEventStreams)
		began := time.Now()
		_, err := h.do(h.Context(), d, planner.Await{
			Service: "web", Containers: handles(id), Names: []string{"web"}, For: planner.ConditionHealthy,
		})
		if took := time.Since(began); err != nil || took > 2*time.Second+reopenFirst+openAfter {
			h.Errorf("error %v after %v", err, took)
		}
	})
}

func TestAwaitLooksFromTimeToTimeWithoutEvents(t *testing.T) {
	onHost(t, enginetest.Options{}, func(h host) {
		d := h.driver()
		// A container of another project: the stream does not tell of it.
		id := h.run("web", map[string]string{"enginetest.healthy-after": "2s", project.LabelProject: "other"}, probed)
		began := time.Now()
		_, err := h.do(h.Context(), d, planner.Await{
			Service: "web", Containers: handles(id), Names: []string{"web"}, For: planner.ConditionHealthy,
		})
		if took := time.Since(began); err != nil || took < safetyInspect || took > safetyInspect+5*time.Millisecond {
			h.Errorf("error %v after %v", err, took)
		}
	})
}

func TestAwaitCanBeLeftWhileTheStreamOpens(t *testing.T) {
	onHost(t, enginetest.Options{}, func(h host) {
		h.fake.Fault(func(r enginetest.Request) enginetest.Action {
			return enginetest.Action{Hang: r.Op == "SystemEvents"}
		})
		d := h.driver()
		id := h.run("web", map[string]string{"enginetest.health": "never"}, probed)
		ctx, cancel := context.WithTimeout(h.Context(), time.Second)
		defer cancel()
		_, err := h.do(ctx, d, planner.Await{
			Service: "web", Containers: handles(id), Names: []string{"web"}, For: planner.ConditionHealthy,
		})
		if !errors.Is(err, context.DeadlineExceeded) {
			h.Errorf("error %v", err)
		}
	})
}

func TestAwaitGivesUpOnAnEngineThatStaysAway(t *testing.T) {
	onHost(t, enginetest.Options{}, func(h host) {
		d := h.driver()
		id := h.run("web", map[string]string{"enginetest.health": "never"}, probed)
		time.AfterFunc(2*time.Second, func() { h.fake.SetReachable(false) })
		began := time.Now()
		_, err := h.do(h.Context(), d, planner.Await{
			Service: "web", Containers: handles(id), Names: []string{"web"}, For: planner.ConditionHealthy,
		})
		if kind := engine.KindOf(err); kind != engine.Unreachable {
			h.Errorf("kind %q, error %v", kind, err)
		}
		if took := time.Since(began); took < 2*time.Second+reopenGiveUp || took > 2*time.Second+reopenGiveUp+3*reopenSlow {
			h.Errorf("gave up after %v", took)
		}
	})
}

func TestAwaitOutlastsADaemonRestart(t *testing.T) {
	onHost(t, enginetest.Options{}, func(h host) {
		d := h.driver()
		id := h.run("web", map[string]string{"enginetest.healthy-after": "8s"}, probed)
		time.AfterFunc(2*time.Second, func() { h.fake.SetReachable(false) })
		time.AfterFunc(7*time.Second, func() { h.fake.SetReachable(true) })
		_, err := h.do(h.Context(), d, planner.Await{
			Service: "web", Containers: handles(id), Names: []string{"web"}, For: planner.ConditionHealthy,
		})
		if err != nil {
			h.Error(err)
		}
	})
}

func TestAwaitEndsWithItsContext(t *testing.T) {
	onHost(t, enginetest.Options{}, func(h host) {
		d := h.driver()
		id := h.run("web", map[string]string{"enginetest.health": "never"}, probed)
		left := errors.New("user left")
		ctx, cancel := context.WithCancelCause(h.Context())
		time.AfterFunc(time.Second, func() { cancel(left) })
		began := time.Now()
		_, err := h.do(ctx, d, planner.Await{
			Service: "web", Containers: handles(id), Names: []string{"web"}, For: planner.ConditionHealthy,
		})
		if !errors.Is(err, left) || time.Since(began) != time.Second {
			h.Errorf("error %v after %v", err, time.Since(began))
		}
	})
}
