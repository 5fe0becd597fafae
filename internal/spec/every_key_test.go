package spec_test

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/google/go-cmp/cmp"

	"github.com/gocompose/gocompose/internal/spec"
	"github.com/gocompose/gocompose/project"
)

// fate is what becomes of a key of a service.
type fate string

const (
	whole   fate = "sent, with a field that tells of it"
	unshown fate = "sent, without a field"
	unsent  fate = "only a field"
	dropped fate = "dropped"
	refused fate = "refused"
)

// fates lists the keys that are not both sent and shown. A key stands for all
// that is under it.
func fates() map[string]fate {
	return map[string]fate{
		// About the service, not about its containers.
		"profiles": dropped, "scale": dropped, "attach": dropped, "extends": dropped, "develop": dropped,
		"build": dropped, "dockerfile": dropped, "pull_policy": dropped, "pull_refresh_after": dropped,
		// In the labels by which containers are found.
		"name": unshown, "depends_on": unshown,
		"depends_on.*.required": dropped, // a choice of the planner's
		// Read into environment and labels by the loader.
		"env_file": dropped, "label_file": dropped,
		// Steps of their own.
		"pre_start": unsent, "post_start": unsent, "pre_stop": unsent, "provider": dropped, "models": dropped,
		// Refused where project.WithAPISocket has not made mounts of it.
		"use_api_socket": refused,
		// Left out, with a notice.
		"umask": dropped,
		// No key of today's files: the schema refuses them.
		"net": dropped, "log_driver": dropped, "log_opt": dropped,
		// For engines of Windows, which docker-compose does not tell either.
		"credential_spec": dropped,
		// For clusters.
		"deploy.mode": dropped, "deploy.replicas": dropped, "deploy.labels": dropped, "deploy.endpoint_mode": dropped,
		"deploy.update_config": dropped, "deploy.rollback_config": dropped, "deploy.placement": dropped,
		"deploy.resources.limits.devices":                 dropped,
		"deploy.resources.limits.generic_resources":       dropped,
		"deploy.resources.reservations.cpus":              dropped,
		"deploy.resources.reservations.pids":              dropped,
		"deploy.resources.reservations.generic_resources": dropped,
		"deploy.restart_policy.delay":                     dropped,
		"deploy.restart_policy.window":                    dropped,
		"ports[].name":                                    dropped, "ports[].mode": dropped, "ports[].app_protocol": dropped,
		// Copied into the container, which is a request of its own.
		"configs": unsent, "secrets": unsent,
		// A container that exists does not tell whether it would have been made.
		"volumes[].bind.create_host_path": unshown,
		// Meant for Docker Desktop; engines do not report it.
		"volumes[].consistency": unshown,
	}
}

// fateOf finds the key or the nearest above it.
func fateOf(key string, fates map[string]fate) fate {
	for {
		if fate, ok := fates[key]; ok {
			return fate
		}
		i := strings.LastIndexAny(key, ".[")
		if i < 0 {
			return whole
		}
		key = key[:i]
	}
}

// beside sets what a key needs beside it to mean something.
func beside(key string, s *types.ServiceConfig) {
	yes := true
	bind := types.ServiceVolumeConfig{Type: "bind", Source: "/s", Target: "/t"}
	switch {
	case strings.HasPrefix(key, "volumes[].bind"):
		bind.Bind = &types.ServiceVolumeBind{CreateHostPath: true}
		s.Volumes = []types.ServiceVolumeConfig{bind}
	case strings.HasPrefix(key, "volumes[].volume"):
		s.Volumes = []types.ServiceVolumeConfig{{Type: "volume", Source: "v", Target: "/t"}}
	case strings.HasPrefix(key, "volumes[].tmpfs"), key == "volumes[].consistency":
		s.Volumes = []types.ServiceVolumeConfig{{Type: "tmpfs", Target: "/t"}}
	case strings.HasPrefix(key, "volumes[].image"):
		s.Volumes = []types.ServiceVolumeConfig{{Type: "image", Source: "app", Target: "/t"}}
	case strings.HasPrefix(key, "volumes[]"):
		s.Volumes = []types.ServiceVolumeConfig{bind}
	case strings.HasPrefix(key, "networks."):
		s.Networks = map[string]*types.ServiceNetworkConfig{"k": {UseServiceNameAlias: &yes}, "default": nil}
	case strings.HasPrefix(key, "configs[]"):
		s.Configs = []types.ServiceConfigObjConfig{{Source: "inline"}}
	case strings.HasPrefix(key, "secrets[]"):
		s.Secrets = []types.ServiceSecretConfig{{Source: "variable"}}
	case strings.HasPrefix(key, "ports[]"):
		s.Ports = []types.ServicePortConfig{{Target: 80, Protocol: "tcp"}}
	case strings.HasPrefix(key, "depends_on"):
		s.DependsOn = types.DependsOnConfig{"k": {Condition: "service_started"}}
	case key == "healthcheck.start_interval":
		start := types.Duration(8e9)
		s.HealthCheck = &types.HealthCheckConfig{StartPeriod: &start}
	case key == "deploy.restart_policy.max_attempts":
		s.Deploy = &types.DeployConfig{RestartPolicy: &types.RestartPolicy{Condition: "on-failure"}}
	case strings.HasPrefix(key, "deploy.restart_policy"):
		s.Deploy = &types.DeployConfig{RestartPolicy: &types.RestartPolicy{Condition: "any"}}
	}
}

// valueOf is a value for the keys that do not take any.
func valueOf(key string) any {
	values := map[string]any{
		"restart": "always", "deploy.restart_policy.condition": "unless-stopped", "container_name": "named",
		"image": "other", "platform": "linux/amd64", "stop_signal": "SIGINT", "working_dir": "/x", "security_opt": []string{"label=disable"}, "oom_kill_disable": true,
		"volumes[].type": "npipe", "volumes[].bind.recursive": "disabled",
		"configs[].source": "other", "secrets[].source": "other",
		"configs[].uid": "8", "configs[].gid": "8", "secrets[].uid": "8", "secrets[].gid": "8",
		"links": []string{"k"}, "external_links": []string{"c"}, "volumes_from": []string{"k"},
		"use_api_socket": true, "stop_grace_period": types.Duration(8e9),
		"healthcheck.timeout": types.Duration(8e9), "healthcheck.interval": types.Duration(8e9),
		"healthcheck.start_period": types.Duration(8e9), "healthcheck.start_interval": types.Duration(8e9),
		"networks.*.ipv4_address": "10.9.0.8", "networks.*.ipv6_address": "fd00:9::8",
	}
	return values[key]
}

// TestEveryKey sets each key of a service in turn and holds what becomes of it
// against the list above, so that a key that compose-go learns is not
// forgotten.
func TestEveryKey(t *testing.T) {
	fates := fates()
	for _, key := range keysOf(reflect.TypeFor[types.ServiceConfig](), "") {
		t.Run(key, func(t *testing.T) {
			config := types.ServiceConfig{Name: "a", ContainerSpec: types.ContainerSpec{Image: "app"}}
			beside(key, &config)
			before, fields, err := translate(withService(config))
			if err != nil {
				t.Fatal("without the key:", err)
			}
			set(t, reflect.ValueOf(&config).Elem(), key, valueOf(key))
			after, changed, err := translate(withService(config))
			got := dropped
			switch {
			case err != nil:
				got = refused
				t.Log(err)
			case before != after && len(spec.Diff(fields, changed)) > 0:
				got = whole
			case before != after:
				got = unshown
			case len(spec.Diff(fields, changed)) > 0:
				got = unsent
			}
			if want := fateOf(key, fates); got != want {
				t.Errorf("%s, want %s; fields are %v, were %v", got, want, changed, fields)
			}
		})
	}
}

// TestFates holds that the list names keys that there are.
func TestFates(t *testing.T) {
	keys := keysOf(reflect.TypeFor[types.ServiceConfig](), "")
	for listed := range fates() {
		if !slices.ContainsFunc(keys, func(key string) bool {
			rest, found := strings.CutPrefix(key, listed)
			return found && (rest == "" || strings.ContainsAny(rest[:1], ".["))
		}) {
			t.Errorf("there is no key %s", listed)
		}
	}
}

// withService is a project of the service a, with what its keys refer to.
func withService(a types.ServiceConfig) (*project.Project, project.Service) {
	networks := map[string]*types.ServiceNetworkConfig{"default": nil}
	if a.Networks == nil && a.NetworkMode == "" {
		a.Networks = networks
	}
	p := project.New(&types.Project{
		Name: "app",
		Services: types.Services{
			a.Name: a,
			"k":    {ContainerSpec: types.ContainerSpec{Image: "app", Networks: networks}},
		},
		Networks: types.Networks{"default": {Name: "app_default"}, "k": {Name: "app_k"}},
		Volumes:  types.Volumes{"v": {Name: "named"}},
		Configs:  types.Configs{"inline": {Content: "x"}, "other": {Content: "y"}},
		Secrets:  types.Secrets{"variable": {Environment: "X"}, "other": {Environment: "Y"}},
	}, nil)
	s, _ := p.Service(a.Name)
	return p, s
}

// TestEveryKeyOfResources does the same for networks and volumes.
func TestEveryKeyOfResources(t *testing.T) {
	for _, key := range keysOf(reflect.TypeFor[types.NetworkConfig](), "") {
		t.Run("networks."+key, func(t *testing.T) {
			changes(t, key, types.NetworkConfig{Name: "n"}, func(config types.NetworkConfig) (any, error) {
				p := project.New(&types.Project{Name: "app", Networks: types.Networks{"k": config}}, nil)
				name, request, err := spec.Network(p, "k")
				delete(request.Labels, project.LabelConfigHash)
				return []any{name, request}, err
			})
		})
	}
	for _, key := range keysOf(reflect.TypeFor[types.VolumeConfig](), "") {
		t.Run("volumes."+key, func(t *testing.T) {
			changes(t, key, types.VolumeConfig{Name: "n"}, func(config types.VolumeConfig) (any, error) {
				p := project.New(&types.Project{Name: "app", Volumes: types.Volumes{"k": config}}, nil)
				request, err := spec.Volume(p, "k")
				delete(request.Labels, project.LabelConfigHash)
				return request, err
			})
		})
	}
}

// changes holds that a key changes the request, unless it says that there is
// to be none.
func changes[T any](t *testing.T, key string, config T, request func(T) (any, error)) {
	t.Helper()
	before, err := request(config)
	if err != nil {
		t.Fatal(err)
	}
	set(t, reflect.ValueOf(&config).Elem(), key, nil)
	after, err := request(config)
	if err != nil {
		t.Fatal(err)
	}
	if same := cmp.Equal(before, after); same != (key == "external") {
		t.Errorf("the request changes: %t; it is %v", !same, after)
	}
}

// translate is the request for the service's first container, and its fields.
func translate(p *project.Project, s project.Service) (string, spec.Fields, error) {
	r, err := spec.Container(p, s, spec.Inputs{
		Number: 1, Name: s.ContainerNameFor(1), Parents: map[string]string{"k": "ID"},
	})
	if err != nil {
		return "", nil, err
	}
	delete(r.Config.Labels, project.LabelFields)
	request, err := json.Marshal(r)
	if err != nil {
		return "", nil, err
	}
	fields, err := spec.Desired(p, s)
	return string(request), fields, err
}
