package project_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/gocompose/gocompose/project"
)

// oracleVariable names docker-compose 2.40.3 for the tests that compare with
// it: the path that "internal/testenv/testenv oracle" prints.
const oracleVariable = "GOCOMPOSE_TEST_ORACLE"

// TestHashVectors compares configuration hashes with those that docker-compose
// 2.40.3 prints for the same files. Where the program itself is at hand, the
// vectors are compared with it, or rewritten by -update.
func TestHashVectors(t *testing.T) {
	paths, err := filepath.Glob("testdata/hash/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no vectors: %v", err)
	}
	for _, path := range paths {
		abs, err := filepath.Abs(path)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(filepath.Base(path), func(t *testing.T) { checkVectors(t, abs) })
	}
}

func checkVectors(t *testing.T, path string) {
	archive, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	c := parseCase(t, archive)
	c.options.Profiles = []string{"*"}
	t.Chdir(c.write(t))
	if oracle := os.Getenv(oracleVariable); oracle != "" {
		want := oracleHashes(t, oracle, c.options)
		if *update {
			c.setWant(archive, want)
			if err := os.WriteFile(path, txtar.Format(archive), 0o600); err != nil {
				t.Fatal(err)
			}
		} else if diff := cmp.Diff(c.want, want); diff != "" {
			t.Errorf("docker-compose has other hashes than stored (-stored +docker-compose):\n%s", diff)
		}
		c.want = want
	}
	p, ds := project.Load(t.Context(), c.options)
	if p == nil {
		t.Fatal(ds.Err())
	}
	got, err := showHashes(p)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(c.want, got); diff != "" {
		t.Errorf("other hashes than docker-compose's (-docker-compose +ours):\n%s", diff)
	}
}

func oracleHashes(t *testing.T, oracle string, o project.Options) string {
	t.Helper()
	return runOracle(t, oracle, o, "config", "--hash", "*")
}

func runOracle(t *testing.T, oracle string, o project.Options, args ...string) string {
	t.Helper()
	var given []string
	for _, file := range o.Files {
		given = append(given, "-f", file)
	}
	for _, profile := range o.Profiles {
		given = append(given, "--profile", profile)
	}
	command := exec.CommandContext(t.Context(), oracle, append(given, args...)...)
	command.Env = o.Env
	var complaints strings.Builder
	command.Stderr = &complaints
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", oracle, args, err, complaints.String())
	}
	return string(out)
}

// TestHashLabels compares hashes with those in the labels of what
// docker-compose created.
func TestHashLabels(t *testing.T) {
	archive, err := txtar.ParseFile("testdata/labels/created.txtar")
	if err != nil {
		t.Fatal(err)
	}
	c := parseCase(t, archive)
	t.Chdir(c.write(t))
	p, ds := project.Load(t.Context(), c.options)
	if p == nil {
		t.Fatal(ds.Err())
	}
	wanted := strings.Split(strings.TrimSpace(c.want), "\n")
	refs := project.Refs{}
	for _, line := range wanted {
		if fields := strings.Fields(line); fields[0] == "container" && fields[2] == "1" {
			refs[fields[1]] = fields[3]
		}
	}
	for _, line := range wanted {
		fields := strings.Fields(line)
		want := fields[len(fields)-1]
		if got := hashOf(t, p, refs, fields[0], fields[1]); got != want {
			t.Errorf("%s %s has hash %s, docker-compose wrote %s", fields[0], fields[1], got, want)
		}
	}
}

func hashOf(t *testing.T, p *project.Project, refs project.Refs, kind, name string) string {
	t.Helper()
	var hash string
	var err error
	switch kind {
	case "container":
		service, _ := p.Service(name)
		hash, err = service.ConfigHash(refs)
	case "network":
		network, _ := p.Network(name)
		hash, err = project.NetworkHash(network)
	case "volume":
		volume, _ := p.Volume(name)
		hash, err = project.VolumeHash(volume)
	default:
		t.Fatalf("unknown kind %s", kind)
	}
	if err != nil {
		t.Fatal(err)
	}
	return hash
}
