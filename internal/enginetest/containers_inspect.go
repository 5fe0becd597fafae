package enginetest

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	ctypes "github.com/docker/docker/api/types/container"
	ntypes "github.com/docker/docker/api/types/network"
	"github.com/docker/docker/api/types/storage"
	units "github.com/docker/go-units"
)

func (e *Engine) containerInspect(r *request) (*reply, error) {
	c, err := e.findContainer(r.vars["name"])
	if err != nil {
		return nil, err
	}
	v := ctypes.InspectResponse{
		ContainerJSONBase: e.describeContainer(c),
		Mounts:            c.mountPoints(),
		Config:            c.config,
		NetworkSettings:   &ctypes.NetworkSettings{Networks: map[string]*ntypes.EndpointSettings{}},
	}
	settings := v.NetworkSettings
	settings.SandboxID = c.sandbox
	settings.Ports = maps.Clone(c.ports)
	if settings.Ports == nil {
		settings.Ports = map[portName][]portBinding{}
	}
	for name, ep := range c.endpoints {
		settings.Networks[name] = e.settings(r, ep)
	}
	if bridge := settings.Networks[ntypes.NetworkBridge]; bridge != nil {
		settings.DefaultNetworkSettings = ctypes.DefaultNetworkSettings{ //nolint:staticcheck // engines up to 28 report it
			EndpointID: bridge.EndpointID, Gateway: bridge.Gateway, IPAddress: bridge.IPAddress,
			IPPrefixLen: bridge.IPPrefixLen, MacAddress: bridge.MacAddress, IPv6Gateway: bridge.IPv6Gateway,
			GlobalIPv6Address: bridge.GlobalIPv6Address, GlobalIPv6PrefixLen: bridge.GlobalIPv6PrefixLen,
		}
	}
	return e.answer(v)
}

func (e *Engine) describeContainer(c *container) *ctypes.ContainerJSONBase {
	v := &ctypes.ContainerJSONBase{
		ID: c.id, Created: stamp(c.created), Path: c.path, Args: orNone(c.args), Image: c.image.id, Name: "/" + c.name,
		RestartCount: c.state.restarts, Driver: "overlay2", Platform: "linux", HostConfig: c.host,
		LogPath:     "/var/lib/docker/containers/" + c.id + "/" + c.id + "-json.log",
		GraphDriver: storage.DriverData{Name: "overlay2"},
		State: &ctypes.State{
			Status: c.state.status(), Running: c.state.running, Paused: c.state.paused, Restarting: c.state.restarting,
			OOMKilled: c.state.oomKilled, Dead: c.state.dead, Pid: c.state.pid, ExitCode: c.state.exitCode,
			Error: c.state.problem, StartedAt: stamp(c.state.started), FinishedAt: stamp(c.state.finished),
		},
	}
	for _, x := range e.execs {
		if x.container == c && x.exitCode == nil {
			v.ExecIDs = append(v.ExecIDs, x.id)
		}
	}
	slices.Sort(v.ExecIDs)
	if c.health != nil {
		health := *c.health
		health.Log = append([]*ctypes.HealthcheckResult{}, c.health.Log...)
		v.State.Health = &health
	}
	return v
}

func (c *container) mountPoints() []ctypes.MountPoint {
	points := []ctypes.MountPoint{}
	for _, m := range c.mounts {
		points = append(points, m.describe())
	}
	return points
}

func orNone(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

// summary reports the container the way the list does.
func (e *Engine) summary(r *request, c *container) ctypes.Summary {
	s := ctypes.Summary{
		ID: c.id, Names: []string{"/" + c.name}, Image: c.config.Image, ImageID: c.image.id, Command: c.commandLine(),
		Created: c.created.Unix(), Ports: c.portList(), Labels: c.config.Labels, State: c.state.status(),
		Status: c.statusText(), Mounts: c.mountPoints(),
		NetworkSettings: &ctypes.NetworkSettingsSummary{Networks: map[string]*ntypes.EndpointSettings{}},
	}
	// The reference may mean another image by now.
	if img, err := e.findImage(c.config.Image); err != nil || img.id != c.image.id {
		s.Image = c.image.id
	}
	s.HostConfig.NetworkMode = string(c.host.NetworkMode)
	if r.speaks("1.46") && e.serves("1.46") {
		s.HostConfig.Annotations = c.host.Annotations
	}
	for name, ep := range c.endpoints {
		v := e.settings(r, ep)
		v.Aliases, v.Links, v.DNSNames, v.DriverOpts = nil, nil, nil, nil
		s.NetworkSettings.Networks[name] = v
	}
	return s
}

func (c *container) commandLine() string {
	words := []string{c.path}
	for _, arg := range c.args {
		if strings.Contains(arg, " ") {
			arg = "'" + arg + "'"
		}
		words = append(words, arg)
	}
	return strings.Join(words, " ")
}

func (c *container) portList() []ctypes.Port {
	list := []ctypes.Port{}
	for _, port := range slices.Sorted(maps.Keys(c.ports)) {
		private := uint16(port.Int()) //nolint:gosec // a port number fits
		if len(c.ports[port]) == 0 {
			list = append(list, ctypes.Port{PrivatePort: private, Type: port.Proto()})
		}
		for _, binding := range c.ports[port] {
			public := uint16(portNumber(binding.HostPort)) //nolint:gosec // a port number fits
			list = append(list, ctypes.Port{IP: binding.HostIP, PrivatePort: private, PublicPort: public, Type: port.Proto()})
		}
	}
	return list
}

// statusText is the sentence that docker ps shows.
func (c *container) statusText() string {
	s := &c.state
	since := func(t time.Time) string { return units.HumanDuration(time.Since(t)) }
	switch {
	case s.running && s.paused:
		return fmt.Sprintf("Up %s (Paused)", since(s.started))
	case s.running && s.restarting:
		return fmt.Sprintf("Restarting (%d) %s ago", s.exitCode, since(s.finished))
	case s.running && c.health != nil && c.health.Status == ctypes.Starting:
		return fmt.Sprintf("Up %s (health: starting)", since(s.started))
	case s.running && c.health != nil:
		return fmt.Sprintf("Up %s (%s)", since(s.started), c.health.Status)
	case s.running:
		return "Up " + since(s.started)
	case s.dead:
		return "Dead"
	case s.started.IsZero():
		return "Created"
	}
	return fmt.Sprintf("Exited (%d) %s ago", s.exitCode, since(s.finished))
}

func (e *Engine) containerTop(r *request) (*reply, error) {
	c, err := e.findContainer(r.vars["name"])
	switch {
	case err != nil:
		return nil, err
	case !c.state.running:
		return nil, e.notRunning(c)
	case c.state.restarting:
		return nil, conflict("Container %s is restarting, wait until the container is running", c.id)
	}
	e.publishContainer(c, "top", nil)
	return answer(http.StatusOK, ctypes.TopResponse{
		Titles:    []string{"UID", "PID", "PPID", "C", "STIME", "TTY", "TIME", "CMD"},
		Processes: [][]string{{"root", fmt.Sprint(c.state.pid), "1", "0", "00:00", "?", "00:00:00", c.commandLine()}},
	})
}
