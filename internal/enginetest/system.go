package enginetest

import (
	"net/http"

	"github.com/docker/docker/api/types"
	"github.com/docker/docker/api/types/swarm"
	"github.com/docker/docker/api/types/system"
)

func (e *Engine) ping(w http.ResponseWriter, r *request) error {
	header := w.Header()
	header.Set("Cache-Control", "no-cache, no-store, must-revalidate")
	header.Set("Pragma", "no-cache")
	header.Set("Content-Type", "text/plain; charset=utf-8")
	header.Set("Builder-Version", "2")
	header.Set("Swarm", string(swarm.LocalNodeStateInactive))
	if r.Method == http.MethodHead {
		header.Set("Content-Length", "0")
		return nil
	}
	_, err := w.Write([]byte("OK"))
	return err
}

func (e *Engine) systemVersion(*request) (*reply, error) {
	v := types.Version{
		Version:       e.release.engine,
		APIVersion:    e.apiVersion,
		MinAPIVersion: e.minAPIVersion,
		GitCommit:     "enginetest",
		GoVersion:     "go1.26",
		Os:            "linux",
		Arch:          "amd64",
		KernelVersion: "6.1.0",
		BuildTime:     "2025-01-01T00:00:00.000000000+00:00",
		Components: []types.ComponentVersion{{
			Name:    "Engine",
			Version: e.release.engine,
			Details: map[string]string{
				"ApiVersion": e.apiVersion, "MinAPIVersion": e.minAPIVersion, "Os": "linux", "Arch": "amd64",
				"Experimental": "false",
			},
		}},
	}
	v.Platform.Name = "Docker Engine in memory"
	return answer(http.StatusOK, v)
}

func (e *Engine) systemInfo(*request) (*reply, error) {
	info := system.Info{
		ID:              "enginetest",
		Containers:      len(e.containers),
		Images:          len(e.images),
		Driver:          "overlay2",
		LoggingDriver:   "json-file",
		CgroupDriver:    "systemd",
		CgroupVersion:   "2",
		KernelVersion:   "6.1.0",
		OperatingSystem: "Docker Engine in memory",
		OSType:          "linux",
		Architecture:    "x86_64",
		NCPU:            2,
		MemTotal:        4 << 30,
		MemoryLimit:     true,
		SwapLimit:       true,
		CPUShares:       true,
		CPUSet:          true,
		PidsLimit:       true,
		DockerRootDir:   "/var/lib/docker",
		Name:            "enginetest",
		ServerVersion:   e.release.engine,
		DefaultRuntime:  "runc",
		Runtimes:        map[string]system.RuntimeWithStatus{"runc": {Runtime: system.Runtime{Path: "runc"}}},
		Swarm:           swarm.Info{LocalNodeState: swarm.LocalNodeStateInactive},
		InitBinary:      "docker-init",
		SecurityOptions: []string{"name=seccomp,profile=builtin", "name=cgroupns"},
		SystemTime:      stamp(e.now()),
		NEventsListener: len(e.events.listeners),
		Plugins: system.PluginsInfo{
			Volume:  []string{"local"},
			Network: []string{"bridge", "host", "ipvlan", "macvlan", "null", "overlay"},
			Log:     []string{"json-file", "local", "none"},
		},
	}
	for _, c := range e.containers {
		switch c.state.status() {
		case "running", "restarting":
			info.ContainersRunning++
		case "paused":
			info.ContainersPaused++
		default:
			info.ContainersStopped++
		}
	}
	return answer(http.StatusOK, info)
}
