package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"
)

// badRegistry stands before a registry and spoils requests.
type badRegistry struct {
	mu    sync.Mutex
	spoil spoiler
	seen  int // requests that were spoilt
}

// spoiler answers a request instead of the registry; false passes it on. It counts
// what it spoils, from one.
type spoiler func(w http.ResponseWriter, r *http.Request, count func() int) bool

func (b *badRegistry) count() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.seen++
	return b.seen
}

func (b *badRegistry) set(s spoiler) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.spoil, b.seen = s, 0
}

// start serves until the test ends, and returns its address.
func (b *badRegistry) start(t *testing.T, behind string) string {
	t.Helper()
	pass := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: behind})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b.mu.Lock()
		spoil := b.spoil
		b.mu.Unlock()
		if spoil != nil && spoil(w, r, b.count) {
			return
		}
		pass.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}

// answers has requests for such things fail with a status, some times or always.
func answers(what string, status int, code string, times int) spoiler {
	return func(w http.ResponseWriter, r *http.Request, count func() int) bool {
		if !strings.Contains(r.URL.Path, what) || times > 0 && count() > times {
			return false
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = fmt.Fprintf(w, `{"errors": [{"code": %q, "message": "the registry's own words"}]}`, code)
		return true
	}
}

// breaksOff ends the connection in the middle of a layer, once.
func breaksOff(config string) spoiler {
	return func(w http.ResponseWriter, r *http.Request, count func() int) bool {
		if !strings.Contains(r.URL.Path, "/blobs/sha256:") || strings.HasSuffix(r.URL.Path, config) || count() > 1 {
			return false
		}
		w.Header().Set("Content-Length", "1000000")
		w.WriteHeader(http.StatusOK)
		_, _ = w.Write(make([]byte, 1000))
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
}

// falsifies serves other bytes for one blob.
func falsifies(digest string) spoiler {
	return func(w http.ResponseWriter, r *http.Request, _ func() int) bool {
		if !strings.HasSuffix(r.URL.Path, digest) {
			return false
		}
		_, _ = io.Copy(w, bytes.NewReader([]byte(`{"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers"}}`)))
		return true
	}
}

// configOf is the digest of an image's configuration.
func configOf(t *testing.T, address, repository string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+address+"/v2/"+repository+"/manifests/1", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Accept", "application/vnd.docker.distribution.manifest.v2+json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	var manifest struct{ Config struct{ Digest string } }
	if err := json.NewDecoder(response.Body).Decode(&manifest); err != nil || manifest.Config.Digest == "" {
		t.Fatalf("manifest: %v", err)
	}
	return manifest.Config.Digest
}

// layeredBuild is a service whose image has a layer of its own.
const layeredBuild = `
services:
  web:
    image: %s
    build:
      dockerfile_inline: |
        FROM gocompose-test/sleep
        COPY compose.yaml /
`

// TestRegistryFaults has a registry refuse, fail for a while or for good, break
// off, and serve what it should not. What fails is told once and with its cause,
// and nothing of it is left.
func TestRegistryFaults(t *testing.T) {
	host := os.Getenv("GOCOMPOSE_TEST_DOCKER_HOST")
	if host == "" {
		t.Skip("GOCOMPOSE_TEST_DOCKER_HOST does not name an engine")
	}
	r := newRealPlace(t, host)
	behind := registryServer{address: "127.0.0.1:0", security: openToAll}.start(t)
	bad := &badRegistry{}
	address := bad.start(t, behind)
	image := address + "/" + r.name + ":1"
	file := fmt.Sprintf(layeredBuild, image)
	r.write(t, file)
	r.env = append(r.env, "DOCKER_BUILDKIT=0") // whose cache would keep the layer
	r.must(t, "build", "--push")
	r.removeImage(t, image)
	config := configOf(t, behind, r.name)
	t.Cleanup(func() {
		bad.set(nil)
		r.must(t, "down", "-t", "0", "--rmi", "all")
	})
	named := "service web: image " + image + ": registry " + address + ": "
	for _, fault := range []struct {
		name  string
		spoil spoiler
		pulls bool
		says  []string
		never string
	}{
		{"denied", answers("/manifests/", http.StatusForbidden, "DENIED", 0), false, []string{named, "hint: check the image's name"}, "Retrying"},
		{"not there", answers("/manifests/", http.StatusNotFound, "MANIFEST_UNKNOWN", 0), false, []string{named, "manifest unknown", "hint: check the image's tag"}, "Retrying"},
		{"too many", answers("/manifests/", http.StatusTooManyRequests, "TOOMANYREQUESTS", 0), false, []string{named, "toomanyrequests", "hint: wait"}, "Retrying"},
		{"busy for a while", answers("/manifests/", http.StatusServiceUnavailable, "UNAVAILABLE", 2), true, []string{" Image " + image + " Retrying in 1s: ", " Image " + image + " Pulled"}, "Error"},
		{"busy for good", answers("/manifests/", http.StatusServiceUnavailable, "UNAVAILABLE", 0), false, []string{"Retrying in 4s: ", named, " (tried 4 times)"}, "Pulled"},
		{"breaks off", breaksOff(config), true, []string{" Image " + image + " Retrying layer ", " Image " + image + " Pulled"}, "Error"},
		{"wrong digest", falsifies(config), false, []string{named, "verification failed for digest", "hint: what the registry serves"}, "Retrying"},
	} {
		bad.set(fault.spoil)
		var said string
		if fault.pulls {
			said = r.must(t, "pull")
		} else {
			said = r.fails(t, "pull")
		}
		for _, want := range fault.says {
			if !strings.Contains(said, want) {
				t.Errorf("%s: no %q in\n%s", fault.name, want, said)
			}
		}
		if strings.Contains(said, fault.never) {
			t.Errorf("%s: %q in\n%s", fault.name, fault.never, said)
		}
		if there := r.hasImage(t, image); there != fault.pulls {
			t.Errorf("%s: the image is there: %v", fault.name, there)
		}
		if fault.pulls {
			r.removeImage(t, image)
		}
	}
	bad.set(nil)
	r.must(t, "pull")
	bad.set(answers("/blobs/", http.StatusForbidden, "DENIED", 0))
	r.write(t, strings.ReplaceAll(file, r.name+":1", r.name+"-other:1"))
	r.must(t, "build")
	if said := r.fails(t, "push"); !strings.Contains(said, "denied") || strings.Contains(said, "Retrying in 1s") {
		t.Errorf("a push that is refused:\n%s", said)
	}
	r.must(t, "down", "--rmi", "all")
	r.write(t, file)
}

// TestStalledRegistry interrupts a pull from a registry that says nothing more.
func TestStalledRegistry(t *testing.T) {
	host := os.Getenv("GOCOMPOSE_TEST_DOCKER_HOST")
	if host == "" {
		t.Skip("GOCOMPOSE_TEST_DOCKER_HOST does not name an engine")
	}
	r := newRealPlace(t, host)
	behind := registryServer{address: "127.0.0.1:0", security: openToAll}.start(t)
	bad := &badRegistry{}
	address := bad.start(t, behind)
	image := address + "/" + r.name + ":1"
	r.write(t, fmt.Sprintf(built, image, r.name))
	r.must(t, "build", "--push")
	r.removeImage(t, image)
	reached, ctx := make(chan struct{}, 16), t.Context()
	bad.set(func(_ http.ResponseWriter, request *http.Request, _ func() int) bool {
		if !strings.Contains(request.URL.Path, "/blobs/") {
			return false
		}
		reached <- struct{}{}
		select {
		case <-request.Context().Done():
		case <-ctx.Done():
		}
		return true
	})
	ended, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	command := r.command(t, "pull")
	var said bytes.Buffer
	command.Stdout, command.Stderr = &said, &said
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- command.Wait() }()
	<-reached
	if err := command.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-done:
		if exit, ok := err.(*exec.ExitError); !ok || exit.ExitCode() != exitInterrupted { //nolint:errorlint // of Wait
			t.Errorf("it ended with %v:\n%s", err, &said)
		}
	case <-ended.Done():
		_ = command.Process.Kill()
		t.Fatalf("it did not end:\n%s", &said)
	}
	if r.hasImage(t, image) {
		t.Error("the image is there")
	}
}
