package enginetest_test

import (
	"context"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/gocompose/gocompose/internal/enginetest"
)

var update = flag.Bool("update", false, "record the answers of the engines that GOCOMPOSE_TEST_DOCKER_HOST and the like name")

// conformanceImage is what the scripts run: a busybox with a shell.
const conformanceImage = "gocompose-test/busybox:latest"

// The files in testdata/conformance each hold a script and what real engines
// answered, a section for each API version. TestConformance holds the fake
// against the recordings; TestConformanceOfEngine holds the real engines against
// them whose addresses are in the environment, or records them with -update.
func TestConformance(t *testing.T) {
	eachConformance(t, func(t *testing.T, _ string, archive *txtar.Archive) {
		for _, section := range archive.Files {
			if section.Name == "script" {
				continue
			}
			t.Run(section.Name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					e, err := enginetest.New(enginetest.Options{APIVersion: section.Name, Images: []enginetest.Image{{
						Ref: conformanceImage, Cmd: []string{"sh"}, Env: []string{"PATH=/bin"},
					}}})
					if err != nil {
						t.Fatal(err)
					}
					defer e.Close()
					got := runScript(t, e.Dial, "fake-", scriptOf(archive))
					if diff := cmp.Diff(string(section.Data), got); diff != "" {
						t.Errorf("a real engine of API %s answers otherwise (-real +fake):\n%s", section.Name, diff)
					}
				})
			})
		}
	})
}

func TestConformanceOfEngine(t *testing.T) {
	for _, variable := range []string{"GOCOMPOSE_TEST_DOCKER_HOST", "GOCOMPOSE_TEST_DOCKER_HOST_NEW", "GOCOMPOSE_TEST_DOCKER_HOST_SID"} {
		t.Run(variable, func(t *testing.T) {
			host := os.Getenv(variable)
			if host == "" {
				t.Skip("it names no engine")
			}
			socket, ok := strings.CutPrefix(host, "unix://")
			if !ok {
				t.Fatalf("it must be a unix socket, not %s", host)
			}
			if !*update {
				t.Parallel() // recording writes the same files
			}
			conformanceOf(t, func(ctx context.Context, _, _ string) (net.Conn, error) {
				return new(net.Dialer).DialContext(ctx, "unix", socket)
			})
		})
	}
}

// conformanceOf compares a real engine with what is recorded for its API version,
// or records it.
func conformanceOf(t *testing.T, dial dialer) {
	version := apiVersion(t, dial)
	eachConformance(t, func(t *testing.T, file string, archive *txtar.Archive) {
		got := runScript(t, dial, fmt.Sprintf("gct%d-", os.Getpid()), scriptOf(archive))
		if *update && !t.Failed() {
			record(t, file, archive, version, got)
			return
		}
		for _, section := range archive.Files {
			if section.Name != version {
				continue
			}
			if diff := cmp.Diff(string(section.Data), got); diff != "" {
				t.Errorf("the engine answers otherwise than recorded (-recorded +engine):\n%s", diff)
			}
			return
		}
		t.Skipf("nothing is recorded for API %s; the engine answers:\n%s", version, got)
	})
}

func eachConformance(t *testing.T, run func(t *testing.T, file string, archive *txtar.Archive)) {
	files, err := filepath.Glob("testdata/conformance/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no conformance scripts: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			run(t, file, archive)
		})
	}
}

func scriptOf(archive *txtar.Archive) string {
	for _, section := range archive.Files {
		if section.Name == "script" {
			return string(section.Data)
		}
	}
	return ""
}

func record(t *testing.T, file string, archive *txtar.Archive, version, got string) {
	found := false
	for i := range archive.Files {
		if archive.Files[i].Name == version {
			archive.Files[i].Data, found = []byte(got), true
		}
	}
	if !found {
		archive.Files = append(archive.Files, txtar.File{Name: version, Data: []byte(got)})
	}
	if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
		t.Fatal(err)
	}
}

// dialer opens connections to an engine.
type dialer func(ctx context.Context, network, address string) (net.Conn, error)

func apiVersion(t *testing.T, dial dialer) string {
	t.Helper()
	transport := &http.Transport{DialContext: dial}
	defer transport.CloseIdleConnections()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://engine/_ping", nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := transport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	return response.Header.Get("Api-Version")
}
