package runtime

import (
	"strings"
	"testing"

	"github.com/gocompose/gocompose/internal/enginetest"
	"github.com/gocompose/gocompose/project"
)

func TestTop(t *testing.T) {
	onHost(t, enginetest.Options{}, func(h host) {
		h.service("app-web-2", "web", 2, testImage)
		h.service("app-web-1", "web", 1, testImage)
		h.service("app-db-1", "db", 1, testImage)
		h.service("app-db-run-1", "db", 0, testImage, label(project.LabelOneOff, "True"))
		h.service("app-job-1", "job", 1, testImage, label("enginetest.exit", "0"))
		h.service("other-db-1", "db", 1, testImage, label(project.LabelProject, "other"))
		for _, c := range []struct {
			services []string
			want     string
		}{
			{nil, "app-db-1 app-db-run-1 app-web-1 app-web-2"},
			{[]string{"web", "job", "nope"}, "app-web-1 app-web-2"},
			{[]string{"job"}, ""},
		} {
			found, err := Top(h.Context(), h.engine, testProject, c.services)
			h.must(err)
			var names []string
			for _, p := range found {
				names = append(names, p.Container.Name)
				if len(p.Rows) != 1 || p.Rows[0][len(p.Titles)-1] != "/serve" {
					t.Errorf("%s: %v %v", p.Container.Name, p.Titles, p.Rows)
				}
			}
			if got := strings.Join(names, " "); got != c.want {
				t.Errorf("%v: %s, want %s", c.services, got, c.want)
			}
		}
		h.fake.Fault(func(r enginetest.Request) enginetest.Action {
			if r.Op != "ContainerTop" {
				return enginetest.Action{}
			}
			return enginetest.Action{Status: 409, Message: "Container is restarting, wait until the container is running"}
		})
		if _, err := Top(h.Context(), h.engine, testProject, nil); err == nil {
			t.Error("no error")
		}
	})
}
