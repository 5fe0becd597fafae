package runtime

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/docker/docker/api/types/container"
	"golang.org/x/sync/errgroup"

	"github.com/gocompose/gocompose/internal/engine"
)

// Usage is what a container uses of the host. Sizes are bytes.
type Usage struct {
	Container     Listed
	CPU           float64 // percent of one processor
	Memory, Limit uint64  // without what the host could drop at once
	Received      uint64  // by all networks, since the start
	Sent          uint64
	Read, Written uint64 // on block devices, since the start
	Processes     uint64
}

// Meter measures the containers of a project again and again: how busy they
// are shows only between two readings.
type Meter struct {
	engine   *engine.Client
	project  string
	services []string
	all      bool
	before   map[string]container.CPUStats // by ID, of the last reading
}

// NewMeter makes a meter for some services, for all where there are none.
// Containers that do not run are measured with all alone.
func NewMeter(e *engine.Client, projectName string, services []string, all bool) *Meter {
	return &Meter{engine: e, project: projectName, services: services, all: all}
}

// Read measures the containers that there are now, in name order. One that is
// gone meanwhile is left out; one that was not there at the last reading is not
// busy yet.
func (m *Meter) Read(ctx context.Context) ([]Usage, error) {
	containers, err := listMembers(ctx, m.engine, m.project, m.services)
	if err != nil {
		return nil, err
	}
	samples := make([]*container.StatsResponse, len(containers))
	group, measuring := errgroup.WithContext(ctx)
	group.SetLimit(lookups)
	for i, c := range containers {
		if m.all || Alive(c.Phase) {
			group.Go(func() error {
				var err error
				samples[i], err = m.sample(measuring, c.ID)
				return err
			})
		}
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	var read []Usage
	now := map[string]container.CPUStats{}
	for i, c := range containers {
		if sample := samples[i]; sample != nil {
			now[c.ID] = sample.CPUStats
			read = append(read, newUsage(c, sample, m.before[c.ID]))
		}
	}
	m.before = now
	return read, nil
}

// sample is nil of a container that is gone.
func (m *Meter) sample(ctx context.Context, id string) (*container.StatsResponse, error) {
	response, err := m.engine.API().ContainerStatsOneShot(ctx, id)
	switch err = engine.Classify(err); {
	case engine.KindOf(err) == engine.NotFound:
		return nil, nil
	case err != nil:
		return nil, err
	}
	defer func() { _ = response.Body.Close() }() // it was read
	var sample container.StatsResponse
	if err := json.NewDecoder(response.Body).Decode(&sample); err != nil {
		return nil, engine.Classify(err)
	}
	return &sample, nil
}

func newUsage(c Listed, s *container.StatsResponse, before container.CPUStats) Usage {
	u := Usage{
		Container: c, CPU: busy(before, s.CPUStats), Memory: memoryInUse(s.MemoryStats), Limit: s.MemoryStats.Limit,
		Processes: s.PidsStats.Current,
	}
	for _, network := range s.Networks {
		u.Received += network.RxBytes
		u.Sent += network.TxBytes
	}
	for _, entry := range s.BlkioStats.IoServiceBytesRecursive {
		switch strings.ToLower(entry.Op) { // control groups 1 and 2 spell it differently
		case "read":
			u.Read += entry.Value
		case "write":
			u.Written += entry.Value
		}
	}
	return u
}

// busy is the share of one processor between two readings, in percent.
func busy(before, now container.CPUStats) float64 {
	if before.SystemUsage == 0 || now.SystemUsage <= before.SystemUsage ||
		now.CPUUsage.TotalUsage <= before.CPUUsage.TotalUsage {
		return 0
	}
	processors := float64(now.OnlineCPUs)
	if processors == 0 {
		processors = float64(len(now.CPUUsage.PercpuUsage))
	}
	used := float64(now.CPUUsage.TotalUsage - before.CPUUsage.TotalUsage)
	return used / float64(now.SystemUsage-before.SystemUsage) * processors * 100
}

// memoryInUse leaves out files that are kept in memory though nothing has used
// them of late. Control groups 1 and 2 call these differently.
func memoryInUse(s container.MemoryStats) uint64 {
	for _, name := range []string{"total_inactive_file", "inactive_file"} {
		if idle, ok := s.Stats[name]; ok && idle < s.Usage {
			return s.Usage - idle
		}
	}
	return s.Usage
}
