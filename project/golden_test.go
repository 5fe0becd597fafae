package project_test

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sirupsen/logrus"
	"golang.org/x/tools/txtar"

	"github.com/gocompose/gocompose/project"
)

var update = flag.Bool("update", false, "rewrite the want sections of testdata")

func TestMain(m *testing.M) {
	logrus.SetOutput(io.Discard) // as the command does: see Load
	os.Exit(m.Run())
}

// TestGolden runs the cases in testdata. The lines "key: value" at the head of
// a case are options (see parseOptions); its files but "env" and "want" are
// put into an empty directory, "env" is the environment, and "want" is what
// the load says and what "show" asks for.
func TestGolden(t *testing.T) {
	paths, err := goldenPaths()
	if err != nil || len(paths) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, path := range paths {
		name := strings.TrimSuffix(strings.TrimPrefix(filepath.ToSlash(path), "testdata/"), ".txtar")
		abs, err := filepath.Abs(path)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(name, func(t *testing.T) { runGolden(t, abs) })
	}
}

func runGolden(t *testing.T, path string) {
	archive, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	c := parseCase(t, archive)
	dir := c.write(t)
	c.dir = dir
	t.Chdir(filepath.Join(dir, c.cd))
	got := strings.ReplaceAll(c.run(t), dir, "$DIR")
	if *update {
		c.setWant(archive, got)
		if err := os.WriteFile(path, txtar.Format(archive), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(c.want, got); diff != "" {
		t.Errorf("wrong output (-want +got); if it is right, run go test -update\n%s", diff)
	}
}

type goldenCase struct {
	options project.Options
	cd      string
	show    []string
	links   map[string]string
	remotes map[string]string // reference → file of the case
	dir     string            // where the files are, once they are written
	files   []txtar.File
	want    string

	archive  *txtar.Archive
	noParity string // why docker-compose is not asked about this case
}

// parseCase reads a case. Unknown option lines fail, so that none is ignored.
func parseCase(t *testing.T, archive *txtar.Archive) *goldenCase {
	t.Helper()
	c := &goldenCase{archive: archive, options: project.Options{Version: "test"}, cd: ".", links: map[string]string{}, remotes: map[string]string{}}
	for line := range strings.SplitSeq(string(archive.Comment), "\n") {
		key, value, ok := strings.Cut(line, ": ")
		if strings.HasPrefix(line, "#") || !ok {
			continue
		}
		if err := c.option(key, strings.TrimSpace(value)); err != nil {
			t.Fatal(err)
		}
	}
	for _, file := range archive.Files {
		switch file.Name {
		case "want":
			c.want = string(file.Data)
		case "env":
			c.options.Env = strings.Split(strings.TrimSpace(string(file.Data)), "\n")
		case "stdin":
			c.options.Stdin = strings.NewReader(string(file.Data))
		default:
			c.files = append(c.files, file)
		}
	}
	return c
}

// fetch plays registries and repositories.
func (c *goldenCase) fetch(_ context.Context, reference string) (string, error) {
	file, ok := c.remotes[reference]
	if !ok {
		return "", fmt.Errorf("%s is not there", reference)
	}
	return filepath.Join(c.dir, file), nil
}

func (c *goldenCase) option(key, value string) error {
	o := &c.options
	switch key {
	case "files":
		o.Files = strings.Fields(value)
	case "cd":
		c.cd = value
	case "show":
		c.show = append(c.show, value)
	case "link":
		from, to, _ := strings.Cut(value, " -> ")
		c.links[from] = to
	case "remote":
		reference, file, _ := strings.Cut(value, " -> ")
		c.remotes[reference] = file
		o.Fetch = c.fetch
	case "parity":
		c.noParity = value
	case "name":
		o.Name = value
	case "directory":
		o.ProjectDirectory = value
	case "profiles":
		o.Profiles = strings.Fields(value)
	case "env-files":
		o.EnvFiles = strings.Fields(value)
	case "services":
		o.Services = strings.Fields(value)
	case "mode":
		o.Mode = map[string]project.SelectMode{
			"no-deps": project.WithoutDependencies, "dependents": project.WithDependents,
		}[value]
	case "set":
		return setFlags(o, strings.Fields(value))
	default:
		return fmt.Errorf("unknown option %q", key)
	}
	return nil
}

func setFlags(o *project.Options, flags []string) error {
	known := map[string]*bool{
		"compatibility": &o.Compatibility, "all-resources": &o.AllResources,
		"no-interpolate": &o.NoInterpolate, "no-normalize": &o.NoNormalize, "no-consistency": &o.NoConsistency,
		"no-path-resolution": &o.NoPathResolution, "no-env-resolution": &o.NoEnvResolution,
	}
	for _, flag := range flags {
		on, ok := known[flag]
		if !ok {
			return fmt.Errorf("unknown flag %q", flag)
		}
		*on = true
	}
	return nil
}

func (c *goldenCase) write(t *testing.T) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	dir = filepath.Join(dir, "demo")
	if err := os.MkdirAll(dir, 0o750); err != nil {
		t.Fatal(err)
	}
	for _, file := range c.files {
		path := filepath.Join(dir, file.Name)
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, file.Data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for from, to := range c.links {
		if err := os.Symlink(to, filepath.Join(dir, from)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func (c *goldenCase) run(t *testing.T) string {
	t.Helper()
	var out strings.Builder
	p, sources, ds := project.LoadWithSources(t.Context(), c.options)
	if err := ds.WriteText(&out, sources); err != nil {
		t.Fatal(err)
	}
	if (p == nil) != ds.HasErrors() {
		t.Fatalf("project is %v but errors are %v", p, ds)
	}
	if p == nil {
		return out.String()
	}
	for _, what := range c.show {
		text, err := show(p, what)
		if err != nil {
			text = "error: " + err.Error() + "\n"
		}
		fmt.Fprintf(&out, "== %s\n%s", what, text)
	}
	return out.String()
}

func (c *goldenCase) setWant(archive *txtar.Archive, got string) {
	for i, file := range archive.Files {
		if file.Name == "want" {
			archive.Files[i].Data = []byte(got)
			return
		}
	}
	archive.Files = append(archive.Files, txtar.File{Name: "want", Data: []byte(got)})
}

// goldenPaths are all cases but those that other tests read.
func goldenPaths() ([]string, error) {
	paths, err := filepath.Glob("testdata/*/*.txtar")
	return slices.DeleteFunc(paths, func(path string) bool {
		dir := filepath.Base(filepath.Dir(path))
		return dir == "hash" || dir == "labels" || dir == "parity"
	}), err
}
