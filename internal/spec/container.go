package spec

import (
	"fmt"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/network"

	"github.com/gocompose/gocompose/project"
)

// Container makes the request that creates a container of the service, as an
// engine of the newest API takes it; [Gate] fits it to an older one. It fails
// where the files ask for what no engine does, and where a container that the
// service refers to is not in [Inputs.Parents].
func Container(p *project.Project, s project.Service, in Inputs) (Request, error) {
	r, err := build(p, s, in)
	if err != nil {
		return Request{}, err
	}
	desired, err := Desired(p, s)
	if err != nil {
		return Request{}, err
	}
	digests := Digests(desired)
	if in.ImageContent != "" {
		digests[imageContentPath] = in.ImageContent
	}
	r.Config.Labels[project.LabelFields] = EncodeDigests(digests)
	return r, nil
}

// builder makes one request.
type builder struct {
	project *project.Project
	service project.Service
	in      Inputs
}

func build(p *project.Project, s project.Service, in Inputs) (Request, error) {
	b := builder{project: p, service: s, in: in}
	r := Request{Name: in.Name}
	var err error
	if r.Platform, err = ParsePlatform(b.platform()); err != nil {
		return Request{}, err
	}
	if r.Config, err = b.config(); err != nil {
		return Request{}, err
	}
	if r.Host, err = b.host(); err != nil {
		return Request{}, err
	}
	if s.NetworkMode == "" {
		r.Networks = networksOf(p, s)
		r.Networking, err = b.networking(r.Networks)
	} else {
		r.Networking = b.modeNetworking()
	}
	return r, err
}

func (b builder) platform() string {
	if b.service.Platform != "" {
		return b.service.Platform
	}
	return b.project.Environment()["DOCKER_DEFAULT_PLATFORM"]
}

// config makes the part of the request that does not depend on the host.
func (b builder) config() (*container.Config, error) {
	s := b.service
	health, err := healthcheck(s.HealthCheck)
	if err != nil {
		return nil, err
	}
	c := &container.Config{
		Hostname:        s.Hostname,
		Domainname:      s.DomainName,
		User:            s.User,
		ExposedPorts:    exposedPorts(s.ServiceConfig),
		Tty:             s.Tty,
		OpenStdin:       s.StdinOpen,
		AttachStdin:     s.StdinOpen && b.in.OneOff != nil,
		StdinOnce:       s.StdinOpen && b.in.OneOff != nil,
		AttachStdout:    true,
		AttachStderr:    true,
		Image:           s.ImageRef(),
		WorkingDir:      s.WorkingDir,
		NetworkDisabled: s.NetworkMode == "disabled",
		Labels:          b.labels(),
		StopSignal:      s.StopSignal,
		StopTimeout:     seconds(s.StopGracePeriod),
		Env:             environment(s.Environment, b.in.Proxy),
		Healthcheck:     health,
	}
	// The engine tells an empty list from none: an empty entrypoint clears
	// that of the image.
	c.Cmd = []string(s.Command)
	c.Entrypoint = []string(s.Entrypoint)
	return c, nil
}

// host makes the part of the request that depends on the host.
func (b builder) host() (*container.HostConfig, error) {
	s := b.service
	binds, mounts, err := b.volumes()
	if err != nil {
		return nil, err
	}
	shares, err := b.shares()
	if err != nil {
		return nil, err
	}
	security, unconfined, err := b.securityOptions()
	if err != nil {
		return nil, err
	}
	h := &container.HostConfig{
		Annotations:    s.Annotations,
		Binds:          binds,
		Mounts:         mounts,
		CapAdd:         s.CapAdd,
		CapDrop:        s.CapDrop,
		NetworkMode:    container.NetworkMode(shares.network),
		Init:           s.Init,
		IpcMode:        container.IpcMode(shares.ipc),
		CgroupnsMode:   container.CgroupnsMode(s.Cgroup),
		ReadonlyRootfs: s.ReadOnly,
		RestartPolicy:  restartPolicy(s.ServiceConfig),
		ShmSize:        int64(s.ShmSize),
		Sysctls:        s.Sysctls,
		PortBindings:   portBindings(s.ServiceConfig),
		Resources:      resources(s.ServiceConfig),
		VolumeDriver:   s.VolumeDriver,
		VolumesFrom:    shares.volumes,
		DNS:            s.DNS,
		DNSSearch:      s.DNSSearch,
		DNSOptions:     s.DNSOpts,
		ExtraHosts:     extraHosts(s.ExtraHosts),
		SecurityOpt:    security,
		StorageOpt:     s.StorageOpt,
		UsernsMode:     container.UsernsMode(s.UserNSMode),
		UTSMode:        container.UTSMode(s.Uts),
		Privileged:     s.Privileged,
		PidMode:        container.PidMode(shares.pid),
		Tmpfs:          tmpfs(s.Tmpfs),
		Isolation:      container.Isolation(s.Isolation),
		Runtime:        s.Runtime,
		GroupAdd:       s.GroupAdd,
		Links:          b.links(),
		OomScoreAdj:    int(s.OomScoreAdj),
	}
	if b.in.OneOff != nil {
		h.AutoRemove = b.in.OneOff.AutoRemove
	}
	if s.Logging != nil {
		h.LogConfig = container.LogConfig{Type: s.Logging.Driver, Config: s.Logging.Options}
	}
	if unconfined {
		h.MaskedPaths, h.ReadonlyPaths = []string{}, []string{}
	}
	return h, nil
}

// networking makes the endpoints of all networks.
func (b builder) networking(refs []NetworkRef) (*network.NetworkingConfig, error) {
	if len(refs) == 0 {
		return nil, nil
	}
	main := b.service.Networks[refs[0].Key]
	if own := b.service.MacAddress; own != "" && main != nil && main.MacAddress != "" && main.MacAddress != own {
		return nil, fmt.Errorf("mac_address is %s, but %s on network %q, its first: give one of them, or the same twice",
			own, main.MacAddress, refs[0].Key)
	}
	endpoints := make(map[string]*network.EndpointSettings, len(refs))
	links := b.links()
	for i, ref := range refs {
		settings := b.endpoint(ref.Key, links)
		if i == 0 && settings.MacAddress == "" {
			settings.MacAddress = b.service.MacAddress
		}
		endpoints[ref.Name] = settings
	}
	return &network.NetworkingConfig{EndpointsConfig: endpoints}, nil
}

// modeNetworking carries the MAC address of a service on the engine's own
// bridge, which has no endpoint otherwise.
func (b builder) modeNetworking() *network.NetworkingConfig {
	mode := b.service.NetworkMode
	if b.service.MacAddress == "" || mode == network.NetworkHost || mode == network.NetworkNone || strings.Contains(mode, ":") {
		return nil
	}
	return &network.NetworkingConfig{EndpointsConfig: map[string]*network.EndpointSettings{
		mode: {MacAddress: b.service.MacAddress},
	}}
}

func tmpfs(list types.StringList) map[string]string {
	mounts := make(map[string]string, len(list))
	for _, entry := range list {
		path, options, _ := strings.Cut(entry, ":")
		mounts[path] = options
	}
	return mounts
}

func extraHosts(hosts types.HostsList) []string {
	list := hosts.AsList(":")
	slices.Sort(list)
	return list
}
