package main

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"
	"github.com/docker/docker/api/types/network"
	"github.com/docker/docker/api/types/volume"
	"github.com/docker/docker/client"

	"github.com/gocompose/gocompose/project"
)

// world is what a program may change: an engine in memory, or its project on an
// engine that others use, too.
type world struct {
	api     *client.Client
	project string // empty where the engine is the program's own
}

// state is what the engine says of containers, networks and volumes, less what
// differs from run to run; scrub leaves the same out of other texts.
func (w world) state(t *testing.T) (state map[string]any, scrub func(string) string) {
	t.Helper()
	own := filters.NewArgs()
	if w.project != "" {
		own.Add("label", project.LabelProject+"="+w.project)
	}
	list, err := w.api.ContainerList(t.Context(), container.ListOptions{All: true, Filters: own})
	if err != nil {
		t.Fatal(err)
	}
	state = map[string]any{}
	var ids [][2]string
	for _, c := range list {
		name := strings.TrimPrefix(c.Names[0], "/")
		ids = append(ids, [2]string{c.ID, "ID of " + name}, [2]string{c.ID[:12], "short ID of " + name})
		inspect, err := w.api.ContainerInspect(t.Context(), c.ID)
		if err != nil {
			t.Fatal(err)
		}
		found := map[string]any{
			"Config": inspect.Config, "HostConfig": inspect.HostConfig, "Mounts": inspect.Mounts,
			"Networks": inspect.NetworkSettings.Networks,
		}
		if w.project == "" { // elsewhere chance decides whether a job has ended by now
			found["State"] = fmt.Sprint(inspect.State.Status, " ", inspect.State.ExitCode)
		}
		state["container "+name] = found
	}
	w.addNetworks(t, own, state)
	w.addVolumes(t, own, state)
	scrub = scrubber(slices.Concat(ids, w.rules()))
	return normalised(t, state, scrub), scrub
}

func (w world) addNetworks(t *testing.T, own filters.Args, state map[string]any) {
	t.Helper()
	list, err := w.api.NetworkList(t.Context(), network.ListOptions{Filters: own})
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range list {
		state["network "+n.Name] = map[string]any{
			"Driver": n.Driver, "Options": n.Options, "Labels": n.Labels, "Internal": n.Internal,
			"Attachable": n.Attachable, "IPv6": n.EnableIPv6, "IPAM": n.IPAM.Driver,
		}
	}
}

func (w world) addVolumes(t *testing.T, own filters.Args, state map[string]any) {
	t.Helper()
	list, err := w.api.VolumeList(t.Context(), volume.ListOptions{Filters: own})
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range list.Volumes {
		state["volume "+v.Name] = map[string]any{"Driver": v.Driver, "Options": v.Options, "Labels": v.Labels}
	}
}

// rules leave out names of the project, identifiers, ages, and the numbers of
// processes and of ports that the engine chose.
func (w world) rules() [][2]string {
	rules := [][2]string{
		{`\r?\x1b\[K`, ""}, // which docker-compose also sends where there is no terminal
		{`\b[0-9a-f]{64}\b`, "ID"},
		{`-run-[0-9a-f]{12}\b`, "-run-SLUG"},
		{regexp.QuoteMeta(project.LabelVersion) + `=[^,"\s]*`, project.LabelVersion},
		{`\b[0-9a-f]{12}\b`, "ID"},
		{`\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?( \+0000 UTC|Z)?`, "TIME"},
		{`(Less than an?|About an?|\d+) (second|minute|hour|day|week|month|year)s?( ago)?`, "AGE"},
	}
	if w.project == "" {
		return rules
	}
	return append(rules, [][2]string{
		{regexp.QuoteMeta(w.project), "PROJECT"},
		{`\b3[2-9]\d{3}\b`, "PORT"},
	}...)
}

// normalised brings state into a form in which equal things are equal.
func normalised(t *testing.T, state map[string]any, scrub func(string) string) map[string]any {
	t.Helper()
	encoded, err := json.Marshal(state)
	if err != nil {
		t.Fatal(err)
	}
	var decoded map[string]any
	if err := json.Unmarshal([]byte(scrub(string(encoded))), &decoded); err != nil {
		t.Fatal(err)
	}
	normal, _ := normal("", decoded).(map[string]any)
	return normal
}

// normal leaves out addresses that the engine hands out, the labels that tell
// the two programs apart, and the order of lists that have none.
func normal(key string, value any) any {
	switch v := value.(type) {
	case map[string]any:
		for _, volatile := range []string{
			project.LabelFields, project.LabelVersion, project.LabelSlug, "EndpointID", "NetworkID", "SandboxID", "DNSNames",
			"MacAddress", "IPAddress", "Gateway", "GlobalIPv6Address", "IPv6Gateway", "IPPrefixLen",
		} {
			delete(v, volatile)
		}
		for k := range v {
			v[k] = normal(k, v[k])
		}
		if options, ok := v["VolumeOptions"].(map[string]any); ok && len(options) == 0 {
			delete(v, "VolumeOptions")
		}
	case []any:
		for i := range v {
			v[i] = normal(key, v[i])
		}
		if slices.Contains([]string{"Aliases", "Binds", "Links", "ExtraHosts", "SecurityOpt", "Ulimits", "Env", "Mounts"}, key) {
			slices.SortFunc(v, func(a, b any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
		}
	case string:
		if key == project.LabelDependsOn {
			parts := strings.Split(v, ",")
			slices.Sort(parts)
			return strings.Join(parts, ",")
		}
	}
	return value
}
