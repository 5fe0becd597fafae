package runtime

import (
	"testing"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/network"
	"github.com/google/go-cmp/cmp"

	"github.com/gocompose/gocompose/planner"
)

func TestStatusText(t *testing.T) {
	for _, test := range []struct {
		status string
		health planner.Health
		code   int
	}{
		{"Up 2 minutes", planner.NoHealth, 0},
		{"Up 2 minutes (healthy)", planner.Healthy, 0},
		{"Up Less than a second (health: starting)", planner.Starting, 0},
		{"Up 3 weeks (unhealthy)", planner.Unhealthy, 0},
		{"Up 5 minutes (Paused)", planner.NoHealth, 0},
		{"Exited (137) 3 hours ago", planner.NoHealth, 137},
		{"Exited (0) About a minute ago", planner.NoHealth, 0},
		{"Restarting (3) 5 seconds ago", planner.NoHealth, 3},
		{"Created", planner.NoHealth, 0},
		{"Removal In Progress", planner.NoHealth, 0},
		{"Dead", planner.NoHealth, 0},
		{"", planner.NoHealth, 0},
	} {
		if got := healthFrom(test.status); got != test.health {
			t.Errorf("%q: health %q", test.status, got)
		}
		if got := exitCodeFrom(test.status); got != test.code {
			t.Errorf("%q: exit code %d", test.status, got)
		}
	}
}

func TestNameAmongLinkNames(t *testing.T) {
	for _, test := range []struct {
		names []string
		want  string
	}{
		{[]string{"/web"}, "web"},
		{[]string{"/other/db", "/db", "/third/alias"}, "db"},
		{nil, ""},
	} {
		if got := nameFrom(test.names); got != test.want {
			t.Errorf("%q: %q, want %q", test.names, got, test.want)
		}
	}
}

// TestNetworksOfAContainer: Podman gives the name of a network for its ID, which
// says nothing of whether it still is the same network.
func TestNetworksOfAContainer(t *testing.T) {
	got := containerOf(container.Summary{NetworkSettings: &container.NetworkSettingsSummary{
		Networks: map[string]*network.EndpointSettings{
			"docker": {NetworkID: "0827827765c4"}, "none": nil, "podman": {NetworkID: "podman"},
		},
	}})
	want := []planner.Attachment{{Network: "docker", ID: "0827827765c4"}, {Network: "none"}, {Network: "podman"}}
	if diff := cmp.Diff(want, got.Networks); diff != "" {
		t.Error(diff)
	}
}
