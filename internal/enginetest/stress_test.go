package enginetest_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	ctypes "github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/events"
	ntypes "github.com/docker/docker/api/types/network"
	"github.com/docker/docker/api/types/volume"
	"github.com/docker/docker/client"

	"github.com/gocompose/gocompose/internal/enginetest"
)

// randomCalls makes calls about a few names. Most fail; none may upset the engine.
func randomCalls(ctx context.Context, c *client.Client, r *rand.Rand, calls int) {
	second := 1
	stop := ctypes.StopOptions{Timeout: &second}
	for range calls {
		name := fmt.Sprintf("web-%d", r.IntN(3))
		switch r.IntN(14) {
		case 0, 1:
			_, _ = c.ContainerCreate(ctx, &ctypes.Config{
				Image: "app", Volumes: map[string]struct{}{"/cache": {}},
				Healthcheck: &ctypes.HealthConfig{Test: []string{"CMD", "x"}, Interval: time.Second},
				Labels:      map[string]string{"enginetest.exit": "1", "enginetest.exit-after": fmt.Sprintf("%dms", r.IntN(2000))},
			}, &ctypes.HostConfig{
				NetworkMode: "front", Binds: []string{"data:/data"},
				RestartPolicy: ctypes.RestartPolicy{Name: []ctypes.RestartPolicyMode{"no", "always", "on-failure"}[r.IntN(3)]},
			}, nil, nil, name)
		case 2, 3, 4:
			_ = c.ContainerStart(ctx, name, ctypes.StartOptions{})
		case 5:
			_ = c.ContainerStop(ctx, name, stop)
		case 6:
			_ = c.ContainerKill(ctx, name, []string{"KILL", "TERM", "HUP"}[r.IntN(3)])
		case 7:
			_ = c.ContainerPause(ctx, name)
		case 8:
			_ = c.ContainerUnpause(ctx, name)
		case 9:
			_ = c.ContainerRestart(ctx, name, stop)
		case 10:
			_ = c.ContainerRemove(ctx, name, ctypes.RemoveOptions{Force: r.IntN(2) == 0, RemoveVolumes: true})
		case 11:
			_ = c.NetworkConnect(ctx, "back", name, nil)
		case 12:
			_ = c.NetworkDisconnect(ctx, "back", name, false)
		case 13:
			_ = c.ContainerRename(ctx, name, fmt.Sprintf("web-%d", r.IntN(3)))
		}
		time.Sleep(time.Duration(r.IntN(300)) * time.Millisecond)
	}
}

// TestRandomCalls has several clients meddle with the same containers, and looks
// for what is left when all is removed.
func TestRandomCalls(t *testing.T) {
	for seed := range uint64(20) {
		synctest.Test(t, func(t *testing.T) {
			e, c := newEngine(t, enginetest.Options{APIVersion: []string{"1.41", "1.51"}[seed%2], Images: app()})
			ctx := t.Context()
			for _, name := range []string{"front", "back"} {
				if _, err := c.NetworkCreate(ctx, name, ntypes.CreateOptions{}); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := c.VolumeCreate(ctx, volume.CreateOptions{Name: "data"}); err != nil {
				t.Fatal(err)
			}
			before := e.Snapshot()
			listening, cancel := context.WithCancel(ctx)
			defer cancel()
			stream, failed := c.Events(listening, events.ListOptions{})
			go func() {
				for {
					if _, err := nextEvent(stream, failed); err != nil {
						return
					}
				}
			}()
			var all sync.WaitGroup
			for client := range uint64(4) {
				r := rand.New(rand.NewPCG(seed, client))
				all.Go(func() { randomCalls(ctx, c, r, 60) })
			}
			all.Wait()
			list, err := c.ContainerList(ctx, ctypes.ListOptions{All: true})
			if err != nil {
				t.Fatal(err)
			}
			for _, left := range list {
				if err := c.ContainerRemove(ctx, left.ID, ctypes.RemoveOptions{Force: true, RemoveVolumes: true}); err != nil {
					t.Error(err)
				}
			}
			if after := e.Snapshot(); after != before {
				t.Errorf("seed %d leaves:\n%s", seed, after)
			}
			if err := c.NetworkRemove(ctx, "front"); err != nil {
				t.Errorf("seed %d: %v", seed, err)
			}
		})
	}
}
