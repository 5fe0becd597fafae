package runtime

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/docker/docker/api/types/container"

	"github.com/gocompose/gocompose/internal/enginetest"
	"github.com/gocompose/gocompose/project"
)

func TestWatchEvents(t *testing.T) {
	onHost(t, enginetest.Options{}, func(h host) {
		h.service("app-old-1", "old", 1, testImage)
		wait(time.Minute)
		h.service("app-web-1", "web", 1, testImage, label("own", "label"), label(project.LabelFields, "x"))
		h.service("app-db-1", "db", 1, testImage)
		h.service("app-web-run-1", "web", 0, testImage, label(project.LabelOneOff, "True"))
		h.service("other-web-1", "web", 1, testImage, label(project.LabelProject, "other"))
		wait(5 * time.Second) // durations count in whole seconds
		h.at(10*time.Second, func() {
			h.must(h.engine.API().ContainerStop(h.Context(), "app-web-1", container.StopOptions{}))
		})
		h.at(time.Minute, func() {
			h.must(h.engine.API().ContainerRestart(h.Context(), "app-web-1", container.StopOptions{}))
		})
		now := time.Now()
		for _, c := range []struct{ services, since, until, want string }{
			{"", "30s", "0s", "create app-web-1, start app-web-1, create app-db-1, start app-db-1"},
			{"web", "30s", timestamp(now.Add(20 * time.Second)), "create app-web-1, start app-web-1, kill app-web-1, stop app-web-1, die app-web-1"},
			{"nope", "30s", "1s", ""},
			{"old", "2m", "0s", "create app-old-1, start app-old-1"},
		} {
			var got []string
			err := WatchEvents(h.Context(), h.engine, WatchOptions{
				Project: testProject, Services: strings.Fields(c.services), Since: c.since, Until: c.until,
			}, func(e ContainerEvent) error {
				got = append(got, e.Action+" "+e.Attributes["name"])
				if e.Service != "web" {
					return nil
				}
				if e.Attributes["own"] != "label" || e.Attributes[project.LabelService]+e.Attributes[project.LabelFields] != "" || e.ID == "" || e.Time.Before(now.Add(-6*time.Second)) {
					t.Errorf("%+v", e)
				}
				return nil
			})
			h.must(err)
			if got := strings.Join(got, ", "); got != c.want {
				t.Errorf("%q since %s: %s, want %s", c.services, c.since, got, c.want)
			}
		}
	})
}

func TestWatchEventsThatEnds(t *testing.T) {
	onHost(t, enginetest.Options{}, func(h host) {
		h.service("app-web-1", "web", 1, testImage)
		watch := func(ctx context.Context, o WatchOptions, err error) error {
			o.Project = testProject
			return WatchEvents(ctx, h.engine, o, func(ContainerEvent) error { return err })
		}
		closed := errors.New("closed")
		if err := watch(h.Context(), WatchOptions{Since: "1h"}, closed); !errors.Is(err, closed) {
			t.Errorf("told in vain: %v", err)
		}
		if err := watch(h.Context(), WatchOptions{Since: "soon"}, nil); err == nil {
			t.Error("no error for a time that is none")
		}
		ctx, cancel := context.WithTimeout(h.Context(), time.Hour)
		defer cancel()
		if err := watch(ctx, WatchOptions{}, nil); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("broken off: %v", err)
		}
		h.at(time.Minute, func() { h.must(h.fake.SetReachable(false)) })
		if err := watch(h.Context(), WatchOptions{}, nil); err == nil || errors.Is(err, io.EOF) && err.Error() == "EOF" {
			t.Errorf("the engine went away: %v", err)
		}
		h.must(h.fake.SetReachable(true))
	})
}
