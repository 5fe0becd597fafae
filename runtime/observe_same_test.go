package runtime

import (
	"strings"
	"testing"

	"github.com/gocompose/gocompose/internal/enginetest"
	"github.com/gocompose/gocompose/planner"
)

// rebuilt is the image in other builds, of which all but the last have the same
// content.
func rebuilt() (first, again, changed enginetest.Image) {
	first = enginetest.Image{Ref: "web:1", Content: "files", ID: "sha256:" + strings.Repeat("1", 64), Labels: map[string]string{"a": "b"}}
	again, changed = first, first
	again.ID, changed.ID = "sha256:"+strings.Repeat("2", 64), "sha256:"+strings.Repeat("3", 64)
	changed.Content = "other files"
	return first, again, changed
}

func TestSameContentReplacesNothing(t *testing.T) {
	p := load(t, "services: {web: {image: \"web:1\", scale: 2}}")
	first, again, changed := rebuilt()
	relabelled := again
	relabelled.ID, relabelled.Labels = "", map[string]string{"a": "c"}
	for _, test := range []struct {
		name     string
		forgets  bool // containers of docker compose have recorded no content
		removed  bool // as the containerd store does with what has lost its name
		image    enginetest.Image
		replaces bool
		lookUps  int
	}{
		{"the very image", false, false, first, false, 1},
		{"the same content", false, false, again, false, 1},
		{"the same content, the old image gone", false, true, again, false, 1},
		{"other layers", false, false, changed, true, 1},
		{"other configuration", false, false, relabelled, true, 1},
		{"not recorded, the very image", true, false, first, false, 1},
		{"not recorded, the same content", true, false, again, false, 2},
		{"not recorded, other layers", true, false, changed, true, 2},
		{"not recorded, the old image gone", true, true, again, true, 2},
	} {
		onHost(t, enginetest.Options{Images: []enginetest.Image{first}}, func(h host) {
			h.mustUp(p, planner.UpOptions{})
			if err := h.fake.AddImages(test.image); err != nil {
				h.Fatal(err)
			}
			if test.removed {
				h.fake.Fault(func(r enginetest.Request) enginetest.Action {
					if r.Op == "ImageInspect" && strings.Contains(r.Target, first.ID) {
						return enginetest.Action{Status: 404, Message: "No such image: " + first.ID}
					}
					return enginetest.Action{}
				})
			}
			h.fake.ResetJournal()
			state, err := Observe(h.Context(), h.engine, p)
			if err == nil && test.forgets {
				for i := range state.Containers {
					state.Containers[i].ImageContent = ""
				}
				h.fake.ResetJournal()
				state, err = ObserveImages(h.Context(), h.engine, p, state)
			}
			if err != nil {
				h.Fatal(err)
			}
			plan, err := planner.Up(p, state, planner.UpOptions{})
			if err != nil {
				h.Fatal(err)
			}
			if n := h.count("ImageInspect"); plan.Empty() == test.replaces || n != test.lookUps {
				h.Errorf("%s: %d steps, %d look-ups", test.name, len(plan.Steps), n)
			}
		})
	}
}
