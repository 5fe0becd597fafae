package runtime

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/docker/docker/api/types/container"

	"github.com/gocompose/gocompose/internal/engine"
	"github.com/gocompose/gocompose/planner"
	"github.com/gocompose/gocompose/project"
)

const engineSession = `
services:
  fast:
    image: gocompose-test/busybox
    network_mode: none
    command: [sh, -c, "seq 1 20000"]
  retry:
    image: gocompose-test/busybox
    network_mode: none
    restart: on-failure:1
    command: [sh, -c, "echo try; [ ! -e /again ] || exit 0; touch /again; exit 3"]
  terminal:
    image: gocompose-test/busybox
    network_mode: none
    tty: true
    command: [sh, -c, "printf 'name? '; sleep 1; echo gopher"]
  quiet:
    image: gocompose-test/busybox
    network_mode: none
    logging: {driver: none}
    command: [sh, -c, "echo unkept"]
  last:
    image: gocompose-test/busybox
    network_mode: none
    depends_on:
      fast: {condition: service_completed_successfully}
      terminal: {condition: service_completed_successfully}
    command: [sh, -c, "sleep 2; exit 5"]
  server:
    image: gocompose-test/busybox
    network_mode: none
    init: true
    command: [sleep, "300"]
`

// TestSessionOnEngines: what the tests in memory take for granted of engines
// holds on real ones.
func TestSessionOnEngines(t *testing.T) {
	for _, variable := range []string{"GOCOMPOSE_TEST_DOCKER_HOST", "GOCOMPOSE_TEST_DOCKER_HOST_NEW"} {
		t.Run(variable, func(t *testing.T) {
			host := os.Getenv(variable)
			if host == "" {
				t.Skipf("%s is not set; see internal/testenv", variable)
			}
			e, err := engine.Connect(t.Context(), engine.Options{Getenv: func(name string) string {
				return map[string]string{"DOCKER_HOST": host, "HOME": t.TempDir()}[name]
			}})
			if err != nil {
				t.Fatal(err)
			}
			defer e.Close()
			sessionOnEngine(t, e)
		})
	}
}

func sessionOnEngine(t *testing.T, e *engine.Client) {
	p, diagnostics := project.Load(t.Context(), project.Options{
		Files: []string{"-"}, Stdin: strings.NewReader(engineSession),
		Name: fmt.Sprintf("gocompose-session-%d", os.Getpid()), ProjectDirectory: t.TempDir(),
	})
	if p == nil {
		t.Fatalf("loading: %v", diagnostics)
	}
	defer removeContainers(t, e, p.Name())
	state, err := Observe(t.Context(), e, p)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := planner.Up(p, state, planner.UpOptions{})
	if err != nil {
		t.Fatal(err)
	}
	sink := &transcript{began: time.Now()}
	grace := time.Second
	// Retry is no service that the exit policy looks at: it would end the run.
	session := NewSession(e, p, SessionOptions{
		Attach: p.ServiceNames(), Services: []string{"fast", "terminal", "quiet", "last", "server"},
		Sink: sink, Exit: ExitPolicy{CodeFrom: "last", OnError: true}, StopTimeout: &grace,
	})
	result, err := session.Run(t.Context(), plan)
	if err != nil || result.ExitCode != 5 {
		t.Errorf("result %+v, error %v", result, err)
	}
	checkTranscript(t, p.Name()+"-", sink)

	lines := map[string]int{}
	err = FollowLogs(t.Context(), e, LogTarget{Project: p.Name(), Services: []string{"fast", "retry"}}, LogOptions{Follow: true},
		lineFunc(func(l LogLine) { lines[l.Service]++ }))
	if err != nil || lines["fast"] != 20000 || lines["retry"] != 2 {
		t.Errorf("logs have %v lines, error %v", lines, err)
	}
}

// checkTranscript: no line is missing, none is shown twice, and an exit comes
// after the last line.
func checkTranscript(t *testing.T, prefix string, sink *transcript) {
	t.Helper()
	texts := map[string][]string{}
	for _, n := range sink.notes {
		service := strings.TrimSuffix(strings.TrimPrefix(n.container, prefix), "-1")
		texts[service] = append(texts[service], strings.TrimPrefix(n.text, n.container+" "))
	}
	if fast := texts["fast"]; len(fast) != 20002 || fast[1] != "| 1" || fast[20000] != "| 20000" || fast[20001] != "exited 0" {
		t.Errorf("fast has %d lines: %q", len(fast), fast[max(0, len(fast)-3):])
	}
	for service, want := range map[string]string{
		"retry":    "attached,| try,restarted 3,| try,exited 0",
		"terminal": "attached,| name? ,| gopher,exited 0",
		"quiet":    "attached,| unkept,exited 0",
	} {
		if got := strings.Join(texts[service], ","); got != want {
			t.Errorf("%s: %s, want %s", service, got, want)
		}
	}
	if server := strings.Join(texts["server"], ","); !strings.HasPrefix(server, "attached,exited 1") {
		t.Errorf("server: %s", server)
	}
}

func removeContainers(t *testing.T, e *engine.Client, name string) {
	list, err := List(t.Context(), e, name)
	if err != nil {
		t.Error(err)
	}
	for _, c := range list {
		if err := e.API().ContainerRemove(t.Context(), c.ID, container.RemoveOptions{Force: true, RemoveVolumes: true}); err != nil {
			t.Error(err)
		}
	}
}
