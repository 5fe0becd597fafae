package enginetest_test

import (
	"strings"
	"testing"
	"testing/synctest"

	ctypes "github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/mount"
	ntypes "github.com/docker/docker/api/types/network"
	"github.com/docker/docker/client"

	"github.com/gocompose/gocompose/internal/enginetest"
)

func TestVersionWindow(t *testing.T) {
	tests := []struct {
		o       enginetest.Options
		client  string // pinned version, negotiated if empty
		want    string // version spoken
		refusal string
	}{
		{enginetest.Options{}, "", "1.51", ""},
		{enginetest.Options{APIVersion: "1.41"}, "", "1.41", ""},
		{enginetest.Options{}, "1.43", "1.43", ""},
		{enginetest.Options{APIVersion: "1.43"}, "1.44", "1.44", "client version 1.44 is too new. Maximum supported API version is 1.43"},
		{enginetest.Options{MinAPIVersion: "1.44"}, "1.43", "1.43", "client version 1.43 is too old. Minimum supported API version is 1.44, please upgrade your client to a newer version"},
	}
	for _, test := range tests {
		synctest.Test(t, func(t *testing.T) {
			e, c := newEngine(t, test.o)
			if test.client != "" {
				pinned, err := e.Client(client.WithVersion(test.client))
				if err != nil {
					t.Fatal(err)
				}
				defer pinned.Close()
				c = pinned
			}
			_, err := c.ContainerList(t.Context(), ctypes.ListOptions{})
			if c.ClientVersion() != test.want {
				t.Errorf("%+v: spoke %s, not %s", test.o, c.ClientVersion(), test.want)
			}
			if (err == nil) != (test.refusal == "") || err != nil && !strings.Contains(err.Error(), test.refusal) {
				t.Errorf("%+v: %v", test.o, err)
			}
		})
	}
}

// TestCreateGates speaks old versions to new and old engines: a new engine
// ignores or refuses what the version does not have, an old one ignores it.
func TestCreateGates(t *testing.T) {
	endpoints := func(names ...string) *ntypes.NetworkingConfig {
		config := &ntypes.NetworkingConfig{EndpointsConfig: map[string]*ntypes.EndpointSettings{}}
		for _, name := range names {
			config.EndpointsConfig[name] = &ntypes.EndpointSettings{GwPriority: 7}
		}
		return config
	}
	host := func(mounts ...mount.Mount) *ctypes.HostConfig {
		return &ctypes.HostConfig{NetworkMode: "front", Mounts: mounts, Annotations: map[string]string{"a": "b"}}
	}
	subpath := mount.Mount{Type: mount.TypeVolume, Source: "data", Target: "/data", VolumeOptions: &mount.VolumeOptions{Subpath: "x"}}
	tests := []struct {
		engine, client string
		host           *ctypes.HostConfig
		endpoints      *ntypes.NetworkingConfig
		refusal        string
	}{
		{"1.44", "1.44", host(), endpoints("front", "back"), ""},
		{"1.43", "1.43", host(), endpoints("front", "back"), "Container cannot be connected to network endpoints: back, front"},
		{"1.51", "1.43", host(), endpoints("front", "back"), "Container cannot be created with multiple network endpoints: back, front"},
		{"1.51", "1.45", host(subpath), nil, ""},
		{"1.51", "1.44", host(subpath), nil, "VolumeOptions.Subpath needs API v1.45 or newer"},
		{"1.44", "1.44", host(subpath), nil, ""},
		{"1.51", "1.47", host(mount.Mount{Type: mount.TypeImage, Source: "app", Target: "/app"}), nil, `Mount type "Image" needs API v1.48 or newer`},
		{"1.51", "1.51", host(mount.Mount{Type: mount.TypeImage, Source: "app", Target: "/app"}), nil, ""},
		{"1.51", "1.42", host(mount.Mount{Type: mount.TypeBind, Source: "/x", Target: "/x", VolumeOptions: &mount.VolumeOptions{}}), nil, `VolumeOptions must not be specified on mount type "bind"`},
		{"1.51", "1.41", host(mount.Mount{Type: mount.TypeBind, Source: "/x", Target: "/x", VolumeOptions: &mount.VolumeOptions{}}), nil, ""},
	}
	for _, test := range tests {
		synctest.Test(t, func(t *testing.T) {
			e, negotiated := newEngine(t, enginetest.Options{APIVersion: test.engine, Images: app()})
			for _, name := range []string{"front", "back"} {
				if _, err := negotiated.NetworkCreate(t.Context(), name, ntypes.CreateOptions{}); err != nil {
					t.Fatal(err)
				}
			}
			c, err := e.Client(client.WithVersion(test.client))
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			_, err = c.ContainerCreate(t.Context(), &ctypes.Config{Image: "app"}, test.host, test.endpoints, nil, "web")
			if (err == nil) != (test.refusal == "") || err != nil && !strings.Contains(err.Error(), test.refusal) {
				t.Errorf("%s on %s: %v, not %q", test.client, test.engine, err, test.refusal)
			}
			if err != nil {
				return
			}
			v := inspect(t, negotiated, "web")
			if kept := len(v.HostConfig.Annotations) > 0; kept != (test.client >= "1.43") {
				t.Errorf("%s on %s: annotations %v", test.client, test.engine, v.HostConfig.Annotations)
			}
		})
	}
}

func TestNetworkNamesBeforeEngine25(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, c := newEngine(t, enginetest.Options{APIVersion: "1.43"})
		// The client asks for a check; only a raw request does without.
		for range 2 {
			if _, err := raw(t, e, "POST", "/networks/create", `{"Name":"net"}`); err != nil {
				t.Fatal(err)
			}
		}
		list, err := c.NetworkList(t.Context(), ntypes.ListOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if len(list) != 5 {
			t.Errorf("%d networks, not three predefined and two of one name", len(list))
		}
		_, err = c.NetworkInspect(t.Context(), "net", ntypes.InspectOptions{})
		if err == nil || !strings.Contains(err.Error(), "network net is ambiguous (2 matches found based on name)") {
			t.Errorf("inspecting an ambiguous name: %v", err)
		}
		_, err = c.NetworkCreate(t.Context(), "net", ntypes.CreateOptions{})
		if err == nil || !strings.Contains(err.Error(), "network with name net already exists") {
			t.Errorf("creating with a check: %v", err)
		}
	})
}
