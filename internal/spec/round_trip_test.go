package spec_test

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/network"
	"github.com/docker/docker/api/types/versions"
	"github.com/docker/docker/client"

	"github.com/gocompose/gocompose/internal/spec"
	"github.com/gocompose/gocompose/planner"
	"github.com/gocompose/gocompose/project"
)

func roundTripVersions() []string { return []string{"1.41", "1.43", "1.44", "1.48", "1.51"} }

// TestRoundTrip creates the projects of testdata on engines in memory. What is
// observed then are the fields that are desired, and there is nothing to do.
func TestRoundTrip(t *testing.T) {
	t.Setenv("PARITY_SECRET", "not to be seen")
	for _, version := range roundTripVersions() {
		for _, file := range composeFiles(t) {
			t.Run(version+"/"+strings.TrimPrefix(file, "testdata/"), func(t *testing.T) {
				if oldest := neededVersion(t, file); versions.LessThan(version, oldest) {
					t.Skip("its keys need API", oldest)
				}
				dir := t.TempDir()
				if err := os.CopyFS(dir, os.DirFS(filepath.Dir(file))); err != nil {
					t.Fatal(err)
				}
				e := inMemory(t, version).engine
				p := apply(t, e, filepath.Join(dir, filepath.Base(file)), planner.UpOptions{NoStart: true})
				made := parity{project: p, engine: e}
				made.observed(t, "gocompose")
				if plan := made.plan(t, made.observe(t)); !plan.Empty() {
					t.Errorf("there is something to do: %s", describe(plan))
				}
			})
		}
	}
}

// TestRoundTripOfEveryKey does so for each key of a service in turn.
func TestRoundTripOfEveryKey(t *testing.T) {
	for _, version := range roundTripVersions() {
		t.Run(version, func(t *testing.T) {
			api := inMemory(t, version).engine.API()
			ipv6 := true
			for _, name := range []string{"app_default", "app_k"} {
				o := network.CreateOptions{}
				if name == "app_k" {
					o.EnableIPv6 = &ipv6
					o.IPAM = &network.IPAM{Config: []network.IPAMConfig{{Subnet: "10.9.0.0/24"}, {Subnet: "fd00:9::/64"}}}
				}
				if _, err := api.NetworkCreate(t.Context(), name, o); err != nil {
					t.Fatal(err)
				}
			}
			for _, key := range keysOf(reflect.TypeFor[types.ServiceConfig](), "") {
				t.Run(key, func(t *testing.T) {
					config := types.ServiceConfig{Name: "a", ContainerSpec: types.ContainerSpec{Image: "app"}}
					beside(key, &config)
					set(t, reflect.ValueOf(&config).Elem(), key, valueOf(key))
					p, s := withService(config)
					if key == "volumes[].type" {
						t.Skip("a named pipe is for other engines")
					}
					f := spec.FeaturesOf(version)
					if spec.Unsupported(p, s, f) != nil || len(spec.Notices(p, s, f)) > 0 {
						t.Skip("this engine cannot do it")
					}
					roundTrip(t, api, p, s, version)
				})
			}
		})
	}
}

func roundTrip(t *testing.T, api *client.Client, p *project.Project, s project.Service, version string) {
	t.Helper()
	r, err := spec.Container(p, s, spec.Inputs{Number: 1, Name: s.ContainerNameFor(1), Parents: map[string]string{"k": "other"}})
	if err != nil {
		t.Fatal(err)
	}
	r = spec.Gate(r, spec.FeaturesOf(version))
	made, err := api.ContainerCreate(t.Context(), r.Config, r.Host, r.Networking, r.Platform, r.Name)
	if err != nil {
		t.Fatal(err)
	}
	defer api.ContainerRemove(t.Context(), made.ID, container.RemoveOptions{Force: true})
	for _, extra := range spec.ExtraNetworks(s, spec.FeaturesOf(version)) {
		config, _ := p.Network(extra)
		settings := spec.EndpointFor(p, s, extra, spec.Inputs{Number: 1, Name: r.Name})
		if err := api.NetworkConnect(t.Context(), config.Name, made.ID, settings); err != nil {
			t.Fatal(err)
		}
	}
	inspect, err := api.ContainerInspect(t.Context(), made.ID)
	if err != nil {
		t.Fatal(err)
	}
	image, err := api.ImageInspect(t.Context(), inspect.Image)
	if err != nil {
		t.Fatal(err)
	}
	desired, err := spec.Desired(p, s)
	if err != nil {
		t.Fatal(err)
	}
	for _, change := range spec.Diff(spec.Observed(p, inspect, image, map[string]string{"other": "k"}), desired) {
		t.Errorf("%s is %q, and %q is desired", change.Path, change.Old, change.New)
	}
}
