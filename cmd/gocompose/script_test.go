package main

import (
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	ctypes "github.com/docker/docker/api/types/container"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/gocompose/gocompose/internal/enginetest"
	"github.com/gocompose/gocompose/internal/registrytest"
	"github.com/gocompose/gocompose/project"
)

func TestMain(m *testing.M) {
	if os.Getenv("GOCOMPOSE_TEST_MAIN") != "" {
		main() // a test runs this binary as the program; see program_test.go
	}
	testscript.Main(m, map[string]func(){"gocompose": main, "docker-compose": main, "docker-gocompose": main})
}

// TestScripts runs testdata/script/*.txtar, each against an engine in memory of
// its own. Besides testscript's own commands they may use scrub, and engine with
//
//	journal                  the requests so far that change something
//	requests                 how many requests there were, and how many of these change something
//	reset                    forgets the requests so far
//	snapshot                 what is on the engine
//	fail OP TARGET TEXT      refuses matching requests with status 500 and this text
//	heal                     ends that
//	gone, back               the engine cannot be reached, and can be again
//	await OP N               waits until N such requests were answered
//	asked OP N               waits until N such requests have come
//	dead NAME CODE           waits until a container has ended
//	foreign NETWORK NAME     runs a container of nobody's on a network
//	oneoff PROJECT SERVICE NAME
//	                         runs a container as the command run would
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup:               setup,
		UpdateScripts:       os.Getenv("UPDATE_SCRIPTS") != "",
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"engine":   engineCommand,
			"registry": registryCommand,
			"scrub":    scrub,
		},
	})
}

// noRaceSleep keeps the race detector from waiting a second before each exit.
const noRaceSleep = "atexit_sleep_ms=0"

type (
	engineKey   struct{}
	registryKey struct{}
)

func setup(env *testscript.Env) error {
	engine, err := enginetest.New(enginetest.Options{APIVersion: "1.51", Images: images(), Registry: registry()})
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "gc") // a script's own directory is too long for a socket
	if err != nil {
		return err
	}
	env.Defer(func() {
		if err := engine.Close(); err != nil {
			env.T().Log(err)
		}
		if err := os.RemoveAll(dir); err != nil {
			env.T().Log(err)
		}
	})
	host, err := engine.Serve(filepath.Join(dir, "docker.sock"))
	if err != nil {
		return err
	}
	registry := registrytest.New(registrytest.Options{})
	server := httptest.NewServer(registry)
	env.Defer(server.Close)
	env.Values[registryKey{}] = registry
	env.Setenv("REGISTRY", strings.TrimPrefix(server.URL, "http://"))
	env.Values[engineKey{}] = engine
	env.Setenv("DOCKER_HOST", host)
	env.Setenv("HOME", filepath.Join(env.WorkDir, "home"))
	env.Setenv("TZ", "UTC")
	env.Setenv("GORACE", noRaceSleep)
	return nil
}

// images are on every engine from the start.
func images() []enginetest.Image {
	check := &ctypes.HealthConfig{Test: []string{"CMD", "check"}, Interval: 10 * time.Millisecond}
	return []enginetest.Image{
		{Ref: "app:1", Cmd: []string{"serve"}},
		{Ref: "app:2", Cmd: []string{"serve"}, Labels: map[string]string{"version": "2"}},
		{Ref: "db:1", Cmd: []string{"store"}, Healthcheck: check},
		{Ref: "data:1", Cmd: []string{"store"}, Volumes: []string{"/data"}},
		{Ref: "sick:1", Cmd: []string{"store"}, Healthcheck: check, Behaviour: enginetest.Behaviour{
			Health: []enginetest.HealthChange{{Status: "unhealthy", Output: "cannot open the database"}},
			Output: []enginetest.Line{{Text: "opening /data"}, {Text: "no space left", Stderr: true}},
		}},
		{Ref: "job:1", Cmd: []string{"echo", "done"}},
		{Ref: "talk:1", Cmd: []string{"talk"}, Behaviour: enginetest.Behaviour{Output: []enginetest.Line{
			{Text: "hello"}, {Text: "oops", Stderr: true}, {Text: "bye"},
		}}},
		{Ref: "chatter:1", Cmd: []string{"chatter"}, Behaviour: enginetest.Behaviour{Output: chatter()}},
		{Ref: "fail:1", Cmd: []string{"sh", "-c", "echo failing; exit 3"}},
	}
}

// chatter is a line each millisecond.
func chatter() []enginetest.Line {
	lines := make([]enginetest.Line, 10_000)
	for i := range lines {
		lines[i] = enginetest.Line{After: time.Duration(i+1) * time.Millisecond, Text: "and so on"}
	}
	return lines
}

// registry holds what can be pulled.
func registry() []enginetest.Image {
	return []enginetest.Image{
		{Ref: "redis:7", Cmd: []string{"redis-server"}},
		{Ref: "app:1", Cmd: []string{"serve"}, Labels: map[string]string{"rebuilt": "yes"}},
	}
}

// registryCommand tells of the registry at $REGISTRY:
//
//	registry requests             prints the requests since the last time
//	registry manifest REPO TAG    prints what was pushed
func registryCommand(ts *testscript.TestScript, neg bool, args []string) {
	registry := ts.Value(registryKey{}).(*registrytest.Registry)
	switch {
	case !neg && len(args) == 1 && args[0] == "requests":
		fmt.Fprintln(ts.Stdout(), strings.Join(registry.Requests(), "\n")) // a line also where there are none
	case !neg && len(args) == 3 && args[0] == "manifest":
		fmt.Fprintf(ts.Stdout(), "%s\n", registry.Manifest(args[1], args[2]))
	default:
		ts.Fatalf("usage: registry requests|manifest REPO TAG")
	}
}

func engineCommand(ts *testscript.TestScript, neg bool, args []string) {
	engine := ts.Value(engineKey{}).(*enginetest.Engine)
	if neg || len(args) == 0 {
		ts.Fatalf("usage: engine SUBCOMMAND [ARGS...]")
	}
	want := map[string]int{"fail": 4, "await": 3, "asked": 3, "dead": 3, "foreign": 3, "oneoff": 4}
	if n := max(1, want[args[0]]); len(args) != n {
		ts.Fatalf("engine %s takes %d arguments", args[0], n-1)
	}
	switch args[0] {
	case "journal":
		for _, call := range engine.Journal() {
			if call.Mutating {
				fmt.Fprintln(ts.Stdout(), call)
			}
		}
	case "requests":
		fmt.Fprintf(ts.Stdout(), "%d requests, %d of them change something\n", len(engine.Journal()), engine.MutatingCount())
	case "reset":
		engine.ResetJournal()
	case "snapshot":
		fmt.Fprint(ts.Stdout(), engine.Snapshot())
	case "fail":
		engine.Fault(func(r enginetest.Request) enginetest.Action {
			if r.Op == args[1] && strings.Contains(r.Target, args[2]) {
				return enginetest.Action{Status: 500, Message: args[3]}
			}
			return enginetest.Action{}
		})
	case "heal":
		engine.Fault(nil)
	case "gone", "back":
		ts.Check(engine.SetReachable(args[0] == "back"))
	case "await", "asked":
		n, err := strconv.Atoi(args[2])
		ts.Check(err)
		await(ts, func() bool { return requests(engine, args[1], args[0] == "await") >= n })
	case "dead":
		await(ts, func() bool { return ended(ts, engine, args[1], args[2]) })
	case "foreign":
		ts.Check(runOther(engine, args[1], args[2], nil))
	case "oneoff":
		ts.Check(runOther(engine, args[1]+"_default", args[3], map[string]string{
			project.LabelProject: args[1], project.LabelService: args[2], project.LabelOneOff: "True",
		}))
	default:
		ts.Fatalf("engine %s is not known", args[0])
	}
}

// await waits for what another process brings about.
func await(ts *testscript.TestScript, done func() bool) {
	for deadline := time.Now().Add(20 * time.Second); !done(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			ts.Fatalf("it did not come to pass within 20 s")
		}
	}
}

// requests counts those of a kind, all or only those that were answered.
func requests(engine *enginetest.Engine, op string, answered bool) int {
	n := 0
	for _, call := range engine.Journal() {
		if call.Op == op && (call.Status != 0 || !answered) {
			n++
		}
	}
	return n
}

func ended(ts *testscript.TestScript, engine *enginetest.Engine, name, code string) bool {
	api, err := engine.Client()
	ts.Check(err)
	defer func() { ts.Check(api.Close()) }()
	found, err := api.ContainerInspect(context.Background(), name)
	return err == nil && found.State.Status == "exited" && strconv.Itoa(found.State.ExitCode) == code
}

func runOther(engine *enginetest.Engine, network, name string, labels map[string]string) error {
	api, err := engine.Client()
	if err != nil {
		return err
	}
	ctx := context.Background()
	_, err = api.ContainerCreate(ctx, &ctypes.Config{Image: "app:1", Labels: labels},
		&ctypes.HostConfig{NetworkMode: ctypes.NetworkMode(network)}, nil, nil, name)
	if err == nil {
		err = api.ContainerStart(ctx, name, ctypes.StartOptions{})
	}
	if closeErr := api.Close(); err == nil {
		err = closeErr
	}
	return err
}

// scrub replaces what differs from run to run in a file, so that it can be
// compared: identifiers, times, durations and the script's own directory. With
// -sort it also sorts the lines.
func scrub(ts *testscript.TestScript, neg bool, args []string) {
	sorted := len(args) > 1 && args[0] == "-sort"
	if sorted {
		args = args[1:]
	}
	if neg || len(args) != 2 {
		ts.Fatalf("usage: scrub [-sort] FROM TO")
	}
	text := ts.ReadFile(args[0])
	text = strings.ReplaceAll(text, ts.MkAbs("."), "$WORK")
	for _, rule := range [][2]string{
		{`\b[0-9a-f]{64}\b`, "ID64"},
		{`\b[0-9a-f]{12}\b`, "ID12"},
		{`\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?( \+0000 UTC|Z)?`, "TIME"},
		{`(Less than a|About a|\d+) (second|minute|hour|day|week|month|year)s?( ago)?`, "AGE"},
		{`"took_ms":\d+,?`, ""},
		{`gocompose\.fields=[^,"]*`, "gocompose.fields=FIELDS"},
	} {
		text = regexp.MustCompile(rule[0]).ReplaceAllString(text, rule[1])
	}
	if strings.Contains(text, "AGE") { // which decides how wide columns are
		text = regexp.MustCompile(` {3,}`).ReplaceAllString(text, "   ")
	}
	if sorted {
		lines := strings.SplitAfter(text, "\n")
		slices.Sort(lines)
		text = strings.Join(lines, "")
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(text), 0o644))
}
