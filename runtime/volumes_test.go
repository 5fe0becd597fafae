package runtime

import (
	"strings"
	"testing"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/volume"
	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/gocompose/gocompose/internal/enginetest"
	"github.com/gocompose/gocompose/project"
)

func TestListVolumes(t *testing.T) {
	onHost(t, enginetest.Options{}, func(h host) {
		for name, owner := range map[string]string{"app_data": testProject, "app_logs": testProject, "app_spare": testProject, "other_data": "other"} {
			_, err := h.engine.API().VolumeCreate(h.Context(), volume.CreateOptions{
				Name: name, Labels: map[string]string{project.LabelProject: owner},
			})
			h.must(err)
		}
		mounts := func(binds ...string) func(*container.Config, *container.HostConfig) {
			return func(_ *container.Config, hc *container.HostConfig) { hc.Binds = binds }
		}
		h.service("app-web-1", "web", 1, testImage, mounts("app_data:/data", "other_data:/other"))
		h.service("app-db-1", "db", 1, testImage, mounts("app_data:/data", "app_logs:/logs", "/etc:/etc"), label("enginetest.exit", "0"))
		h.service("app-bare-1", "bare", 1, testImage)
		for services, want := range map[string]string{
			"": "app_data app_logs app_spare", "web": "app_data", "db web": "app_data app_logs", "bare": "", "nope": "",
		} {
			found, err := ListVolumes(h.Context(), h.engine, testProject, strings.Fields(services))
			h.must(err)
			var names []string
			for _, v := range found {
				names = append(names, v.Name)
			}
			if got := strings.Join(names, " "); got != want {
				t.Errorf("%q: %s, want %s", services, got, want)
			}
		}
		found, err := ListVolumes(h.Context(), h.engine, "other", nil)
		h.must(err)
		want := []ListedVolume{{
			Name: "other_data", Driver: "local", Scope: "local", Labels: map[string]string{project.LabelProject: "other"},
		}}
		if diff := gocmp.Diff(want, found, cmpopts.IgnoreFields(ListedVolume{}, "Mountpoint")); diff != "" {
			t.Error(diff)
		}
		for _, op := range []string{"VolumeList", "ContainerList"} {
			h.fake.Fault(func(r enginetest.Request) enginetest.Action {
				if r.Op != op {
					return enginetest.Action{}
				}
				return enginetest.Action{Status: 500, Message: "out of order"}
			})
			if _, err := ListVolumes(h.Context(), h.engine, testProject, []string{"web"}); err == nil {
				t.Errorf("%s: no error", op)
			}
		}
	})
}
