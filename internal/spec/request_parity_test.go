package spec_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/versions"

	"github.com/gocompose/gocompose/internal/engine"
	"github.com/gocompose/gocompose/internal/enginetest"
	"github.com/gocompose/gocompose/planner"
	"github.com/gocompose/gocompose/project"
	"github.com/gocompose/gocompose/runtime"
)

// TestRequestParity compares what docker-compose 2.40.3 and we ask an engine
// in memory for, request by request, on engines before and after each change
// of the API. Besides the projects of TestParity it has those of
// testdata/requests, which ask for what few hosts have.
func TestRequestParity(t *testing.T) {
	oracle := os.Getenv("GOCOMPOSE_TEST_ORACLE")
	if oracle == "" {
		t.Skip("GOCOMPOSE_TEST_ORACLE does not name docker-compose 2.40.3")
	}
	t.Setenv("PARITY_SECRET", "not to be seen")
	t.Setenv("DOCKER_CONFIG", t.TempDir())
	for _, version := range []string{"1.41", "1.43", "1.44", "1.48", "1.51"} {
		for _, file := range composeFiles(t) {
			name := strings.TrimSuffix(strings.TrimPrefix(file, "testdata/"), ".yaml")
			t.Run(version+"/"+name, func(t *testing.T) {
				if oldest := neededVersion(t, file); versions.LessThan(version, oldest) {
					t.Skip("its keys need API", oldest)
				}
				dir := t.TempDir()
				if err := os.CopyFS(dir, os.DirFS(filepath.Dir(file))); err != nil {
					t.Fatal(err)
				}
				file := filepath.Join(dir, filepath.Base(file))
				theirs := requests(t, version, func(_ *engine.Client, host string) { compose(t, oracle, host, file, "create") })
				ours := requests(t, version, func(e *engine.Client, _ string) { apply(t, e, file, planner.UpOptions{NoStart: true}) })
				for _, path := range slices.Sorted(maps.Keys(merged(theirs, ours))) {
					their, asked := theirs[path]
					our, ask := ours[path]
					if (their != our || asked != ask) && !accepted(version, path) {
						t.Errorf("%s is %s, and %s by docker-compose", path, our, their)
					}
				}
			})
		}
	}
}

// TestCopiedFiles holds the files that are copied into containers against
// docker-compose's.
func TestCopiedFiles(t *testing.T) {
	oracle := os.Getenv("GOCOMPOSE_TEST_ORACLE")
	if oracle == "" {
		t.Skip("GOCOMPOSE_TEST_ORACLE does not name docker-compose 2.40.3")
	}
	t.Setenv("PARITY_SECRET", "not to be seen")
	t.Setenv("DOCKER_CONFIG", t.TempDir())
	const file = "testdata/files/compose.yaml"
	copied := func(up creation) string {
		m := inMemory(t, enginetest.LatestAPIVersion)
		up(m.engine, m.host)
		var files []string
		for line := range strings.Lines(m.Snapshot()) {
			if strings.HasPrefix(line, "  file ") {
				files = append(files, line)
			}
		}
		return strings.Join(files, "")
	}
	theirs := copied(func(_ *engine.Client, host string) { compose(t, oracle, host, file, "up", "-d") })
	ours := copied(func(e *engine.Client, _ string) { apply(t, e, file, planner.UpOptions{}) })
	if theirs == "" || theirs != ours {
		t.Errorf("the files are\n%sand by docker-compose\n%s", ours, theirs)
	}
}

// composeFiles lists the projects whose requests are looked at.
func composeFiles(t *testing.T) []string {
	t.Helper()
	var files []string
	for _, pattern := range []string{"testdata/parity/*.yaml", "testdata/requests/*.yaml"} {
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) == 0 {
			t.Fatal("no compose files", err)
		}
		files = append(files, found...)
	}
	return files
}

func merged(a, b map[string]string) map[string]string {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return all
}

// accepted tells where we mean to ask for something else.
func accepted(version, path string) bool {
	for prefix, older := range map[string]string{
		// What the engine is too old to look at is left out, and said to be.
		"ContainerCreate requests-annotations-1 HostConfig Annotations": "1.43",
		// docker-compose takes the address of an endpoint for its gateway;
		// engines put their own in the place of both.
		"ContainerCreate requests-sixth-1 NetworkingConfig EndpointsConfig requests_front GlobalIPv6Address": "",
		"ContainerCreate requests-sixth-1 NetworkingConfig EndpointsConfig requests_front IPv6Gateway":       "",
		// docker-compose loses a MAC address on a network of the engine's.
		"ContainerCreate requests-bridgemac-1 NetworkingConfig": "",
		// docker-compose loses the access mode of volumes_from.
		"ContainerCreate requests-limited-1 HostConfig VolumesFrom": "",
		// create_host_path is true by default since docker-compose 2.40.3, as
		// the Compose Spec has it.
		"ContainerCreate requests-silent-1 HostConfig Binds":  "",
		"ContainerCreate requests-silent-1 HostConfig Mounts": "",
		// docker-compose 2.40.3 does not know ipam.options.
		"NetworkCreate requests_options IPAM Options":                          "",
		"NetworkCreate requests_options Labels com.docker.compose.config-hash": "",
	} {
		if strings.HasPrefix(path, prefix) && (older == "" || versions.LessThan(version, older)) {
			return true
		}
	}
	return false
}

// neededVersion reads the API version that a file says it needs.
func neededVersion(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(string(text), "\n")
	if version, ok := strings.CutPrefix(first, "# needs API "); ok {
		return version
	}
	return enginetest.OldestAPIVersion
}

const requestProject = "requests"

func compose(t *testing.T, oracle, host, file string, args ...string) {
	t.Helper()
	command := exec.CommandContext(context.WithoutCancel(t.Context()), oracle, append([]string{"-p", requestProject, "-f", file}, args...)...)
	command.Env = append(os.Environ(), "DOCKER_HOST="+host)
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("docker-compose: %v\n%s", err, out)
	}
}

func apply(t *testing.T, e *engine.Client, file string, options planner.UpOptions) *project.Project {
	t.Helper()
	p, diagnostics := project.Load(t.Context(), project.Options{Files: []string{file}, Name: requestProject, Env: os.Environ()})
	if err := diagnostics.Err(); err != nil {
		t.Fatal(err)
	}
	state, err := runtime.Observe(t.Context(), e, p)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := planner.Up(p, state, options)
	if err != nil {
		t.Fatal(err)
	}
	driver := runtime.NewDriver(e, p, runtime.DriverOptions{})
	defer func() { _ = driver.Close() }()
	if _, err := runtime.Apply(t.Context(), plan, driver, runtime.ApplyOptions{}); err != nil {
		t.Fatal(err)
	}
	return p
}

// creation lets something create the containers of a project.
type creation func(e *engine.Client, host string)

// requests runs the steps against a fresh engine and returns what it was asked
// to make: the operation, its target and a path in the request, to the value.
func requests(t *testing.T, version string, steps ...creation) map[string]string {
	t.Helper()
	m := inMemory(t, version)
	m.ResetJournal()
	var names []string // IDs and generated names, each with what to read for it
	for _, step := range steps {
		step(m.engine, m.host)
		all, err := m.engine.API().ContainerList(t.Context(), container.ListOptions{All: true})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range all {
			name := "ID of " + c.Names[0]
			names = append(names, c.ID, name, c.ID[:12], name)
			for _, m := range c.Mounts {
				if len(m.Name) == len(c.ID) {
					names = append(names, m.Name, "volume of "+c.Names[0]+" at "+m.Destination)
				}
			}
		}
	}
	named := strings.NewReplacer(names...)
	asked := map[string]string{}
	for _, r := range m.Journal() {
		switch r.Op {
		case "ContainerCreate", "NetworkCreate", "VolumeCreate", "NetworkConnect":
			body := decode(t, r, named)
			name := named.Replace(r.String())
			switch r.Op {
			case "NetworkConnect":
				name = fmt.Sprint(name, " ", body["Container"])
			case "VolumeCreate":
				name = fmt.Sprint(name, " ", body["Name"])
			}
			asked[name+" platform"] = r.Query.Get("platform")
			flatten(name, "", body, asked)
		}
	}
	return asked
}

// decode reads the body of a request, with names in the place of IDs.
func decode(t *testing.T, r enginetest.Request, named *strings.Replacer) map[string]any {
	t.Helper()
	text := named.Replace(string(r.Body))
	var body map[string]any
	if err := json.Unmarshal([]byte(text), &body); err != nil {
		t.Fatal(r, err)
	}
	if labels, ok := body["Labels"].(map[string]any); ok {
		delete(labels, project.LabelFields)  // only ours
		delete(labels, project.LabelVersion) // says who asks
		if strings.Contains(text, "ID of ") {
			delete(labels, project.LabelConfigHash) // IDs are part of it
		}
	}
	return body
}

// flatten writes a request as one line for each value, in the one order that
// lists have which docker-compose takes from maps.
func flatten(path, key string, value any, into map[string]string) {
	switch v := value.(type) {
	case map[string]any:
		for k := range v {
			flatten(path+" "+k, k, v[k], into)
		}
		if len(v) > 0 {
			return
		}
	case []any:
		if slices.Contains([]string{"Binds", "Env", "ExtraHosts", "Mounts", "Ulimits"}, key) {
			slices.SortFunc(v, func(a, b any) int {
				return strings.Compare(target(a)+fmt.Sprint(a), target(b)+fmt.Sprint(b))
			})
		}
		for i := range v {
			flatten(fmt.Sprint(path, " ", i), "", v[i], into)
		}
		if len(v) > 0 {
			return
		}
	case string:
		if key == project.LabelDependsOn {
			parts := strings.Split(v, ",")
			slices.Sort(parts)
			value = strings.Join(parts, ",")
		}
	}
	text, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	into[path] = string(text)
}
