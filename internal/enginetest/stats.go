package enginetest

import (
	"net/http"
	"time"

	ctypes "github.com/docker/docker/api/types/container"
)

// statsMemory is what every container that runs uses.
const statsMemory, statsLimit = 3 << 20, 1 << 30

// containerStats answers one sample: nothing is measured, and no stream served.
// A container that does not run has only its name and ID.
func (e *Engine) containerStats(r *request) (*reply, error) {
	c, err := e.findContainer(r.vars["name"])
	if err != nil {
		return nil, err
	}
	stats := ctypes.StatsResponse{Name: "/" + c.name, ID: c.id}
	if c.process == nil {
		return answer(http.StatusOK, stats)
	}
	stats.Read = time.Now()
	stats.PidsStats.Current = 1
	stats.MemoryStats = ctypes.MemoryStats{
		Usage: statsMemory, Limit: statsLimit, Stats: map[string]uint64{"inactive_file": 1 << 20},
	}
	// Half a processor, of two, since the engine's beginning.
	up := uint64(max(time.Since(c.state.started), 0))
	stats.CPUStats = ctypes.CPUStats{CPUUsage: ctypes.CPUUsage{TotalUsage: up / 2}, SystemUsage: 2 * up, OnlineCPUs: 2}
	stats.Networks = map[string]ctypes.NetworkStats{"eth0": {RxBytes: 1500, TxBytes: 20}, "eth1": {RxBytes: 500}}
	stats.BlkioStats.IoServiceBytesRecursive = []ctypes.BlkioStatEntry{
		{Op: "Read", Value: 4096}, {Op: "write", Value: 100}, {Op: "Total", Value: 4196},
	}
	return answer(http.StatusOK, stats)
}
