package enginetest

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	ctypes "github.com/docker/docker/api/types/container"
	etypes "github.com/docker/docker/api/types/events"
	ntypes "github.com/docker/docker/api/types/network"
)

// creation is a container as asked for, on its way to being made.
type creation struct {
	name      string
	config    *ctypes.Config
	host      *ctypes.HostConfig
	endpoints map[string]*ntypes.EndpointSettings
	warnings  []string
}

func (e *Engine) containerCreate(r *request) (*reply, error) {
	var body ctypes.CreateRequest
	if err := e.decode(r, &body); err != nil {
		return nil, err
	}
	if body.Config == nil {
		return nil, invalid("config cannot be empty in order to create a container")
	}
	in := creation{name: r.query.Get("name"), config: body.Config, host: body.HostConfig, warnings: []string{}}
	if in.host == nil {
		in.host = &ctypes.HostConfig{}
	}
	if body.NetworkingConfig != nil {
		in.endpoints = body.NetworkingConfig.EndpointsConfig
	}
	if in.endpoints == nil {
		in.endpoints = map[string]*ntypes.EndpointSettings{}
	}
	in.defaultNetwork(e)
	e.resolveNamespaces(in.host)
	if err := e.gateCreate(r, &in); err != nil {
		return nil, err
	}
	if err := e.checkCreate(&in); err != nil {
		return nil, err
	}
	img, err := e.imageForCreate(r, in.config.Image)
	if err != nil {
		return nil, err
	}
	if err := in.complete(img); err != nil {
		return nil, err
	}
	c, err := e.makeContainer(&in, img)
	if err != nil {
		return nil, err
	}
	e.publishContainer(c, etypes.ActionCreate, nil)
	return answer(http.StatusCreated, ctypes.CreateResponse{ID: c.id, Warnings: in.warnings})
}

// defaultNetwork names the network mode that is meant by none or "default".
func (in *creation) defaultNetwork(e *Engine) {
	if in.host.NetworkMode != "" && !in.host.NetworkMode.IsDefault() {
		return
	}
	in.host.NetworkMode = ntypes.NetworkDefault
	if e.serves("1.44") {
		in.host.NetworkMode = ntypes.NetworkBridge
	}
	if ep, ok := in.endpoints[ntypes.NetworkDefault]; ok {
		in.endpoints[ntypes.NetworkBridge] = ep
		delete(in.endpoints, ntypes.NetworkDefault)
	}
}

// checkCreate validates what does not depend on anything else on the engine.
func (e *Engine) checkCreate(in *creation) error {
	if in.config.StopSignal != "" {
		if _, err := e.parseSignal(in.config.StopSignal); err != nil {
			return err
		}
	}
	for _, variable := range in.config.Env {
		if strings.HasPrefix(variable, "=") || variable == "" {
			return invalid("invalid environment variable: %s", variable)
		}
	}
	if dir := in.config.WorkingDir; dir != "" && !strings.HasPrefix(dir, "/") {
		return invalid("the working directory '%s' is invalid, it needs to be an absolute path", dir)
	}
	if err := checkHealthcheck(in.config.Healthcheck); err != nil {
		return err
	}
	if err := e.checkRestartPolicy(in.host); err != nil {
		return err
	}
	for _, m := range in.host.Mounts {
		if err := checkMount(m); err != nil {
			return err
		}
	}
	switch {
	case in.host.NetworkMode.IsContainer() && len(in.host.PortBindings) > 0:
		return invalid("conflicting options: port publishing and the container type network mode")
	case in.host.NetworkMode.IsContainer() && in.config.Hostname != "":
		return invalid("conflicting options: hostname and the network mode")
	}
	return nil
}

func (e *Engine) checkRestartPolicy(host *ctypes.HostConfig) error {
	policy := host.RestartPolicy
	known := policy.Name == "" || policy.IsNone() || policy.IsAlways() || policy.IsOnFailure() || policy.IsUnlessStopped()
	modern := e.serves("1.44")
	switch {
	case host.AutoRemove && !policy.IsNone():
		return invalid("can't create 'AutoRemove' container with restart policy")
	case !known && modern:
		return invalid("invalid restart policy: unknown policy '%s'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'", policy.Name)
	case !known:
		return invalid("invalid restart policy '%s'", policy.Name)
	case policy.MaximumRetryCount != 0 && !policy.IsOnFailure() && modern:
		return invalid("invalid restart policy: maximum retry count can only be used with 'on-failure'")
	case policy.MaximumRetryCount != 0 && !policy.IsOnFailure():
		return invalid("maximum retry count cannot be used with restart policy '%s'", policy.Name)
	}
	if policy.Name == "" && modern {
		host.RestartPolicy.Name = ctypes.RestartPolicyDisabled
	}
	return nil
}

func checkHealthcheck(check *ctypes.HealthConfig) error {
	if check == nil {
		return nil
	}
	for _, d := range []struct {
		name  string
		value int64
	}{
		{"Interval", int64(check.Interval)}, {"Timeout", int64(check.Timeout)},
		{"StartPeriod", int64(check.StartPeriod)}, {"StartInterval", int64(check.StartInterval)},
	} {
		if d.value != 0 && d.value < int64(ctypes.MinimumDuration) {
			return invalid("%s in Healthcheck cannot be less than %s", d.name, ctypes.MinimumDuration)
		}
	}
	if check.Retries < 0 {
		return invalid("Retries in Healthcheck cannot be negative")
	}
	return nil
}

// complete fills in what the image says and the request leaves open.
func (in *creation) complete(img *image) error {
	own, base := in.config, img.config()
	setDefault(&own.User, base.User)
	setDefault(&own.WorkingDir, base.WorkingDir)
	setDefault(&own.StopSignal, base.StopSignal)
	own.Env = mergeEnv(own.Env, base.Env)
	own.Labels = mergeMap(own.Labels, base.Labels)
	own.ExposedPorts = mergeMap(own.ExposedPorts, base.ExposedPorts)
	own.Volumes = mergeMap(own.Volumes, base.Volumes)
	if len(own.Entrypoint) == 0 {
		if len(own.Cmd) == 0 {
			own.Cmd = base.Cmd
		}
		if own.Entrypoint == nil {
			own.Entrypoint = base.Entrypoint
		}
	}
	own.Healthcheck = mergeHealthcheck(own.Healthcheck, base.Healthcheck)
	if len(own.Entrypoint) == 1 && own.Entrypoint[0] == "" {
		own.Entrypoint = nil
	}
	if len(own.Entrypoint) == 0 && len(own.Cmd) == 0 {
		return invalid("%s", "No command specified")
	}
	if in.host.LogConfig.Type == "" {
		in.host.LogConfig.Type = "json-file"
	}
	if in.host.LogConfig.Config == nil {
		in.host.LogConfig.Config = map[string]string{}
	}
	if in.host.IpcMode == "" {
		in.host.IpcMode = "private"
	}
	if in.host.ShmSize == 0 {
		in.host.ShmSize = 64 << 20
	}
	return nil
}

func setDefault(to *string, value string) {
	if *to == "" {
		*to = value
	}
}

// mergeMap adds what own does not have. A label's map is never nil.
func mergeMap[K comparable, V any](own, base map[K]V) map[K]V {
	if own == nil && len(base) == 0 {
		return own
	}
	merged := maps.Clone(base)
	if merged == nil {
		merged = map[K]V{}
	}
	maps.Copy(merged, own)
	return merged
}

// mergeEnv adds the image's variables which the container does not set.
func mergeEnv(own, base []string) []string {
	for _, variable := range base {
		name, _, _ := strings.Cut(variable, "=")
		set := slices.ContainsFunc(own, func(v string) bool { return v == name || strings.HasPrefix(v, name+"=") })
		if !set {
			own = append(own, variable)
		}
	}
	return own
}

func mergeHealthcheck(own, base *ctypes.HealthConfig) *ctypes.HealthConfig {
	if base == nil {
		return own
	}
	if own == nil {
		check := *base
		return &check
	}
	if len(own.Test) == 0 {
		own.Test = base.Test
	}
	if own.Interval == 0 {
		own.Interval = base.Interval
	}
	if own.Timeout == 0 {
		own.Timeout = base.Timeout
	}
	if own.StartPeriod == 0 {
		own.StartPeriod = base.StartPeriod
	}
	if own.StartInterval == 0 {
		own.StartInterval = base.StartInterval
	}
	if own.Retries == 0 {
		own.Retries = base.Retries
	}
	return own
}

// makeContainer puts a checked container on the engine.
func (e *Engine) makeContainer(in *creation, img *image) (*container, error) {
	if err := e.checkEndpoints(in.endpoints); err != nil {
		return nil, err
	}
	c := &container{
		id: e.newID(containerID), created: e.now(), image: img, config: in.config, host: in.host,
		endpoints: map[string]*endpoint{}, files: newFileTree(),
	}
	c.name = strings.TrimPrefix(in.name, "/")
	if c.name == "" {
		c.name = "unnamed_" + c.id[1:12]
	}
	if err := e.checkName(c.name, ""); err != nil {
		return nil, err
	}
	if c.config.Labels == nil {
		c.config.Labels = map[string]string{}
	}
	if c.config.Hostname == "" {
		c.config.Hostname = shortID(c.id)
		if c.host.NetworkMode.IsHost() {
			c.config.Hostname = "enginetest"
		}
	}
	command := append(slices.Clone(in.config.Entrypoint), in.config.Cmd...)
	c.path, c.args = command[0], command[1:]
	var err error
	if c.behaviour, err = behaviourFor(c); err != nil {
		return nil, err
	}
	for path, content := range img.spec.Files {
		c.files.put(path, &file{mode: 0o644, data: []byte(content)})
	}
	if err := e.registerMounts(c); err != nil {
		// The engine had made the container and takes it away again.
		e.removeContainer(c, true)
		return nil, err
	}
	e.registerEndpoints(c, in.endpoints)
	e.containers[c.id] = c
	return c, nil
}

// checkEndpoints validates the settings for known networks. Engines before 25
// leave that to the start.
func (e *Engine) checkEndpoints(endpoints map[string]*ntypes.EndpointSettings) error {
	if !e.serves("1.44") {
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(endpoints)) {
		n, err := e.findNetwork(name)
		if err != nil {
			continue
		}
		if endpoints[name] == nil {
			return invalid("invalid config for network %s: EndpointsConfig is nil", name)
		}
		if err := e.checkEndpoint(n, endpoints[name]); err != nil {
			return prefixed(err, "invalid config for network %s", name)
		}
	}
	return nil
}

// registerEndpoints configures a new container's networks: those named, and if
// there are none that of its network mode.
func (e *Engine) registerEndpoints(c *container, endpoints map[string]*ntypes.EndpointSettings) {
	mode := c.host.NetworkMode
	if mode.IsContainer() {
		return
	}
	if len(endpoints) == 0 {
		endpoints = map[string]*ntypes.EndpointSettings{networkOf(mode): nil}
	}
	for _, name := range slices.Sorted(maps.Keys(endpoints)) {
		e.configureEndpoint(c, name, endpoints[name])
	}
}

// networkOf is the network that a mode means.
func networkOf(mode ctypes.NetworkMode) string {
	if mode.IsDefault() {
		return ntypes.NetworkBridge
	}
	return mode.NetworkName()
}
