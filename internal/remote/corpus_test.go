package remote_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/opencontainers/go-digest"
	v1 "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/gocompose/gocompose/internal/artifact"
	"github.com/gocompose/gocompose/internal/remote"
)

// malicious is an artifact, or what a registry makes of one, and what is said of
// it.
type malicious struct {
	name  string
	serve func(t *testing.T, r *fakeRegistry)
	want  string
}

// TestMaliciousArtifacts: each is refused, and no file is written anywhere, in
// the cache or around it.
func TestMaliciousArtifacts(t *testing.T) {
	var all []malicious
	for _, cases := range [][]malicious{badNames(), collisions(), badSizes(), badContents(), badTypes()} {
		all = append(all, cases...)
	}
	for _, m := range all {
		t.Run(m.name, func(t *testing.T) {
			home := t.TempDir()
			t.Chdir(home)
			r, host := newRegistry(t)
			m.serve(t, r)
			loader := newLoader(filepath.Join(home, "a", "b", "cache"), remote.Ask)
			loader.Registry.Stall = 200 * time.Millisecond
			path, err := loader.Fetch(t.Context(), "oci://"+host+"/app:1")
			if err == nil || !strings.Contains(err.Error(), m.want) {
				t.Errorf("got %q and error %v, want %q", path, err, m.want)
			}
			if found := files(t, home); len(found) > 0 {
				t.Errorf("these files were written: %q", found)
			}
		})
	}
}

func good() artifact.File { return composeFile("services: {}\n") }

// badNames are those of CVE-2025-62725, and others that mean something else on
// some system.
func badNames() []malicious {
	var cases []malicious
	for _, name := range []string{
		"../pwned", "../../../pwned", "..", ".", "", "/tmp/pwned", "a/../../pwned", "sub/pwned", "./pwned",
		`..\pwned`, `..\..\..\pwned`, `C:\pwned`, `C:pwned`, `\\server\share\pwned`, "//server/share/pwned", `\pwned`,
		"pwned\x00.env", "pwned\n", "pwned:stream", "CON", "nul.env", "com1.yaml", "pwned.", "pwned ", " pwned",
		"ｐwned/../x", "pwned\u202e", "..\u2215pwned", strings.Repeat("x", 300), "compose.yaml", "Compose.YAML",
	} {
		for _, kind := range []artifact.Kind{artifact.Env, artifact.Extended} {
			cases = append(cases, malicious{
				fmt.Sprintf("name %.20q of kind %d", name, kind),
				func(t *testing.T, r *fakeRegistry) {
					r.push(t, "app", "1", nil, good(), artifact.File{Kind: kind, Name: name, Content: []byte("A=1\n")})
				},
				"invalid OCI artifact: a file",
			})
		}
	}
	for _, name := range []string{"../pwned", "/tmp/pwned", `C:\pwned`} {
		cases = append(cases, malicious{
			fmt.Sprintf("name %q of the main file", name),
			func(t *testing.T, r *fakeRegistry) {
				r.push(t, "app", "1", nil, artifact.File{Name: name, Content: []byte("services: {}\n")})
			},
			"invalid OCI artifact: a file named",
		})
	}
	return cases
}

func collisions() []malicious {
	pair := func(first, second string, kind artifact.Kind) func(*testing.T, *fakeRegistry) {
		return func(t *testing.T, r *fakeRegistry) {
			r.push(t, "app", "1", nil, good(),
				artifact.File{Kind: artifact.Env, Name: first, Content: []byte("A=1\n")},
				artifact.File{Kind: kind, Name: second, Content: []byte("B=1\n")})
		}
	}
	const want = "invalid OCI artifact: files named"
	return []malicious{
		{"two files of one name", pair("a.env", "a.env", artifact.Env), want},
		{"names that fold to one", pair("a.env", "A.ENV", artifact.Env), want},
		{"two kinds of one name", pair("a.yaml", "a.yaml", artifact.Extended), want},
	}
}

func badSizes() []malicious {
	changed := func(change func(*v1.Manifest)) func(*testing.T, *fakeRegistry) {
		return func(t *testing.T, r *fakeRegistry) { r.push(t, "app", "1", change, good()) }
	}
	return []malicious{
		{"a file that is too large", changed(func(m *v1.Manifest) { m.Layers[0].Size = 1 << 30 }), "a size of"},
		{"a size below zero", changed(func(m *v1.Manifest) { m.Layers[0].Size = -1 }), "a size of"},
		{"too many files", changed(func(m *v1.Manifest) {
			for range 501 {
				m.Layers = append(m.Layers, m.Layers[0])
			}
		}), "502 layers"},
		{"too much together", changed(func(m *v1.Manifest) {
			m.Layers[0].Size = 16 << 20
			for range 5 {
				m.Layers = append(m.Layers, m.Layers[0])
			}
		}), "together"},
		{"a manifest that is too large", func(_ *testing.T, r *fakeRegistry) {
			r.manifest("app", "1", v1.MediaTypeImageManifest, bytes.Repeat([]byte(" "), 4<<20+1))
		}, "more than 4194304 bytes"},
		{"a manifest without an end", func(_ *testing.T, r *fakeRegistry) {
			r.set("app/manifests/1", func(w http.ResponseWriter, request *http.Request) {
				for request.Context().Err() == nil {
					if _, err := w.Write(bytes.Repeat([]byte(" "), 1<<16)); err != nil {
						return
					}
				}
			})
		}, "more than 4194304 bytes"},
	}
}

// badContents are answers that are not what the manifest announces.
func badContents() []malicious {
	text := []byte("services: {}\n")
	blob := "app/blobs/" + digest.FromBytes(text).String()
	answer := func(body []byte, header ...string) func(*testing.T, *fakeRegistry) {
		return func(t *testing.T, r *fakeRegistry) {
			r.push(t, "app", "1", nil, good())
			r.set(blob, func(w http.ResponseWriter, _ *http.Request) {
				for i := 0; i+1 < len(header); i += 2 {
					w.Header().Set(header[i], header[i+1])
				}
				_, _ = w.Write(body)
			})
		}
	}
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	_, _ = z.Write(bytes.Repeat([]byte("x"), 1<<20))
	_ = z.Close()
	var packed bytes.Buffer
	z = gzip.NewWriter(&packed)
	_, _ = z.Write(text)
	_ = z.Close()
	return []malicious{
		{"compressed on the way", answer(packed.Bytes(), "Content-Encoding", "gzip"), "more than 13 bytes"},
		{"silence from the beginning", func(_ *testing.T, r *fakeRegistry) {
			r.set("app/manifests/1", func(_ http.ResponseWriter, request *http.Request) { <-request.Context().Done() })
		}, "silent for too long"},
		{"another content", answer([]byte("services: []\n")), "what the registry sent is"},
		{"more than announced", answer(append(text, text...)), "more than 13 bytes"},
		{"less than announced", answer(text[:5]), "5 bytes of 13"},
		{"a bomb in gzip", answer(bomb.Bytes(), "Content-Encoding", "gzip"), "more than 13 bytes"},
		{"broken off", answer(text[:5], "Content-Length", "13"), "unexpected EOF"},
		{"no such file", func(t *testing.T, r *fakeRegistry) {
			r.push(t, "app", "1", nil, good())
			r.set(blob, nil)
		}, "not found"},
		{"silence", func(t *testing.T, r *fakeRegistry) {
			r.push(t, "app", "1", nil, good())
			r.set(blob, func(w http.ResponseWriter, request *http.Request) {
				_, _ = w.Write(text[:5])
				_ = http.NewResponseController(w).Flush()
				<-request.Context().Done()
			})
		}, "silent for too long"},
		{"redirected for ever", func(t *testing.T, r *fakeRegistry) {
			r.push(t, "app", "1", nil, good())
			r.set(blob, func(w http.ResponseWriter, request *http.Request) {
				http.Redirect(w, request, request.URL.Path, http.StatusFound)
			})
		}, "stopped after 10 redirects"},
		{"content in the manifest that is not its own", func(t *testing.T, r *fakeRegistry) {
			r.push(t, "app", "1", func(m *v1.Manifest) { m.Layers[0].Data = []byte("services: []\n") }, good())
		}, "what was sent as"},
		{"a manifest of another digest", func(t *testing.T, r *fakeRegistry) {
			r.push(t, "app", "1", nil, good())
			manifest := r.answers["app/manifests/1"]
			r.set("app/manifests/1", func(w http.ResponseWriter, request *http.Request) {
				w.Header().Set("Docker-Content-Digest", digest.FromString("x").String())
				manifest(w, request)
			})
		}, "what the registry sent is"},
	}
}

func badTypes() []malicious {
	raw := func(mediaType, body string) func(*testing.T, *fakeRegistry) {
		return func(_ *testing.T, r *fakeRegistry) { r.manifest("app", "1", mediaType, []byte(body)) }
	}
	changed := func(change func(*v1.Manifest)) func(*testing.T, *fakeRegistry) {
		return func(t *testing.T, r *fakeRegistry) { r.push(t, "app", "1", change, good()) }
	}
	return []malicious{
		{"not JSON", raw(v1.MediaTypeImageManifest, "<html>"), "no JSON"},
		{"nested JSON", raw(v1.MediaTypeImageManifest, strings.Repeat(`{"a":`, 100000)), "no JSON"},
		{"an image", changed(func(m *v1.Manifest) { m.ArtifactType, m.Config.MediaType = "", v1.MediaTypeImageConfig }), "not a compose project OCI artifact"},
		{"another artifact", changed(func(m *v1.Manifest) { m.ArtifactType = "application/x" }), "not a compose project OCI artifact"},
		{"no Compose file", changed(func(m *v1.Manifest) { m.Layers = nil }), "holds no Compose file"},
		{"a digest that is a path", changed(func(m *v1.Manifest) { m.Layers[0].Digest = "sha256:../../../../v2/app/manifests/1" }), "digest"},
		{"an unknown digest", changed(func(m *v1.Manifest) { m.Layers[0].Digest = "md5:d41d8cd98f00b204e9800998ecf8427e" }), "digest"},
		{"an index of nothing", raw(v1.MediaTypeImageIndex, `{"manifests": []}`), "doesn't refer to compose artifacts"},
		{"an index of itself", func(t *testing.T, r *fakeRegistry) {
			inner := r.manifest("app", "inner", v1.MediaTypeImageIndex, []byte(`{"manifests": []}`))
			index, err := json.Marshal(v1.Index{Manifests: []v1.Descriptor{{ArtifactType: artifact.ProjectType, Digest: inner}}})
			if err != nil {
				t.Fatal(err)
			}
			r.manifest("app", "1", v1.MediaTypeImageIndex, index)
		}, "not a compose project OCI artifact"},
	}
}

// TestLinkInTheCache: whoever can write into the cache cannot have a fetch write
// elsewhere.
func TestLinkInTheCache(t *testing.T) {
	home := t.TempDir()
	for _, dir := range []string{"cache", "elsewhere"} {
		if err := os.Mkdir(filepath.Join(home, dir), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("../elsewhere", filepath.Join(home, "cache", "oci")); err != nil {
		t.Skip("no symbolic links here")
	}
	r, host := newRegistry(t)
	r.push(t, "app", "1", nil, good())
	_, err := newLoader(filepath.Join(home, "cache"), remote.Ask).Fetch(t.Context(), "oci://"+host+"/app:1")
	if err == nil || !strings.Contains(err.Error(), "escapes") {
		t.Errorf("error %v", err)
	}
	if found := files(t, filepath.Join(home, "elsewhere")); len(found) > 0 {
		t.Errorf("these files were written: %q", found)
	}
}
