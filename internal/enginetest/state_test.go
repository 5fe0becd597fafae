package enginetest_test

import (
	"archive/tar"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	ctypes "github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/events"
	"github.com/docker/docker/api/types/filters"
	ntypes "github.com/docker/docker/api/types/network"
	"github.com/docker/docker/api/types/volume"
	"github.com/docker/go-connections/nat"
	"github.com/google/go-cmp/cmp"

	"github.com/gocompose/gocompose/internal/enginetest"
)

// raw makes a call without the client and returns the answer's body.
func raw(t *testing.T, e *enginetest.Engine, method, path, body string) (string, error) {
	t.Helper()
	transport := &http.Transport{DialContext: e.Dial}
	defer transport.CloseIdleConnections()
	request, err := http.NewRequestWithContext(t.Context(), method, "http://engine"+path, strings.NewReader(body))
	if err != nil {
		return "", err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := transport.RoundTrip(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode >= 400 {
		err = fmt.Errorf("%d %s", response.StatusCode, text)
	}
	return string(text), err
}

const wantSnapshot = `image app:latest
network front driver=bridge internal
  subnet 10.1.0.0/16
  label team=red
volume data driver=local
  label team=red
container web image=app state=running
  command ["/serve"]
  env A=1
  env B=2
  restart always
  network front active aliases=www
    address 10.1.0.9 
  port :8080->80/tcp
  mount volume <anonymous, used by 1>:/cache rw
  mount volume data:/data ro
  mount bind /src:/src rw
  label sees=<network front>
  file /etc/settings -r--r----- 5:6 "colour: red"
`

func TestSnapshot(t *testing.T) {
	snapshots := map[string]bool{}
	// Identifiers differ between the rounds, the snapshot does not.
	for spoilt := range 2 {
		synctest.Test(t, func(t *testing.T) {
			e, c := newEngine(t, enginetest.Options{Images: []enginetest.Image{{Ref: "app", Volumes: []string{"/cache"}}}})
			ctx := t.Context()
			for range spoilt {
				create(t, c, "other", nil)
				if err := c.ContainerRemove(ctx, "other", ctypes.RemoveOptions{RemoveVolumes: true}); err != nil {
					t.Fatal(err)
				}
			}
			labels := map[string]string{"team": "red"}
			front, err := c.NetworkCreate(ctx, "front", ntypes.CreateOptions{
				Internal: true, Labels: labels, IPAM: &ntypes.IPAM{Config: []ntypes.IPAMConfig{{Subnet: "10.1.0.0/16"}}},
			})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := c.VolumeCreate(ctx, volume.CreateOptions{Name: "data", Labels: labels}); err != nil {
				t.Fatal(err)
			}
			port := nat.Port("80/tcp")
			_, err = c.ContainerCreate(ctx, &ctypes.Config{
				Image: "app", Env: []string{"B=2", "A=1"}, ExposedPorts: nat.PortSet{port: {}},
				Labels: map[string]string{"sees": front.ID, "secret": "omitted"},
			}, &ctypes.HostConfig{
				NetworkMode: "front", Binds: []string{"data:/data:ro", "/src:/src"}, RestartPolicy: ctypes.RestartPolicy{Name: "always"},
				PortBindings: nat.PortMap{port: {{HostPort: "8080"}}},
			}, &ntypes.NetworkingConfig{EndpointsConfig: map[string]*ntypes.EndpointSettings{
				"front": {Aliases: []string{"www"}, IPAMConfig: &ntypes.EndpointIPAMConfig{IPv4Address: "10.1.0.9"}},
			}}, nil, "web")
			if err != nil {
				t.Fatal(err)
			}
			if err := c.CopyToContainer(ctx, "web", "/", packed(t, "etc/settings", "colour: red"), ctypes.CopyToContainerOptions{}); err != nil {
				t.Fatal(err)
			}
			start(t, c, "web")
			snapshots[e.Snapshot("secret")] = true
		})
	}
	for got := range snapshots {
		if diff := cmp.Diff(wantSnapshot, got); diff != "" {
			t.Errorf("snapshot (-want +got):\n%s", diff)
		}
	}
}

// packed is a tar stream of one file.
func packed(t *testing.T, name, content string) io.Reader {
	t.Helper()
	var buf bytes.Buffer
	out := tar.NewWriter(&buf)
	err := out.WriteHeader(&tar.Header{Name: name, Mode: 0o440, Uid: 5, Gid: 6, Size: int64(len(content))})
	if err == nil {
		_, err = io.WriteString(out, content)
	}
	if err == nil {
		err = out.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return &buf
}

func TestFilesOutliveContainersInVolumes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, c := newEngine(t, enginetest.Options{Images: app()})
		ctx := t.Context()
		add := func(name string) {
			t.Helper()
			_, err := c.ContainerCreate(ctx, &ctypes.Config{Image: "app"}, &ctypes.HostConfig{Binds: []string{"data:/data"}}, nil, nil, name)
			if err != nil {
				t.Fatal(err)
			}
		}
		add("one")
		for _, dir := range []string{"/data", "/tmp"} {
			if err := c.CopyToContainer(ctx, "one", dir, packed(t, "row", "42"), ctypes.CopyToContainerOptions{}); err != nil {
				t.Fatal(err)
			}
		}
		body, stat, err := c.CopyFromContainer(ctx, "one", "/data")
		if err != nil {
			t.Fatal(err)
		}
		defer body.Close()
		if !stat.Mode.IsDir() || stat.Name != "data" {
			t.Errorf("stat is %+v", stat)
		}
		in := tar.NewReader(body)
		var names []string
		for {
			header, err := in.Next()
			if err != nil {
				break
			}
			names = append(names, header.Name)
		}
		if got := strings.Join(names, " "); got != "data/ data/row" {
			t.Errorf("the archive holds %q", got)
		}
		if err := c.ContainerRemove(ctx, "one", ctypes.RemoveOptions{RemoveVolumes: true}); err != nil {
			t.Fatal(err)
		}
		add("two")
		if content, mode, err := e.File("two", "/data/row"); err != nil || string(content) != "42" || mode.Perm() != 0o440 {
			t.Errorf("in the volume: %q, %v, %v", content, mode, err)
		}
		if _, _, err := e.File("two", "/tmp/row"); err == nil {
			t.Error("a file outside of the volume survived its container")
		}
	})
}

func TestBusyPorts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, c := newEngine(t, enginetest.Options{APIVersion: "1.41", Images: app(), BusyPorts: []uint16{8080}})
		port := nat.Port("80/tcp")
		_, err := c.ContainerCreate(t.Context(), &ctypes.Config{Image: "app", ExposedPorts: nat.PortSet{port: {}}},
			&ctypes.HostConfig{PortBindings: nat.PortMap{port: {{HostPort: "8080"}}}}, nil, nil, "web")
		if err != nil {
			t.Fatal(err)
		}
		err = c.ContainerStart(t.Context(), "web", ctypes.StartOptions{})
		if err == nil || !strings.Contains(err.Error(), "listen tcp4 0.0.0.0:8080: bind: address already in use") {
			t.Errorf("start returned %v", err)
		}
	})
}

// TestEventsAreNotLost has a listener that reads nothing while much happens.
func TestEventsAreNotLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, c := newEngine(t, enginetest.Options{Images: app()})
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		stream, failed := c.Events(ctx, events.ListOptions{Filters: filters.NewArgs(filters.Arg("event", "start"))})
		const containers = 400
		var all sync.WaitGroup
		for n := range containers {
			all.Go(func() {
				made, err := c.ContainerCreate(ctx, &ctypes.Config{Image: "app", Labels: map[string]string{"long": strings.Repeat("x", 1000)}}, &ctypes.HostConfig{NetworkMode: "host"}, nil, nil, fmt.Sprintf("web-%d", n))
				if err == nil {
					err = c.ContainerStart(ctx, made.ID, ctypes.StartOptions{})
				}
				if err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		started := map[string]bool{}
		for len(started) < containers {
			event, err := nextEvent(stream, failed)
			if err != nil {
				t.Fatalf("after %d events: %v", len(started), err)
			}
			started[event.Actor.Attributes["name"]] = true
		}
	})
}

func TestNotSimulated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, _ := newEngine(t, enginetest.Options{})
		for path, want := range map[string]string{
			"/build": "501", "/swarm": "501", "/nowhere": "404", "/containers/x/changes": "501",
		} {
			if _, err := raw(t, e, "GET", path, ""); err == nil || !strings.HasPrefix(err.Error(), want) {
				t.Errorf("%s: %v, not %s", path, err, want)
			}
		}
	})
}

func TestWaitForRemovalOutlastsTheExit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, c := newEngine(t, enginetest.Options{Images: app()})
		create(t, c, "web", nil)
		start(t, c, "web")
		removed, _ := c.ContainerWait(t.Context(), "web", ctypes.WaitConditionRemoved)
		if err := e.Exit("web", 5); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		select {
		case <-removed:
			t.Fatal("the wait ended before the removal")
		default:
		}
		if err := c.ContainerRemove(t.Context(), "web", ctypes.RemoveOptions{}); err != nil {
			t.Fatal(err)
		}
		if result := <-removed; result.StatusCode != 5 {
			t.Errorf("exit code %d", result.StatusCode)
		}
	})
}
