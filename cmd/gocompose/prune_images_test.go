package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/docker/docker/api/types/filters"
	"github.com/docker/docker/api/types/image"

	"github.com/gocompose/gocompose/project"
)

// ownBuild is a service whose image differs by a label, and one that starts from
// the same image and is not the project's.
const ownBuild = `
services:
  web:
    build:
      dockerfile_inline: |
        FROM gocompose-test/sleep
        LABEL version=%d
  other: {image: gocompose-test/sleep}
`

// TestUpPrunesImages builds an image anew and anew: what it was before goes once
// no container is left of it, and nothing else goes.
func TestUpPrunesImages(t *testing.T) {
	onEngines(t, func(t *testing.T, r *realPlace) {
		t.Cleanup(func() { r.must(t, "down", "-t", "0", "--rmi", "local") })
		builds := func(version int, flags ...string) string {
			r.write(t, fmt.Sprintf(ownBuild, version))
			return r.must(t, append([]string{"up", "-d", "--build", "-t", "0"}, flags...)...)
		}
		builds(1)
		first := r.ownImages(t)
		builds(2)
		if got := r.ownImages(t); len(got) != 2 {
			t.Errorf("without the flag there are %v", got)
		}
		said := builds(3, "--prune-images")
		third := r.ownImages(t)
		if len(third) != 2 || !slices.Contains(third, first[0]) {
			t.Errorf("there are %v, not the first, of which this run knows nothing, and the third", third)
		}
		if !strings.Contains(said, " Removed\n") {
			t.Errorf("it says\n%s", said)
		}
		if said := builds(3, "--prune-images"); strings.Contains(said, "Remov") || !slices.Equal(r.ownImages(t), third) {
			t.Errorf("nothing changed, and there are %v, with\n%s", r.ownImages(t), said)
		}
		web := slices.DeleteFunc(third, func(id string) bool { return id == first[0] })[0]
		if err := r.api.ImageTag(t.Context(), web, r.name+"-backup:1"); err != nil {
			t.Fatal(err)
		}
		if said := builds(4, "--prune-images"); !strings.Contains(said, " Skipped it is kept: its name is "+r.name+"-backup:1 now\n") {
			t.Errorf("an image with another name:\n%s", said)
		}
		r.removeImage(t, r.name+"-backup:1")
		r.removeImage(t, first[0])
		if !r.hasImage(t, "gocompose-test/sleep") {
			t.Error("somebody else's image is gone")
		}
	})
}

// ownImages are those with the project's label, sorted.
func (r *realPlace) ownImages(t *testing.T) []string {
	t.Helper()
	list, err := r.api.ImageList(t.Context(), image.ListOptions{
		Filters: filters.NewArgs(filters.Arg("label", project.LabelProject+"="+r.name)),
	})
	if err != nil {
		t.Fatal(err)
	}
	ids := make([]string, len(list))
	for i, one := range list {
		ids[i] = one.ID
	}
	slices.Sort(ids)
	return ids
}
