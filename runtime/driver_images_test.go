package runtime

import (
	"testing"

	"github.com/docker/docker/api/types/image"

	"github.com/gocompose/gocompose/internal/engine"
	"github.com/gocompose/gocompose/internal/enginetest"
	"github.com/gocompose/gocompose/planner"
)

func TestSupersededImagesGo(t *testing.T) {
	ours := map[string]string{"com.docker.compose.project": testProject}
	for name, test := range map[string]struct {
		labels map[string]string
		change func(h host, id string)
		goes   bool
	}{
		"unused":   {labels: ours, goes: true},
		"foreign":  {labels: map[string]string{"com.docker.compose.project": "other"}},
		"no label": {},
		"named": {labels: ours, change: func(h host, id string) {
			if err := h.engine.API().ImageTag(h.Context(), id, "backup:1"); err != nil {
				h.Fatal(err)
			}
		}},
		"gone": {labels: ours, goes: true, change: func(h host, id string) {
			if _, err := h.engine.API().ImageRemove(h.Context(), id, image.RemoveOptions{}); err != nil {
				h.Fatal(err)
			}
		}},
	} {
		onHost(t, enginetest.Options{Images: []enginetest.Image{{Ref: "own:1", Labels: test.labels}}}, func(h host) {
			found, err := h.engine.API().ImageInspect(h.Context(), "own:1")
			if err != nil {
				h.Fatal(err)
			}
			if err := h.fake.AddImages(enginetest.Image{Ref: "own:1", Cmd: []string{"new"}, Labels: ours}); err != nil {
				h.Fatal(err)
			}
			if test.change != nil {
				test.change(h, found.ID)
			}
			if _, err := h.do(h.Context(), h.driver(), planner.RemoveImage{Image: "own:1", ID: found.ID}); (err == nil) != test.goes {
				h.Errorf("%s: %v", name, err)
			}
			_, err = h.engine.API().ImageInspect(h.Context(), found.ID)
			if engine.IsNotFound(err) != test.goes {
				h.Errorf("%s: the old image: %v", name, err)
			}
			if _, err := h.engine.API().ImageInspect(h.Context(), "own:1"); err != nil {
				h.Errorf("%s: the new image: %v", name, err)
			}
		})
	}
}

func TestSupersededImageInUseStays(t *testing.T) {
	ours := map[string]string{"com.docker.compose.project": testProject}
	onHost(t, enginetest.Options{}, func(h host) {
		old := enginetest.Image{Ref: testImage, Cmd: []string{"old"}, Labels: ours}
		if err := h.fake.AddImages(old); err != nil {
			h.Fatal(err)
		}
		found, err := h.engine.API().ContainerInspect(h.Context(), h.create("visitor", nil))
		if err != nil {
			h.Fatal(err)
		}
		old.Cmd = []string{"new"}
		if err := h.fake.AddImages(old); err != nil {
			h.Fatal(err)
		}
		if _, err := h.do(h.Context(), h.driver(), planner.RemoveImage{Image: testImage, ID: found.Image}); engine.KindOf(err) != engine.ImageInUse {
			h.Errorf("error %v", err)
		}
		if _, err := h.engine.API().ImageInspect(h.Context(), found.Image); err != nil {
			h.Errorf("the image that a container was made from: %v", err)
		}
	})
}
