package main

import (
	"net/http/cgi" //nolint:gosec // of the Go that this is built with
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// serveRepository serves a git repository with these files over HTTP, and
// returns its address. It has a branch main and a tag v1.
func (p *pair) serveRepository(t *testing.T, files map[string]string) string {
	t.Helper()
	git, err := exec.LookPath("git")
	if err != nil {
		t.Skip("no git here")
	}
	root := t.TempDir()
	dir := filepath.Join(root, "app.git")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	(&pair{place: &place{dir: dir}}).writeAll(t, files)
	env := []string{"PATH=" + os.Getenv("PATH"), "HOME=" + root}
	for _, args := range [][]string{
		{"init", "--quiet", "-b", "main"},
		{"config", "uploadpack.allowAnySHA1InWant", "true"},
		{"add", "--all"},
		{"-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "--quiet", "-m", "x"},
		{"tag", "v1"},
	} {
		command := exec.CommandContext(t.Context(), git, args...)
		command.Dir, command.Env = dir, env
		if out, err := command.CombinedOutput(); err != nil {
			t.Fatalf("git %q: %v\n%s", args, err, out)
		}
	}
	server := httptest.NewServer(&cgi.Handler{
		Path: git, Args: []string{"http-backend"},
		Env: []string{"GIT_PROJECT_ROOT=" + root, "GIT_HTTP_EXPORT_ALL=1", "HOME=" + root},
	})
	t.Cleanup(server.Close)
	return server.URL + "/app.git"
}

// TestRepositoriesBothWays: both programs take the same references to
// repositories, and make the same of them, but for the place of the cache.
func TestRepositoriesBothWays(t *testing.T) {
	p := newPair(t, "")
	const service = "services:\n  web:\n    image: app:1\n    volumes: ['./data:/data']\n"
	address := p.serveRepository(t, map[string]string{
		"compose.yaml":              "name: root\n" + service,
		"deploy/docker-compose.yml": service,
		"deploy/other.yaml":         service,
		"empty/x":                   "",
	})
	p.writeAll(t, map[string]string{
		"include.yaml": "include: ['" + address + "#:deploy']\nservices: {own: {image: app:1, volumes: ['./own:/own']}}\n",
		"several.yaml": "include: [{path: ['" + address + "#v1:deploy/other.yaml', over.yaml]}]\n",
		"moved.yaml":   "include: [{path: '" + address + "', project_directory: elsewhere}]\n",
		"extends.yaml": "services: {own: {extends: {file: '" + address + "', service: web}}}\n",
		"over.yaml":    "services: {web: {labels: {over: '1'}, volumes: ['./more:/more']}}\n",
	})
	home := filepath.Join(p.dir, ".cache")
	places := strings.NewReplacer(filepath.Join(home, "docker-compose")+"/", "CACHE/", filepath.Join(home, "gocompose", "remote", "git")+"/", "CACHE/")
	for _, files := range []string{
		address, address + "#main", address + "#v1", address + "#refs/heads/main", address + "#:deploy", address + "#v1:deploy/other.yaml",
		address + "#:none", address + "#none", address + "#:empty", address + "#:../..", address + "x", "oci:x/y",
		"include.yaml", "several.yaml", "moved.yaml", "extends.yaml", "over.yaml -f " + address,
	} {
		line := strings.Fields("-f " + files + " config")
		theirs, ours := p.both(t, line...)
		if theirs.Code != ours.Code {
			t.Errorf("%q: theirs %d, ours %d\n%s\n%s", line, theirs.Code, ours.Code, theirs.Err, ours.Err)
		}
		// docker-compose 2.40.3 writes what is so anyway.
		want := strings.ReplaceAll(places.Replace(theirs.Out), "bind:\n   create_host_path: true", "bind: {}")
		if diff := cmp.Diff(want, places.Replace(ours.Out)); diff != "" {
			t.Errorf("%q:\n%s", line, diff)
		}
	}
}
