package runtime

import (
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/gocompose/gocompose/internal/enginetest"
	"github.com/gocompose/gocompose/project"
)

func TestListImages(t *testing.T) {
	id := func(digit string) string { return "sha256:" + strings.Repeat(digit, 64) }
	extra := []enginetest.Image{
		{Ref: "registry.example:5000/db:17", ID: id("a"), Platform: "linux/arm64/v8", Size: 1 << 20},
		{Ref: "moved:1", ID: id("b")},
	}
	onHost(t, enginetest.Options{Images: extra}, func(h host) {
		h.service("app-web-2", "web", 2, "moved:1")
		h.service("app-web-1", "web", 1, "moved:1")
		h.service("app-db-1", "db", 1, "registry.example:5000/db:17")
		h.service("app-db-run-1", "db", 0, "registry.example:5000/db:17", label(project.LabelOneOff, "True"))
		h.service("other-db-1", "db", 1, testImage, label(project.LabelProject, "other"))
		h.must(h.fake.AddImages(enginetest.Image{Ref: "moved:1", ID: id("d")}))
		h.fake.ResetJournal()
		got, err := ListImages(h.Context(), h.engine, testProject, nil)
		h.must(err)
		made := time.Unix(1735689600, 0).UTC()
		db := ListedImage{
			ID: id("a"), Container: "app-db-1", Repository: "registry.example:5000/db", Tag: "17",
			Platform: "linux/arm64/v8", Size: 1 << 20, Tagged: made,
		}
		once := db
		once.Container = "app-db-run-1"
		web := ListedImage{
			ID: id("b"), Container: "app-web-1", Repository: "sha256", Tag: strings.Repeat("b", 64),
			Platform: "linux/amd64", Size: 10 << 20, Tagged: made,
		}
		second := web
		second.Container = "app-web-2"
		if diff := gocmp.Diff([]ListedImage{db, once, web, second}, got); diff != "" {
			t.Error(diff)
		}
		if calls := len(h.fake.Journal()); calls != 3 {
			t.Errorf("%d requests for a list and two images", calls)
		}
		got, err = ListImages(h.Context(), h.engine, testProject, []string{"web", "nope"})
		h.must(err)
		if diff := gocmp.Diff([]ListedImage{web, second}, got); diff != "" {
			t.Error(diff)
		}
	})
}

// TestListImagesThatAreGone: the engine refuses to tell of one image and fails
// for another.
func TestListImagesThatAreGone(t *testing.T) {
	onHost(t, enginetest.Options{}, func(h host) {
		h.service("app-web-1", "web", 1, testImage)
		status := 404
		h.fake.Fault(func(r enginetest.Request) enginetest.Action {
			if r.Op != "ImageInspect" {
				return enginetest.Action{}
			}
			return enginetest.Action{Status: status, Message: "No such image: " + testImage}
		})
		got, err := ListImages(h.Context(), h.engine, testProject, nil)
		h.must(err)
		if len(got) > 0 {
			t.Errorf("got %v", got)
		}
		status = 500
		if _, err := ListImages(h.Context(), h.engine, testProject, nil); err == nil {
			t.Error("no error")
		}
	})
}
