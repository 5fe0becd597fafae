package runtime

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/network"
	"github.com/docker/docker/api/types/volume"

	"github.com/gocompose/gocompose/internal/spec"
	"github.com/gocompose/gocompose/planner"
	"github.com/gocompose/gocompose/project"
)

func compareNames(aName, aID, bName, bID string) int {
	return cmp.Or(cmp.Compare(aName, bName), cmp.Compare(aID, bID))
}

func containerOf(c container.Summary) planner.Container {
	out := planner.Container{
		ID:         c.ID,
		Name:       nameFrom(c.Names),
		Service:    c.Labels[project.LabelService],
		Number:     numberOf(c.Labels),
		OneOff:     isOneOff(c.Labels),
		Phase:      planner.Phase(c.State),
		Health:     healthFrom(c.Status),
		ExitCode:   exitCodeFrom(c.Status),
		Created:    time.Unix(c.Created, 0),
		Labels:     c.Labels,
		Hash:       c.Labels[project.LabelConfigHash],
		ImageID:    c.ImageID,
		ImageLabel: c.Labels[project.LabelImage],
		ImageRef:   c.Image,
		Digests:    spec.ParseDigests(c.Labels[project.LabelFields]),
	}
	out.ImageContent = spec.SplitImageContent(out.Digests)
	if c.NetworkSettings != nil {
		for _, name := range slices.Sorted(maps.Keys(c.NetworkSettings.Networks)) {
			out.Networks = append(out.Networks, planner.Attachment{Network: name, ID: networkID(name, c.NetworkSettings.Networks[name])})
		}
	}
	for _, m := range c.Mounts {
		out.Mounts = append(out.Mounts, planner.Mount{Type: string(m.Type), Name: m.Name, Source: m.Source, Destination: m.Destination})
	}
	slices.SortFunc(out.Mounts, func(a, b planner.Mount) int { return cmp.Compare(a.Destination, b.Destination) })
	return out
}

// networkID is empty where the engine does not tell: Podman gives the name in its
// place.
func networkID(name string, on *network.EndpointSettings) string {
	if on == nil || on.NetworkID == name {
		return ""
	}
	return on.NetworkID
}

// numberOf is the container number; a hook's helper has none.
func numberOf(labels map[string]string) int {
	number, err := strconv.Atoi(labels[project.LabelNumber])
	if err != nil {
		return 0
	}
	return number
}

func isOneOff(labels map[string]string) bool {
	return strings.EqualFold(labels[project.LabelOneOff], "true")
}

// nameFrom picks the container's own name: legacy links add names of the form
// /OTHER/ALIAS.
func nameFrom(names []string) string {
	for _, name := range names {
		if name = strings.TrimPrefix(name, "/"); !strings.Contains(name, "/") {
			return name
		}
	}
	return ""
}

// The container list says health and exit status in its status text only:
// "Up 2 minutes (healthy)", "Up 1 second (health: starting)",
// "Exited (137) 3 hours ago" (API 1.41 to 1.51).
func healthFrom(status string) planner.Health {
	switch {
	case !strings.HasPrefix(status, "Up"):
		return planner.NoHealth
	case strings.Contains(status, "(healthy)"):
		return planner.Healthy
	case strings.Contains(status, "(unhealthy)"):
		return planner.Unhealthy
	case strings.Contains(status, "(health: starting)"):
		return planner.Starting
	default:
		return planner.NoHealth
	}
}

func exitCodeFrom(status string) int {
	word, rest, _ := strings.Cut(status, " (")
	digits, _, _ := strings.Cut(rest, ")")
	code, err := strconv.Atoi(digits)
	if err != nil || (word != "Exited" && word != "Restarting") {
		return 0
	}
	return code
}

func networkOf(n network.Summary) planner.Network {
	return planner.Network{
		ID:      n.ID,
		Name:    n.Name,
		Key:     n.Labels[project.LabelNetwork],
		Project: n.Labels[project.LabelProject],
		Hash:    n.Labels[project.LabelConfigHash],
	}
}

func volumeOf(v *volume.Volume) planner.Volume {
	return planner.Volume{
		Name:    v.Name,
		Key:     v.Labels[project.LabelVolume],
		Project: v.Labels[project.LabelProject],
		Hash:    v.Labels[project.LabelConfigHash],
	}
}
