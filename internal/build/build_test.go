package build

import (
	"archive/tar"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/moby/buildkit/client"

	"github.com/gocompose/gocompose/project"
)

// load reads a project with the service web, whose context holds a Dockerfile.
func load(t *testing.T, text string) (*project.Project, project.Service) {
	t.Helper()
	dir := t.TempDir()
	for name, content := range map[string]string{
		"compose.yaml": text, "web/Dockerfile": "FROM base\n", "web/page": "hi", "web/junk": "x", "token": "sesame", "other/x": "",
		"web/.dockerignore": "junk\nDockerfile\n",
	} {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o700), os.WriteFile(file, []byte(content), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	p, diagnostics := project.Load(t.Context(), project.Options{
		Files: []string{filepath.Join(dir, "compose.yaml")}, Name: "shop", Env: []string{"TOKEN=open"},
	})
	if diagnostics.HasErrors() {
		t.Fatal(diagnostics)
	}
	s, ok := p.Service("web")
	if !ok {
		t.Fatal("no service web")
	}
	return p, s
}

func define(t *testing.T, text string) Definition {
	t.Helper()
	p, s := load(t, text)
	d, err := Define(p, s, false)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// everything is a build section with all keys that BuildKit is told of.
const everything = `
services:
  base: {build: web, image: "my/base:1"}
  web:
    build:
      context: web
      target: stage
      args: {A: 1, B: }
      labels: {own: "1"}
      tags: ["t:1"]
      platforms: [linux/amd64, linux/arm64]
      network: host
      shm_size: 64m
      ulimits: {nofile: {soft: 10, hard: 20}, nproc: 5}
      extra_hosts: ["h1:1.2.3.4", "h2:::1"]
      entitlements: [network.host]
      privileged: true
      no_cache: true
      pull: true
      provenance: mode=max
      sbom: true
      additional_contexts: {base: service:base, files: ./other, context: docker-image://x:1}
      secrets: [one, {source: two, target: renamed}]
      cache_from: [x/y:1, "type=local,src=/tmp/c"]
      cache_to: ["type=inline"]
secrets: {one: {file: ./token}, two: {environment: TOKEN}}
`

func TestAttributes(t *testing.T) {
	d := define(t, everything)
	want := map[string]string{
		"filename": "Dockerfile", "target": "stage", "build-arg:A": "1",
		"label:own": "1", "label:com.docker.compose.project": "shop", "label:com.docker.compose.service": "web",
		"platform": "linux/amd64,linux/arm64", "multi-platform": "true", "force-network-mode": "host",
		"shm-size": "67108864", "ulimit": "nofile=10:20,nproc=5", "add-hosts": "h1=1.2.3.4,h2=[::1]",
		"no-cache": "", "image-resolve-mode": "pull", "attest:provenance": "mode=max", "attest:sbom": "",
		"context:base": "docker-image://my/base:1", "context:files": "local:files", "context:context": "docker-image://x:1",
		"frontend.caps": "moby.buildkit.frontend.contexts+forward",
	}
	if diff := cmp.Diff(want, d.attributes()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"t:1", "shop-web"}, d.Tags); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"network.host", "security.insecure"}, d.entitlements()); diff != "" {
		t.Error(diff)
	}
	locals, done, err := d.directories()
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	for _, name := range []string{"context", "dockerfile", "files"} {
		if locals[name] == nil {
			t.Errorf("no directory %s", name)
		}
	}
	secrets := map[string]string{}
	for _, s := range d.Secrets {
		value, err := s.read()
		if err != nil {
			t.Fatal(err)
		}
		secrets[s.ID] = string(value)
	}
	if diff := cmp.Diff(map[string]string{"one": "sesame", "renamed": "open"}, secrets); diff != "" {
		t.Error(diff)
	}
}

// TestOtherContexts: without a directory, or without a Dockerfile in it.
func TestOtherContexts(t *testing.T) {
	d := define(t, `services: {web: {build: {context: "https://example.com/x.git#main:sub", dockerfile: D}}}`)
	if got := d.attributes(); got["context"] != d.Context || got["filename"] != "D" {
		t.Errorf("remote: %v", got)
	}
	d = define(t, `services: {web: {build: {context: "https://example.com/x.git", dockerfile_inline: FROM x}}}`)
	if got := d.attributes(); got["dockerfilekey"] != "dockerfile" {
		t.Errorf("remote and inline: %v", got)
	}
	d = define(t, `services: {web: {build: {context: web, dockerfile_inline: FROM x}}}`)
	locals, done, err := d.directories()
	if err != nil {
		t.Fatal(err)
	}
	file, err := locals["dockerfile"].Open("Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(file)
	if string(text) != "FROM x" || err != nil {
		t.Errorf("inline: %q, %v", text, err)
	}
	_ = file.Close()
	done()
	if _, err := locals["dockerfile"].Open("Dockerfile"); err == nil {
		t.Error("the inline Dockerfile was left behind")
	}
}

func TestNativePlatform(t *testing.T) {
	p, s := load(t, `services: {web: {platform: linux/arm64, build: {context: web, platforms: [linux/amd64, linux/arm64]}}}`)
	for native, want := range map[bool][]string{true: {"linux/arm64"}, false: {"linux/amd64", "linux/arm64"}} {
		d, err := Define(p, s, native)
		if err != nil || !slices.Equal(d.Platform, want) {
			t.Errorf("native %v: %v, %v", native, d.Platform, err)
		}
	}
}

func TestMissing(t *testing.T) {
	for text, want := range map[string]string{
		`services: {web: {build: nowhere}}`:                                                         "nowhere\" not found",
		`services: {web: {build: token}}`:                                                           "is not a directory",
		`services: {web: {build: {context: web, dockerfile: No}}}`:                                  "failed to read dockerfile",
		`services: {web: {build: {context: web, additional_contexts: {a: "oci-layout://x"}}}}`:      "load it into the engine",
		`services: {web: {build: {context: web, additional_contexts: {a: nowhere}}}}`:               "additional context a: ",
		"services: {web: {build: {context: web, secrets: [s]}}}\nsecrets: {s: {file: no}}":          "build secret s: ",
		"services: {web: {build: {context: web, secrets: [s]}}}\nsecrets: {s: {environment: NONE}}": "environment variable NONE is not set",
		"services: {web: {build: {context: web, secrets: [s]}}}\nsecrets: {s: {external: true}}":    "is external",
	} {
		p, s := load(t, text)
		if _, err := Define(p, s, false); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
	t.Setenv("SSH_AUTH_SOCK", "")
	d := define(t, `services: {web: {build: {context: web, ssh: [default], cache_from: ["type=,x=1"]}}}`)
	err := d.Check()
	if err == nil || !strings.Contains(err.Error(), "needs an SSH agent") || !strings.Contains(err.Error(), "it has no type") {
		t.Error(err)
	}
}

func TestCaches(t *testing.T) {
	got, err := caches([]string{"x/y:1", `type=local,"src=/tmp/a,b"`})
	want := []client.CacheOptionsEntry{
		{Type: "registry", Attrs: map[string]string{"ref": "x/y:1"}},
		{Type: "local", Attrs: map[string]string{"src": "/tmp/a,b"}},
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
}

func TestClassicCaches(t *testing.T) {
	d := define(t, `services: {web: {build: {context: web, cache_from: ["x:1", "type=registry,ref=y:1", "type=local,src=/c"]}}}`)
	if diff := cmp.Diff([]string{"x:1", "y:1"}, d.classicOptions(Options{}).CacheFrom); diff != "" {
		t.Error(diff)
	}
}

func TestSubstituteImages(t *testing.T) {
	const before = "# FROM base\nFROM base AS one\nFROM --platform=linux/amd64 base\nFROM based\nfrom one\n" +
		"COPY --from=base /a /b\nCOPY --from=one base /\nRUN --mount=type=bind,from=base,target=/x \\\n  echo base --from=base\n"
	const after = "# FROM base\nFROM i:1 AS one\nFROM --platform=linux/amd64 i:1\nFROM based\nfrom one\n" +
		"COPY --from=i:1 /a /b\nCOPY --from=one base /\nRUN --mount=type=bind,from=i:1,target=/x \\\n  echo base --from=base\n"
	got, err := substituteImages([]byte(before), map[string]string{"base": "i:1"})
	if diff := cmp.Diff(after, string(got)); diff != "" || err != nil {
		t.Error(diff, err)
	}
}

// TestSubstituteOnce: an image that has the name of another context stays, and so
// does what only looks like a reference.
func TestSubstituteOnce(t *testing.T) {
	const before = "FROM a\nRUN deploy --from=a\nCOPY <<E /x\nCOPY --from=a /y /z\nE\nRUN --mount=from=b,target=/x true\n"
	const after = "FROM b\nRUN deploy --from=a\nCOPY <<E /x\nCOPY --from=a /y /z\nE\nRUN --mount=from=c,target=/x true\n"
	got, err := substituteImages([]byte(before), map[string]string{"a": "b", "b": "c"})
	if diff := cmp.Diff(after, string(got)); diff != "" || err != nil {
		t.Error(diff, err)
	}
}

func TestWithoutContexts(t *testing.T) {
	d := define(t, `
services:
  base: {build: web, image: "my/base:1"}
  web: {build: {context: web, additional_contexts: {base: service:base}}}`)
	plain, err := d.withoutContexts()
	if err != nil || plain.DockerfileInline != "FROM my/base:1\n" || len(plain.Contexts) > 0 {
		t.Errorf("%q, %v", plain.DockerfileInline, err)
	}
	d = define(t, `services: {web: {build: {context: web, additional_contexts: {files: other}}}}`)
	if _, err := d.withoutContexts(); err == nil {
		t.Error("a directory was taken for an image")
	}
}

// TestArchive: what is ignored is left out, but for the Dockerfile.
func TestArchive(t *testing.T) {
	for text, want := range map[string][]string{
		`services: {web: {build: web}}`:                                       {".dockerignore", "Dockerfile", "page"},
		`services: {web: {build: {context: web, dockerfile_inline: FROM x}}}`: {".dockerfile.gocompose", ".dockerignore", "page"},
	} {
		d := define(t, text)
		archive, name, err := d.archive(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for reader := tar.NewReader(archive); ; {
			header, err := reader.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			names = append(names, header.Name)
		}
		slices.Sort(names)
		if diff := cmp.Diff(want, names); diff != "" || !slices.Contains(names, name) {
			t.Error(name, diff)
		}
	}
}

func TestClassicRefuses(t *testing.T) {
	d := define(t, everything)
	if err := d.needsBuildKit(); err == nil || !strings.Contains(err.Error(), "doesn't support secrets") {
		t.Error(err)
	}
}

func TestFollowClassic(t *testing.T) {
	var said []string
	report := func(p Progress) { said = append(said, p.Text) }
	id, err := followClassic(strings.NewReader(`{"stream":"Step 1/1\n"}{"aux":{"ID":"sha256:1"}}`), report)
	if id != "sha256:1" || err != nil || !slices.Equal(said, []string{"Step 1/1\n"}) {
		t.Error(id, err, said)
	}
	for text, want := range map[string]string{`{"error":"no space left"}`: "no space left", `{"stre`: "progress of the build"} {
		if _, err := followClassic(strings.NewReader(text), report); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
}
