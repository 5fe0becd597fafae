package remote_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	v1 "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/gocompose/gocompose/internal/artifact"
	"github.com/gocompose/gocompose/internal/remote"
)

func fetch(t *testing.T, l *remote.Loader, reference string) string {
	t.Helper()
	path, err := l.Fetch(t.Context(), reference)
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func TestArtifact(t *testing.T) {
	r, host := newRegistry(t)
	id := r.push(t, "team/app", "1", nil, good(), composeFile("name: x\n"),
		artifact.File{Kind: artifact.Extended, Name: "ab.yaml", Content: []byte("services: {}\n")},
		artifact.File{Kind: artifact.Env, Name: "cd.env", Content: []byte("A=1\n")})
	cache := t.TempDir()
	loader := newLoader(cache, remote.Ask)
	path, err := loader.Fetch(t.Context(), "oci://"+host+"/team/app:1")
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(cache, "oci", "sha256", id.Encoded())
	if path != filepath.Join(dir, "compose.yaml") {
		t.Errorf("path %s", path)
	}
	if diff := cmp.Diff([]string{"ab.yaml", "cd.env", "compose.yaml"}, files(t, dir)); diff != "" {
		t.Error(diff)
	}
	if info, err := os.Stat(filepath.Join(dir, "cd.env")); err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Errorf("others may read secrets: %v %v", info, err)
	}
}

// TestPolicy counts requests: a version is fetched once, and a tag is asked
// about only by those that may.
func TestPolicy(t *testing.T) {
	r, host := newRegistry(t)
	first := r.push(t, "app", "1", nil, composeFile("name: first\n"))
	cache := t.TempDir()
	tag := "oci://" + host + "/app:1"
	if _, err := newLoader(cache, remote.OnlyCache).Fetch(t.Context(), tag); !errors.Is(err, remote.ErrNotCached) {
		t.Fatal(err)
	}
	steps := []struct {
		policy    remote.Policy
		reference string
		want      string
		asked     int
	}{
		{remote.PreferCache, tag, "first", 2},
		{remote.PreferCache, tag, "first", 0},
		{remote.OnlyCache, tag, "first", 0},
		{remote.Ask, tag, "first", 1},
		{remote.Ask, "oci://" + host + "/app@" + first.String(), "first", 0},
		{remote.OnlyCache, "oci://" + host + "/other:2@" + first.String(), "first", 0},
	}
	r.asked()
	run := func() {
		for i, s := range steps {
			loader := newLoader(cache, s.policy)
			for range 2 { // the second time it is known
				if got := fetch(t, loader, s.reference); got != "name: "+s.want+"\n" {
					t.Errorf("step %d: got %s", i, got)
				}
			}
			if got := r.asked(); got != s.asked {
				t.Errorf("step %d: %d requests", i, got)
			}
		}
	}
	run()
	r.push(t, "app", "1", nil, composeFile("name: second\n"))
	steps = steps[:0]
	steps = append(steps, []struct {
		policy    remote.Policy
		reference string
		want      string
		asked     int
	}{
		{remote.OnlyCache, tag, "first", 0},
		{remote.PreferCache, tag, "first", 0},
		{remote.Ask, tag, "second", 2},
		{remote.OnlyCache, tag, "second", 0},
	}...)
	run()
}

// TestKilled: what a killed run leaves is not used, and is removed some day.
func TestKilled(t *testing.T) {
	r, host := newRegistry(t)
	r.push(t, "app", "1", nil, good())
	cache := t.TempDir()
	old := time.Now().Add(-48 * time.Hour)
	for _, name := range []string{"tmp-new", "tmp-old"} {
		tree := filepath.Join(cache, name, "tree")
		if err := os.MkdirAll(tree, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(tree, "compose.yaml"), []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chtimes(filepath.Join(cache, "tmp-old"), old, old); err != nil {
		t.Fatal(err)
	}
	if got := fetch(t, newLoader(cache, remote.Ask), "oci://"+host+"/app:1"); got != "services: {}\n" {
		t.Error(got)
	}
	left, err := filepath.Glob(filepath.Join(cache, "tmp-*"))
	if err != nil || len(left) != 1 || filepath.Base(left[0]) != "tmp-new" {
		t.Errorf("left: %q, %v", left, err)
	}
}

func TestTogether(t *testing.T) {
	r, host := newRegistry(t)
	r.push(t, "app", "1", nil, good())
	cache := t.TempDir()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if _, err := newLoader(cache, remote.Ask).Fetch(t.Context(), "oci://"+host+"/app:1"); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if left, _ := filepath.Glob(filepath.Join(cache, "tmp-*")); len(left) > 0 {
		t.Errorf("left: %q", left)
	}
}

func TestIndexOfApplication(t *testing.T) {
	r, host := newRegistry(t)
	id := r.push(t, "app", "inner", nil, good())
	index, err := json.Marshal(v1.Index{Manifests: []v1.Descriptor{{Digest: "sha256:x"}, {ArtifactType: artifact.ProjectType, Digest: id}}})
	if err != nil {
		t.Fatal(err)
	}
	r.manifest("app", "1", v1.MediaTypeImageIndex, index)
	if got := fetch(t, newLoader(t.TempDir(), remote.Ask), "oci://"+host+"/app:1"); got != "services: {}\n" {
		t.Error(got)
	}
}

func TestSwitchedOff(t *testing.T) {
	loader := newLoader(t.TempDir(), remote.Ask)
	loader.Getenv = func(name string) string {
		return map[string]string{"COMPOSE_EXPERIMENTAL_OCI_REMOTE": "false", "COMPOSE_EXPERIMENTAL_GIT_REMOTE": "nope"}[name]
	}
	for reference, want := range map[string]string{
		"oci://x.io/app": `OCI remote resource is disabled by "COMPOSE_EXPERIMENTAL_OCI_REMOTE"`,
		"git://x.io/app": "COMPOSE_EXPERIMENTAL_GIT_REMOTE environment variable expects boolean value",
	} {
		if _, err := loader.Fetch(t.Context(), reference); err == nil || !strings.Contains(err.Error(), want) {
			t.Error(reference, err)
		}
	}
	if _, err := newLoader("", remote.Ask).Fetch(t.Context(), "oci://x.io/app"); err == nil || !strings.Contains(err.Error(), "set HOME") {
		t.Error(err)
	}
}

func TestCacheDir(t *testing.T) {
	for _, test := range []struct{ goos, xdg, home, local, want string }{
		{"linux", "/x", "/h", "", "/x/gocompose/remote"},
		{"linux", "", "/h", "", "/h/.cache/gocompose/remote"},
		{"linux", "relative", "/h", "", "/h/.cache/gocompose/remote"},
		{"darwin", "", "/h", "", "/h/Library/Caches/gocompose/remote"},
		{"windows", "", "/h", "/l", "/l/gocompose/remote"},
		{"linux", "", "", "", ""},
		{"windows", "", "/h", "", ""},
	} {
		getenv := func(name string) string {
			return map[string]string{"XDG_CACHE_HOME": test.xdg, "HOME": test.home, "LocalAppData": test.local}[name]
		}
		if got := filepath.ToSlash(remote.CacheDir(test.goos, getenv)); got != test.want {
			t.Errorf("%+v: got %q", test, got)
		}
	}
}
