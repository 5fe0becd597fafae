package project_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/google/go-cmp/cmp"

	"github.com/gocompose/gocompose/project"
)

const variableFile = `name: demo
services:
  web:
    image: nginx:${TAG:-latest}
    ports: ["${PORT:?no port}:80"]
    command: echo $$HOME ${GREETING:+hello}
    profiles: [tools]
  db:
    image: postgres
volumes:
  data:
    name: ${VOLUME}
`

func loadedModel(t *testing.T, o project.Options) project.Model {
	t.Helper()
	dir := t.TempDir()
	put(t, filepath.Join(dir, "compose.yaml"), variableFile)
	o.ProjectDirectory, o.NoInterpolate = dir, true
	model, _, ds := project.LoadModel(t.Context(), o)
	if model == nil {
		t.Fatal(ds.Err())
	}
	return model
}

func TestModelKeepsVariables(t *testing.T) {
	model := loadedModel(t, project.Options{})
	text, err := model.Render(project.YAML)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"name: demo\n", "image: nginx:${TAG:-latest}", "${PORT:?no port}:80", "name: ${VOLUME}", "$$HOME",
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if diff := cmp.Diff([]string{"db", "web"}, model.ServiceNames()); diff != "" {
		t.Error(diff)
	}
	if _, err := model.Render("toml"); err == nil {
		t.Error("renders as toml")
	}
	encoded, err := model.Render(project.JSON)
	if err != nil || !json.Valid(encoded) {
		t.Errorf("%v: %s", err, encoded)
	}
}

// TestModelKeepsSecrets: the value of a secret stays in its variable.
func TestModelKeepsSecrets(t *testing.T) {
	dir := t.TempDir()
	put(t, filepath.Join(dir, "compose.yaml"), "services: {a: {image: app, secrets: [token]}}\nsecrets: {token: {environment: TOKEN}}\n")
	for _, plain := range []bool{false, true} {
		model, _, ds := project.LoadModel(t.Context(), project.Options{
			ProjectDirectory: dir, NoInterpolate: true, NoNormalize: plain, Env: []string{"TOKEN=hidden"},
		})
		if model == nil {
			t.Fatal(ds.Err())
		}
		text, err := model.Render(project.YAML)
		if err != nil || strings.Contains(string(text), "hidden") || !strings.Contains(string(text), "environment: TOKEN") {
			t.Errorf("%v:\n%s", err, text)
		}
	}
}

func TestModelVariables(t *testing.T) {
	want := []project.Variable{
		{Name: "GREETING", Presence: "hello"},
		{Name: "PORT", Required: true},
		{Name: "TAG", Default: "latest"},
		{Name: "VOLUME"},
	}
	if diff := cmp.Diff(want, loadedModel(t, project.Options{}).Variables()); diff != "" {
		t.Error(diff)
	}
}

// TestModelParity compares with docker-compose config --no-interpolate.
func TestModelParity(t *testing.T) {
	oracle := os.Getenv(oracleVariable)
	if oracle == "" {
		t.Skipf("%s does not name docker-compose 2.40.3", oracleVariable)
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "compose.yaml")
	put(t, file, variableFile)
	o := project.Options{Files: []string{file}, NoInterpolate: true}
	want := runOracle(t, oracle, o, "config", "--no-interpolate")
	model, _, ds := project.LoadModel(t.Context(), o)
	if model == nil {
		t.Fatal(ds.Err())
	}
	got, err := model.Render(project.YAML)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(plainModel(t, []byte(want)), plainModel(t, got)); diff != "" {
		t.Errorf("-docker-compose +ours:\n%s", diff)
	}
}

// TestRenderLoadsAgain: what is printed is a Compose file of the same project.
func TestRenderLoadsAgain(t *testing.T) {
	dir := t.TempDir()
	put(t, filepath.Join(dir, "compose.yaml"), variableFile)
	o := project.Options{ProjectDirectory: dir, Env: []string{"PORT=1", "GREETING=x"}, Profiles: []string{"*"}}
	first, ds := project.Load(t.Context(), o)
	if first == nil {
		t.Fatal(ds.Err())
	}
	for _, format := range []string{project.YAML, project.JSON} {
		text, err := first.Render(format)
		if err != nil {
			t.Fatal(err)
		}
		again := filepath.Join(t.TempDir(), "compose.yaml")
		put(t, again, string(text))
		o.Files = []string{again}
		second, ds := project.Load(t.Context(), o)
		if second == nil {
			t.Fatal(ds.Err())
		}
		repeated, err := second.Render(format)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(text), string(repeated)); diff != "" {
			t.Error(diff)
		}
	}
	if _, err := first.Render("toml"); err == nil {
		t.Error("renders as toml")
	}
}

func TestDiagnosticsJSON(t *testing.T) {
	dir := t.TempDir()
	put(t, filepath.Join(dir, "compose.yaml"), "services:\n  web:\n    imge: nginx\n")
	_, ds := project.Load(t.Context(), project.Options{ProjectDirectory: dir})
	encoded, err := json.MarshalIndent(ds, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	want := `[
  {
    "severity": "error",
    "code": "unknown-key",
    "path": "services.web.imge",
    "pos": {
      "file": "DIR/compose.yaml",
      "line": 3,
      "column": 5
    },
    "summary": "validating DIR/compose.yaml: services.web additional properties 'imge' not allowed",
    "hint": "did you mean \"image\"?"
  }
]`
	if diff := cmp.Diff(want, strings.ReplaceAll(string(encoded), dir, "DIR")); diff != "" {
		t.Error(diff)
	}
}

// TestMinimalModels: a project can be made of labels alone.
func TestMinimalModels(t *testing.T) {
	p := project.New(&types.Project{Name: "demo"}, nil)
	if names := p.ServiceNames(); len(names) != 0 {
		t.Error(names)
	}
	p = project.New(&types.Project{Name: "demo", Services: types.Services{"web": {}}}, nil)
	web, ok := p.Service("web")
	if !ok || web.ContainerNameFor(2) != "demo-web-2" || web.ImageRef() != "demo-web" || web.Replicas() != 1 {
		t.Errorf("%+v", web)
	}
	if labels := web.ContainerLabels(0, true); labels[project.LabelOneOff] != "True" || labels[project.LabelNumber] != "" {
		t.Error(labels)
	}
	if _, err := web.ConfigHash(nil); err != nil {
		t.Error(err)
	}
	if _, err := p.Select([]string{"web"}, project.WithDependents); err != nil {
		t.Error(err)
	}
	if _, err := p.Layers(); err != nil {
		t.Error(err)
	}
}

// TestConcurrentUse is for the race detector.
func TestConcurrentUse(t *testing.T) {
	dir := t.TempDir()
	put(t, filepath.Join(dir, "compose.yaml"), "services: {web: {image: nginx, depends_on: [db]}, db: {image: postgres}}")
	p, ds := project.Load(t.Context(), project.Options{ProjectDirectory: dir})
	if p == nil {
		t.Fatal(ds.Err())
	}
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			if _, ok := p.Sources().Position("services.web.depends_on.db"); !ok {
				t.Error("no position")
			}
			if _, err := p.Select([]string{"web"}, project.WithDependencies); err != nil {
				t.Error(err)
			}
			for s := range p.Services() {
				if _, err := s.ConfigHash(project.Refs{"db": "1"}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
}

func TestOnlyImages(t *testing.T) {
	dir := t.TempDir()
	put(t, filepath.Join(dir, "compose.yaml"), "services: {b: {build: .}, db: {image: 'postgres:17'}, off: {image: x, profiles: [p]}}")
	p, ds := project.Load(t.Context(), project.Options{ProjectDirectory: dir})
	if p == nil {
		t.Fatal(ds.Err())
	}
	if diff := cmp.Diff(map[string]string{"db": "postgres:17"}, p.WrittenImages()); diff != "" {
		t.Error(diff)
	}
	text, err := p.WithImages(map[string]string{"db": "postgres@sha256:0"}).OnlyImages().Render(project.YAML)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("services:\n  b: {}\n  db:\n    image: postgres@sha256:0\n", string(text)); diff != "" {
		t.Error(diff)
	}
	if service, _ := p.Service("db"); service.Image != "postgres:17" {
		t.Errorf("the project itself changed: %s", service.Image)
	}
}

// TestRenderWithoutLabelFiles: what a label file says is in the labels, as with
// env files.
func TestRenderWithoutLabelFiles(t *testing.T) {
	dir := t.TempDir()
	put(t, filepath.Join(dir, "a.labels"), "one=file\n")
	put(t, filepath.Join(dir, "compose.yaml"), "services: {web: {image: nginx, label_file: a.labels}}")
	for _, kept := range []bool{false, true} {
		p, ds := project.Load(t.Context(), project.Options{ProjectDirectory: dir, NoEnvResolution: kept})
		if p == nil {
			t.Fatal(ds.Err())
		}
		text, err := p.Render(project.YAML)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(string(text), "label_file"); got != kept {
			t.Errorf("label_file is shown: %v, want %v:\n%s", got, kept, text)
		}
		if service, _ := p.Service("web"); len(service.LabelFiles) != 1 {
			t.Error("the hash needs the label file")
		}
	}
}
