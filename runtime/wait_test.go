package runtime

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/docker/docker/api/types/container"
	gocmp "github.com/google/go-cmp/cmp"

	"github.com/gocompose/gocompose/internal/enginetest"
	"github.com/gocompose/gocompose/project"
)

// change scripts a container before it is made.
type change = func(*container.Config, *container.HostConfig)

// endsAfter scripts a container that ends by itself.
func endsAfter(code, after string) (exit, later change) {
	return label("enginetest.exit", code), label("enginetest.exit-after", after)
}

func TestWait(t *testing.T) {
	onHost(t, enginetest.Options{}, func(h host) {
		names := map[string]string{}
		run := func(name, service, code, after string, more ...change) {
			exit, later := endsAfter(code, after)
			names[h.service(name, service, 1, testImage, append(more, exit, later)...)] = name
		}
		run("app-slow-1", "slow", "3", "20s")
		run("app-fast-1", "fast", "4", "10s")
		run("app-fast-run-1", "fast", "0", "15s", label(project.LabelOneOff, "True"))
		run("app-over-1", "over", "5", "0s")
		h.service("app-other-1", "other", 1, testImage)
		wait(time.Second)
		var got []string
		began := time.Now()
		h.must(Wait(h.Context(), h.engine, testProject, []string{"slow", "fast", "over", "nope"}, func(e Ended) error {
			got = append(got, names[e.ID]+" "+string(rune('0'+e.ExitCode)))
			return nil
		}))
		want := []string{"app-fast-1 4", "app-fast-run-1 0", "app-slow-1 3"}
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		if took := time.Since(began); took != 19*time.Second {
			t.Errorf("took %v", took)
		}
	})
}

func TestWaitThatFails(t *testing.T) {
	onHost(t, enginetest.Options{}, func(h host) {
		exit, later := endsAfter("0", "1s")
		h.service("app-web-1", "web", 1, testImage)
		h.service("app-job-1", "job", 1, testImage, exit, later)
		nothing := func(Ended) error { return nil }
		err := Wait(h.Context(), h.engine, testProject, []string{"nope"}, nothing)
		if err == nil || err.Error() != `no containers for project "app"` {
			t.Errorf("no such service: %v", err)
		}
		closed := errors.New("closed")
		if err := Wait(h.Context(), h.engine, testProject, nil, func(Ended) error { return closed }); !errors.Is(err, closed) {
			t.Errorf("told in vain: %v", err)
		}
		ctx, cancel := context.WithTimeout(h.Context(), time.Second)
		defer cancel()
		if err := Wait(ctx, h.engine, testProject, []string{"web"}, nothing); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("broken off: %v", err)
		}
		h.fake.Fault(func(r enginetest.Request) enginetest.Action {
			if r.Op != "ContainerWait" {
				return enginetest.Action{}
			}
			return enginetest.Action{Status: 500, Message: "out of order"}
		})
		if err := Wait(h.Context(), h.engine, testProject, nil, nothing); err == nil || !strings.Contains(err.Error(), "out of order") {
			t.Errorf("engine: %v", err)
		}
	})
}
