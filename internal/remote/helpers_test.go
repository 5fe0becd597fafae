package remote_test

import (
	"encoding/json"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/opencontainers/go-digest"
	v1 "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/gocompose/gocompose/internal/artifact"
	"github.com/gocompose/gocompose/internal/distribution"
	"github.com/gocompose/gocompose/internal/remote"
)

// fakeRegistry serves what a test puts into it, right or wrong.
type fakeRegistry struct {
	mu       sync.Mutex
	answers  map[string]http.HandlerFunc // by path below /v2/
	requests []string
}

func newRegistry(t *testing.T) (*fakeRegistry, string) {
	t.Helper()
	r := &fakeRegistry{answers: map[string]http.HandlerFunc{}}
	server := httptest.NewServer(r)
	t.Cleanup(server.Close)
	return r, strings.TrimPrefix(server.URL, "http://")
}

func (r *fakeRegistry) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	path := strings.TrimPrefix(request.URL.Path, "/v2/")
	r.mu.Lock()
	r.requests = append(r.requests, request.Method+" "+path)
	answer := r.answers[path]
	r.mu.Unlock()
	if answer == nil {
		http.NotFound(w, request)
		return
	}
	answer(w, request)
}

// asked is how many requests there have been since it was asked last.
func (r *fakeRegistry) asked() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := len(r.requests)
	r.requests = nil
	return n
}

func (r *fakeRegistry) set(path string, answer http.HandlerFunc) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answers[path] = answer
}

// serve serves bytes.
func (r *fakeRegistry) serve(path, mediaType string, body []byte) {
	r.set(path, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", mediaType)
		_, _ = w.Write(body)
	})
}

// manifest serves a manifest under a tag and under its digest.
func (r *fakeRegistry) manifest(repository, tag, mediaType string, body []byte) digest.Digest {
	id := digest.FromBytes(body)
	for _, name := range []string{tag, id.String()} {
		r.serve(repository+"/manifests/"+name, mediaType, body)
	}
	return id
}

// push serves an artifact whose files are not in its manifest.
func (r *fakeRegistry) push(t *testing.T, repository, tag string, change func(*v1.Manifest), files ...artifact.File) digest.Digest {
	t.Helper()
	made, err := artifact.Write(files, artifact.OCI11, artifact.Origin{Version: "test", Created: time.Unix(0, 0)})
	if err != nil {
		t.Fatal(err)
	}
	for _, blob := range made.Blobs {
		r.serve(repository+"/blobs/"+blob.Digest.String(), "application/octet-stream", blob.Data)
	}
	var m v1.Manifest
	if err := json.Unmarshal(made.Manifest.Data, &m); err != nil {
		t.Fatal(err)
	}
	for i := range m.Layers {
		m.Layers[i].Data = nil
	}
	if change != nil {
		change(&m)
	}
	body, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return r.manifest(repository, tag, v1.MediaTypeImageManifest, body)
}

func composeFile(text string) artifact.File {
	return artifact.File{Kind: artifact.Compose, Name: "compose.yaml", Content: []byte(text)}
}

func newLoader(cache string, policy remote.Policy) *remote.Loader {
	return &remote.Loader{
		Cache:    cache,
		Registry: &distribution.Client{UserAgent: "test", Stall: time.Minute},
		Policy:   policy,
		Getenv:   func(string) string { return "" },
	}
}

// files lists what is no directory below a directory.
func files(t *testing.T, dir string) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			rel, _ := filepath.Rel(dir, path)
			found = append(found, filepath.ToSlash(rel))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
