package spec_test

import (
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/gocompose/gocompose/internal/engine"
	"github.com/gocompose/gocompose/planner"
)

// TestReplacedParity compares the requests that replace containers whose
// environment changed, with the volumes that they inherit.
func TestReplacedParity(t *testing.T) {
	oracle := os.Getenv("GOCOMPOSE_TEST_ORACLE")
	if oracle == "" {
		t.Skip("GOCOMPOSE_TEST_ORACLE does not name docker-compose 2.40.3")
	}
	t.Setenv("DOCKER_CONFIG", t.TempDir())
	const file = "testdata/replaced/compose.yaml"
	for _, version := range []string{"1.41", "1.51"} {
		t.Run(version, func(t *testing.T) {
			twice := func(create creation) map[string]string {
				stage := func(name string) creation {
					return func(e *engine.Client, host string) {
						t.Setenv("STAGE", name)
						create(e, host)
					}
				}
				return requests(t, version, stage("one"), stage("two"))
			}
			theirs := twice(func(_ *engine.Client, host string) { compose(t, oracle, host, file, "create") })
			ours := twice(func(e *engine.Client, _ string) { apply(t, e, file, planner.UpOptions{NoStart: true}) })
			for _, path := range slices.Sorted(maps.Keys(merged(theirs, ours))) {
				// docker-compose forgets the options of an inherited volume.
				if theirs[path] != ours[path] && !strings.Contains(path, " VolumeOptions") {
					t.Errorf("%s is %s, and %s by docker-compose", path, ours[path], theirs[path])
				}
			}
		})
	}
}
