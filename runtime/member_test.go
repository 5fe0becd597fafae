package runtime

import (
	"errors"
	"testing"

	"github.com/gocompose/gocompose/internal/enginetest"
	"github.com/gocompose/gocompose/project"
)

func TestFindRunning(t *testing.T) {
	onHost(t, enginetest.Options{}, func(h host) {
		h.service("app-web-run-1", "web", 0, testImage, label(project.LabelOneOff, "True"))
		h.service("app-web-3", "web", 3, testImage)
		h.service("app-web-10", "web", 10, testImage)
		h.service("app-once-run-1", "once", 0, testImage, label(project.LabelOneOff, "True"))
		h.service("app-job-1", "job", 1, testImage, label("enginetest.exit", "0"))
		paused := h.service("app-ice-1", "ice", 1, testImage)
		h.must(h.engine.API().ContainerPause(h.Context(), paused))
		h.service("other-db-1", "db", 1, testImage, label(project.LabelProject, "other"))
		for _, c := range []struct {
			service string
			number  int
			want    string // a name or an error
		}{
			{"web", 0, "app-web-3"},
			{"web", -1, "app-web-3"},
			{"web", 10, "app-web-10"},
			{"web", 1, `service "web" is not running container #1`},
			{"once", 0, "app-once-run-1"},
			{"once", 1, `service "once" is not running container #1`},
			{"ice", 0, "app-ice-1"},
			{"job", 0, `service "job" is not running`},
			{"job", 1, `service "job" is not running container #1`},
			{"db", 0, `service "db" is not running`},
			{"nope", 0, `service "nope" is not running`},
		} {
			found, err := FindRunning(h.Context(), h.engine, Member{Project: testProject, Service: c.service, Number: c.number})
			got := found.Name
			var stopped *NotRunningError
			switch {
			case errors.As(err, &stopped):
				got = stopped.Error()
			case err != nil:
				t.Fatal(err)
			}
			if got != c.want {
				t.Errorf("%s %d: %s, want %s", c.service, c.number, got, c.want)
			}
		}
	})
}
