package runtime

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/docker/docker/api/types/container"

	"github.com/gocompose/gocompose/internal/enginetest"
)

func TestMeter(t *testing.T) {
	onHost(t, enginetest.Options{}, func(h host) {
		h.service("app-web-1", "web", 1, testImage)
		h.service("app-job-1", "job", 1, testImage, label("enginetest.exit", "0"))
		meter, all := NewMeter(h.engine, testProject, nil, false), NewMeter(h.engine, testProject, nil, true)
		for i, want := range []string{"app-web-1 0%", "app-web-1 50%", "app-db-1 0%, app-web-1 50%"} {
			if i == 2 {
				h.service("app-db-1", "db", 1, testImage)
			}
			wait(time.Second)
			read, err := meter.Read(h.Context())
			h.must(err)
			var got []string
			for _, u := range read {
				got = append(got, fmt.Sprintf("%s %.0f%%", u.Container.Name, u.CPU))
			}
			if got := strings.Join(got, ", "); got != want {
				t.Errorf("reading %d: %s, want %s", i+1, got, want)
			}
		}
		read, err := all.Read(h.Context())
		h.must(err)
		if len(read) != 3 || read[1].Container.Name != "app-job-1" || read[1].Limit != 0 {
			t.Errorf("all: %+v", read)
		}
		if got := read[2]; got.Memory != 2<<20 || got.Received != 2000 || got.Sent != 20 || got.Read != 4096 || got.Written != 100 {
			t.Errorf("%+v", got)
		}
		h.fake.Fault(func(r enginetest.Request) enginetest.Action {
			if r.Op != "ContainerStats" {
				return enginetest.Action{}
			}
			return enginetest.Action{Status: 404, Message: "No such container"}
		})
		if read, err = meter.Read(h.Context()); err != nil || len(read) != 0 {
			t.Errorf("containers that are gone: %v, %v", read, err)
		}
	})
}

// TestMemoryInUse covers what control groups 1 and 2 say, and a host that says
// neither.
func TestMemoryInUse(t *testing.T) {
	for _, c := range []struct {
		stats map[string]uint64
		want  uint64
	}{
		{map[string]uint64{"total_inactive_file": 30, "inactive_file": 10}, 70},
		{map[string]uint64{"inactive_file": 10}, 90},
		{map[string]uint64{"inactive_file": 200}, 100},
		{nil, 100},
	} {
		if got := memoryInUse(container.MemoryStats{Usage: 100, Stats: c.stats}); got != c.want {
			t.Errorf("%v: %d, want %d", c.stats, got, c.want)
		}
	}
}
