package project_test

import (
	"bytes"
	"context"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
	"gopkg.in/yaml.v3"

	"github.com/gocompose/gocompose/project"
)

// TestParity runs docker-compose 2.40.3 on the golden cases: it must refuse
// the same ones, in words that are also in our diagnostics, and print the same
// model for the others. Cases with a line "parity: no" say why not.
func TestParity(t *testing.T) {
	oracle := os.Getenv(oracleVariable)
	if oracle == "" {
		t.Skipf("%s does not name docker-compose 2.40.3", oracleVariable)
	}
	paths, err := goldenPaths()
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		abs, err := filepath.Abs(path)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(strings.TrimPrefix(path, "testdata/"), func(t *testing.T) { checkParity(t, oracle, abs) })
	}
}

func checkParity(t *testing.T, oracle, path string) {
	archive, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	c := parseCase(t, archive)
	if c.noParity != "" {
		t.Skip(c.noParity)
	}
	dir := c.write(t)
	t.Chdir(filepath.Join(dir, c.cd))
	want, complaint, err := oracleConfig(t, oracle, c)
	p, ds := project.Load(t.Context(), c.options)
	if err != nil {
		if p != nil {
			t.Fatalf("docker-compose refuses what Load takes: %s", complaint)
		}
		checkWords(t, complaint, ds)
		return
	}
	if p == nil {
		t.Fatalf("Load refuses what docker-compose takes: %v", ds.Err())
	}
	got, err := p.Render(project.YAML)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(plainModel(t, want), plainModel(t, got)); diff != "" {
		t.Errorf("another model than docker-compose's (-docker-compose +ours):\n%s", diff)
	}
}

// oracleTimeout ends a docker-compose that does not end by itself on odd input.
const oracleTimeout = 20 * time.Second

// checkWords looks for the last line of the complaint in the diagnostics, or
// at least for what follows its last colon.
func checkWords(t *testing.T, complaint string, ds project.Diagnostics) {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(complaint), "\n")
	words := lines[len(lines)-1]
	var all []string
	for _, d := range ds.Errors() {
		all = append(all, d.Summary)
	}
	ours := strings.Join(all, "\n")
	reason := words[strings.LastIndex(words, ": ")+1:]
	if !strings.Contains(ours, words) && (strings.HasPrefix(words, "service ") || !strings.Contains(ours, reason)) {
		t.Errorf("docker-compose says %q, which is not in:\n%s", words, ours)
	}
}

func oracleConfig(t *testing.T, oracle string, c *goldenCase) (model []byte, complaint string, err error) {
	t.Helper()
	o := c.options
	var args []string
	flag := func(name string, values ...string) {
		for _, value := range values {
			if value != "" {
				args = append(args, name, value)
			}
		}
	}
	flag("-f", o.Files...)
	flag("--profile", o.Profiles...)
	flag("--env-file", o.EnvFiles...)
	flag("--project-directory", o.ProjectDirectory)
	flag("-p", o.Name)
	if o.Compatibility {
		args = append(args, "--compatibility")
	}
	if o.AllResources {
		args = append(args, "--all-resources")
	}
	args = append(args, "config")
	for _, off := range []struct {
		set  bool
		flag string
	}{
		{o.NoNormalize, "--no-normalize"}, {o.NoConsistency, "--no-consistency"},
		{o.NoPathResolution, "--no-path-resolution"}, {o.NoEnvResolution, "--no-env-resolution"},
	} {
		if off.set {
			args = append(args, off.flag)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), oracleTimeout)
	defer cancel()
	command := exec.CommandContext(ctx, oracle, append(args, o.Services...)...)
	command.Env = append([]string{"PATH=" + os.Getenv("PATH")}, o.Env...)
	command.Stdin = o.Stdin
	var out, complaints bytes.Buffer
	command.Stdout, command.Stderr = &out, &complaints
	err = command.Run()
	if o.Stdin != nil { // it was read: give Load the same again
		for _, file := range c.archive.Files {
			if file.Name == "stdin" {
				c.options.Stdin = bytes.NewReader(file.Data)
			}
		}
	}
	return out.Bytes(), complaints.String(), err
}

// plainModel takes out what the versions write differently but mean alike:
// what is null or empty, and defaults that one of them writes out.
func plainModel(t *testing.T, text []byte) any {
	t.Helper()
	var model map[string]any
	if err := yaml.Unmarshal(text, &model); err != nil {
		t.Fatal(err)
	}
	return withoutEmpty(model)
}

func withoutEmpty(value any) any {
	switch v := value.(type) {
	case map[string]any:
		kept := map[string]any{}
		for key, child := range v {
			child = withoutEmpty(child)
			if child == nil || key == "create_host_path" && child == true || key == "required" && child == true {
				continue
			}
			kept[key] = child
		}
		if len(kept) == 0 {
			return nil
		}
		return maps.Clone(kept)
	case []any:
		kept := make([]any, 0, len(v))
		for _, child := range v {
			kept = append(kept, withoutEmpty(child))
		}
		return kept
	default:
		return value
	}
}
