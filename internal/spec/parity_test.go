package spec_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"
	"github.com/docker/docker/api/types/network"
	"github.com/docker/docker/api/types/versions"
	"github.com/docker/docker/api/types/volume"
	"github.com/docker/docker/client"
	"github.com/google/go-cmp/cmp"

	"github.com/gocompose/gocompose/internal/engine"
	"github.com/gocompose/gocompose/internal/spec"
	"github.com/gocompose/gocompose/planner"
	"github.com/gocompose/gocompose/project"
	"github.com/gocompose/gocompose/runtime"
)

// TestParity creates each project of testdata/parity with docker-compose
// 2.40.3 and with our own requests, on each engine there is, and compares what
// the engine then says of the containers. It also holds the fields that are
// observed against those that are desired.
func TestParity(t *testing.T) {
	oracle := os.Getenv("GOCOMPOSE_TEST_ORACLE")
	if oracle == "" {
		t.Skip("GOCOMPOSE_TEST_ORACLE does not name docker-compose 2.40.3")
	}
	t.Setenv("PARITY_SECRET", "not to be seen")
	files, err := filepath.Glob("testdata/parity/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal("no compose files", err)
	}
	for _, variable := range []string{"GOCOMPOSE_TEST_DOCKER_HOST", "GOCOMPOSE_TEST_DOCKER_HOST_NEW", "GOCOMPOSE_TEST_DOCKER_HOST_SID"} {
		host := os.Getenv(variable)
		t.Run(strings.TrimPrefix(variable, "GOCOMPOSE_TEST_"), func(t *testing.T) {
			if host == "" {
				t.Skipf("%s does not name an engine", variable)
			}
			for _, file := range files {
				name := strings.TrimSuffix(filepath.Base(file), ".yaml")
				t.Run(name, func(t *testing.T) {
					p := newParity(t, oracle, host, file, fmt.Sprintf("spec-parity-%s-%d", name, os.Getpid()))
					if oldest := neededVersion(t, file); versions.LessThan(p.engine.API().ClientVersion(), oldest) {
						t.Skip("its keys need API", oldest)
					}
					p.compare(t)
				})
			}
		})
	}
}

// parity is one project on one engine.
type parity struct {
	oracle, host, file string
	project            *project.Project
	engine             *engine.Client
}

func newParity(t *testing.T, oracle, host, file, name string) *parity {
	t.Helper()
	// Engines in a namespace of their own see no other place than /tmp.
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Dir(file))); err != nil {
		t.Fatal(err)
	}
	absolute := filepath.Join(dir, filepath.Base(file))
	api, err := client.NewClientWithOpts(client.WithHost(host), client.WithAPIVersionNegotiation())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = api.Close() })
	e, err := engine.FromAPI(t.Context(), api)
	if err != nil {
		t.Fatal(err)
	}
	loaded, diagnostics := project.Load(t.Context(), project.Options{Files: []string{absolute}, Name: name, Env: os.Environ()})
	if err := diagnostics.Err(); err != nil {
		t.Fatal(err)
	}
	p := &parity{oracle: oracle, host: host, file: absolute, project: loaded, engine: e}
	t.Cleanup(func() { p.run(t, "down", "-v", "-t", "0") })
	return p
}

// run lets docker-compose do something.
func (p *parity) run(t *testing.T, args ...string) {
	t.Helper()
	command := exec.CommandContext(context.WithoutCancel(t.Context()), p.oracle, append([]string{"-p", p.project.Name(), "-f", p.file}, args...)...)
	command.Env = append(os.Environ(), "DOCKER_HOST="+p.host)
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("docker-compose %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

func (p *parity) compare(t *testing.T) {
	p.run(t, "create")
	theirs := p.inspect(t)
	p.observed(t, "docker-compose")
	state := p.observe(t)
	if plan := p.plan(t, state); !plan.Empty() {
		t.Errorf("docker-compose's containers are not taken over: %s", describe(plan))
	}
	p.run(t, "down", "-v", "-t", "0")

	plan := p.plan(t, p.observe(t))
	driver := runtime.NewDriver(p.engine, p.project, runtime.DriverOptions{})
	defer func() { _ = driver.Close() }()
	if _, err := runtime.Apply(t.Context(), plan, driver, runtime.ApplyOptions{}); err != nil {
		t.Fatal(err)
	}
	ours := p.inspect(t)
	p.observed(t, "gocompose")
	for name, their := range theirs {
		if diff := cmp.Diff(their, ours[name]); diff != "" {
			t.Errorf("%s differs (-docker-compose +gocompose):\n%s", name, diff)
		}
	}
	if len(ours) != len(theirs) {
		t.Errorf("%d things instead of %d", len(ours), len(theirs))
	}
}

func describe(p *planner.Plan) string {
	var out strings.Builder
	if err := planner.WriteText(&out, p); err != nil {
		return err.Error()
	}
	return out.String()
}

func (p *parity) observe(t *testing.T) planner.State {
	t.Helper()
	state, err := runtime.Observe(t.Context(), p.engine, p.project)
	if err != nil {
		t.Fatal(err)
	}
	return state
}

func (p *parity) plan(t *testing.T, state planner.State) *planner.Plan {
	t.Helper()
	plan, err := planner.Up(p.project, state, planner.UpOptions{NoStart: true})
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

func (p *parity) containers(t *testing.T) []container.InspectResponse {
	t.Helper()
	list, err := p.engine.API().ContainerList(t.Context(), container.ListOptions{
		All: true, Filters: filters.NewArgs(filters.Arg("label", project.LabelProject+"="+p.project.Name())),
	})
	if err != nil {
		t.Fatal(err)
	}
	var found []container.InspectResponse
	for _, c := range list {
		inspect, err := p.engine.API().ContainerInspect(t.Context(), c.ID)
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, inspect)
	}
	return found
}

// observed holds what is read back of each container against the files.
func (p *parity) observed(t *testing.T, maker string) {
	t.Helper()
	services := map[string]string{}
	all := p.containers(t)
	for _, c := range all {
		services[c.ID] = c.Config.Labels[project.LabelService]
	}
	for _, c := range all {
		image, err := p.engine.API().ImageInspect(t.Context(), c.Image)
		if err != nil {
			t.Fatal(err)
		}
		s, _ := p.project.Service(services[c.ID])
		desired, err := spec.Desired(p.project, s)
		if err != nil {
			t.Fatal(err)
		}
		for _, change := range spec.Diff(spec.Observed(p.project, c, image, services), desired) {
			t.Errorf("%s, made by %s: %s is %q, and %q is desired", c.Name, maker, change.Path, change.Old, change.New)
		}
	}
}

// inspect returns what the engine says of the project's containers, networks
// and volumes, less what differs from run to run.
func (p *parity) inspect(t *testing.T) map[string]any {
	t.Helper()
	all := p.containers(t)
	found := map[string]any{}
	for _, c := range all {
		found["container "+c.Name] = p.normal(t, map[string]any{
			"Config": c.Config, "HostConfig": c.HostConfig, "Mounts": mounts(c.Mounts), "Networks": c.NetworkSettings.Networks,
		}, all)
	}
	own := filters.NewArgs(filters.Arg("label", project.LabelProject+"="+p.project.Name()))
	networks, err := p.engine.API().NetworkList(t.Context(), network.ListOptions{Filters: own})
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range networks {
		found["network "+n.Name] = p.normal(t, map[string]any{
			"Driver": n.Driver, "Options": n.Options, "Labels": n.Labels, "Internal": n.Internal, "Attachable": n.Attachable, "IPv6": n.EnableIPv6, "IPAMDriver": n.IPAM.Driver,
		}, all)
	}
	volumes, err := p.engine.API().VolumeList(t.Context(), volume.ListOptions{Filters: own})
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range volumes.Volumes {
		found["volume "+v.Name] = p.normal(t, map[string]any{"Driver": v.Driver, "Options": v.Options, "Labels": v.Labels}, all)
	}
	return found
}

func mounts(list []container.MountPoint) []container.MountPoint {
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b container.MountPoint) int { return strings.Compare(a.Destination, b.Destination) })
	return list
}

var generated = regexp.MustCompile(`\b[0-9a-f]{64}\b`)

// normal brings an inspect into a form in which equal containers are equal.
func (p *parity) normal(t *testing.T, value any, all []container.InspectResponse) any {
	t.Helper()
	encoded, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	text := string(encoded)
	for _, c := range all {
		text = strings.ReplaceAll(text, c.ID, "ID of "+c.Name)
		text = strings.ReplaceAll(text, c.ID[:12], "short ID of "+c.Name)
	}
	text = generated.ReplaceAllString(text, "GENERATED")
	var decoded any
	if err := json.Unmarshal([]byte(text), &decoded); err != nil {
		t.Fatal(err)
	}
	return scrub("", decoded)
}

// scrub drops what is not compared: addresses that the engine hands out, the
// version label, our own label, and the order of lists that have none.
func scrub(key string, value any) any {
	switch v := value.(type) {
	case map[string]any:
		delete(v, project.LabelFields)
		delete(v, project.LabelVersion)
		for _, volatile := range []string{"EndpointID", "NetworkID", "SandboxID", "DNSNames", "MacAddress"} {
			delete(v, volatile)
		}
		for k := range v {
			v[k] = scrub(k, v[k])
		}
		return v
	case []any:
		for i := range v {
			v[i] = scrub(key, v[i])
		}
		if key == "Mounts" {
			slices.SortFunc(v, func(a, b any) int { return strings.Compare(target(a), target(b)) })
		}
		if slices.Contains([]string{"Aliases", "Binds", "Links", "ExtraHosts", "SecurityOpt", "Ulimits", "Env"}, key) {
			slices.SortFunc(v, func(a, b any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
		}
		return v
	case string:
		if key == project.LabelDependsOn {
			parts := strings.Split(v, ",")
			slices.Sort(parts)
			return strings.Join(parts, ",")
		}
		return v
	default:
		return v
	}
}

func target(m any) string {
	mount, _ := m.(map[string]any)
	return fmt.Sprint(mount["Target"], mount["Destination"])
}
