package runtime

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/docker/docker/api/types/container"
	gocmp "github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/gocompose/gocompose/internal/enginetest"
	"github.com/gocompose/gocompose/planner"
	"github.com/gocompose/gocompose/project"
)

// TestSessions runs testdata/session/*.txtar in virtual time. Each has a
// compose.yaml, whose labels script the containers (see package enginetest), a
// file "session" and one "want". The session's lines are
//
//	before up | stop | create          what is done to the project beforehand
//	attach SERVICE…                    whose output is shown; all by default
//	services SERVICE…                  what is stopped at the end
//	exit any | error | from SERVICE    the exit policy
//	engine VERSION                     the API version
//	at TIME interrupt
//	at TIME stop|start|restart|kill|remove NAME
//	at TIME recreate|scale SERVICE     somebody else replaces or adds a container
//	at TIME drop | gone | back         the event stream or the engine breaks
//	at TIME keep | down                the engine is restarted; down stops containers
//
// What is wanted is what the sink gets, by time, and the result. With
// UPDATE_SESSIONS in the environment it is written anew.
func TestSessions(t *testing.T) {
	files, err := filepath.Glob("testdata/session/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no test files", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			test := newSessionTest(t, archive)
			onHost(t, enginetest.Options{APIVersion: test.version}, test.run)
			if os.Getenv("UPDATE_SESSIONS") != "" {
				test.update(t, file, archive)
				return
			}
			if diff := gocmp.Diff(byInstant(test.want), byInstant(test.got)); diff != "" {
				t.Errorf("got:\n%s\n%s", test.got, diff)
			}
		})
	}
}

// sessionTest is one file.
type sessionTest struct {
	yaml, want, got string
	before, version string
	options         SessionOptions
	actions         []action
}

// action is something that happens while the session runs.
type action struct {
	at   time.Duration
	verb string
	name string
}

func newSessionTest(t *testing.T, archive *txtar.Archive) *sessionTest {
	test := &sessionTest{}
	for _, f := range archive.Files {
		text := string(f.Data)
		switch f.Name {
		case "compose.yaml":
			test.yaml = text
		case "want":
			test.want = text
		case "session":
			for line := range strings.Lines(text) {
				test.setting(t, strings.Fields(line))
			}
		}
	}
	return test
}

func (test *sessionTest) update(t *testing.T, file string, archive *txtar.Archive) {
	for i := range archive.Files {
		if archive.Files[i].Name == "want" {
			archive.Files[i].Data = []byte(test.got)
		}
	}
	if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
		t.Fatal(err)
	}
}

func (test *sessionTest) setting(t *testing.T, words []string) {
	switch words[0] {
	case "before":
		test.before = words[1]
	case "attach":
		test.options.Attach = words[1:]
	case "services":
		test.options.Services = words[1:]
	case "engine":
		test.version = words[1]
	case "exit":
		switch words[1] {
		case "any":
			test.options.Exit.OnExit = true
		case "error":
			test.options.Exit.OnError = true
		case "from":
			test.options.Exit.CodeFrom = words[2]
		}
	case "at":
		at, err := time.ParseDuration(words[1])
		if err != nil {
			t.Fatal(err)
		}
		test.actions = append(test.actions, action{at: at, verb: words[2], name: strings.Join(words[3:], " ")})
	default:
		t.Fatalf("unknown setting %q", words[0])
	}
}

func (test *sessionTest) run(h host) {
	p := load(h.T, test.yaml)
	if test.options.Attach == nil {
		test.options.Attach = p.ServiceNames()
	}
	test.prepare(h, p)
	sink := &transcript{began: time.Now()}
	test.options.Sink = sink
	session := NewSession(h.engine, p, test.options)
	var acting sync.WaitGroup
	defer acting.Wait()
	over := make(chan struct{})
	defer close(over)
	for _, a := range test.actions {
		acting.Go(func() {
			select {
			case <-time.After(a.at):
				a.do(h, p, session)
			case <-over:
			}
		})
	}
	state, err := Observe(h.Context(), h.engine, p)
	if err != nil {
		h.Fatal(err)
	}
	plan, err := planner.Up(p, state, planner.UpOptions{})
	if err != nil {
		h.Fatal(err)
	}
	result, err := session.Run(h.Context(), plan)
	sink.add("~plan~", "end: code %d, interrupted %t, error %v", result.ExitCode, result.Interrupted, err)
	test.got = sink.text()
}

func (test *sessionTest) prepare(h host, p *project.Project) {
	if test.before == "" {
		return
	}
	if _, err := h.up(h.Context(), p, planner.UpOptions{NoStart: test.before == "create"}, ApplyOptions{}); err != nil {
		h.Fatal(err)
	}
	if test.before == "stop" {
		for _, name := range h.containers() {
			h.must(h.engine.API().ContainerStop(h.Context(), name, container.StopOptions{}))
		}
	}
	<-time.After(time.Minute) // what is old is old
}

func (h host) containers() []string {
	list, err := List(h.Context(), h.engine, testProject)
	h.must(err)
	names := make([]string, 0, len(list))
	for _, l := range list {
		names = append(names, l.Name)
	}
	return names
}

func (h host) must(err error) {
	h.Helper()
	if err != nil {
		h.Error(err)
	}
}

func (a action) do(h host, p *project.Project, session *Session) {
	ctx, api := h.Context(), h.engine.API()
	switch a.verb {
	case "interrupt":
		session.Interrupt()
	case "stop":
		h.must(api.ContainerStop(ctx, a.name, container.StopOptions{}))
	case "start":
		h.must(api.ContainerStart(ctx, a.name, container.StartOptions{}))
	case "restart":
		h.must(api.ContainerRestart(ctx, a.name, container.StopOptions{}))
	case "kill":
		h.must(api.ContainerKill(ctx, a.name, "KILL"))
	case "remove":
		h.must(api.ContainerRemove(ctx, a.name, container.RemoveOptions{Force: true}))
	case "recreate":
		_, err := h.up(ctx, p, planner.UpOptions{Services: []string{a.name}, Recreate: planner.RecreateForce}, ApplyOptions{})
		h.must(err)
	case "scale":
		scaled, err := p.WithScale(map[string]int{a.name: 2})
		h.must(err)
		_, err = h.up(ctx, scaled, planner.UpOptions{}, ApplyOptions{})
		h.must(err)
	case "drop":
		h.fake.DropEventStreams()
	case "keep":
		h.fake.RestartDaemon(enginetest.RestartKeeping)
	case "down":
		h.fake.RestartDaemon(enginetest.RestartStopping)
	case "back":
		h.must(h.fake.SetReachable(true))
	case "gone":
		h.must(h.fake.SetReachable(false))
	default:
		h.Errorf("unknown action %q", a.verb)
	}
}

// transcript is a sink that writes down what it gets. What happens in one
// millisecond to several containers has no order.
type transcript struct {
	began time.Time
	mu    sync.Mutex
	notes []note
}

type note struct {
	at        time.Duration
	container string
	text      string
}

func (s *transcript) add(about, format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.notes = append(s.notes, note{time.Since(s.began).Truncate(time.Millisecond), about, fmt.Sprintf(format, args...)})
}

func (s *transcript) Line(l LogLine) {
	stream := "|"
	if l.Stream == Stderr {
		stream = "!"
	}
	if l.Hook {
		stream = "-> " + stream
	}
	s.add(l.Container, "%s %s %s", l.Container, stream, l.Text)
}

func (s *transcript) Session(e SessionEvent) {
	switch {
	case e.Container == "":
		s.add("~", "%s", e.Turn)
	case e.Turn == TurnAttached:
		s.add(e.Container, "%s %s", e.Container, e.Turn)
	default:
		s.add(e.Container, "%s %s %d", e.Container, e.Turn, e.ExitCode)
	}
}

func (s *transcript) Begin(p *planner.Plan) { s.add("~plan", "%s begins", p.Command) }
func (s *transcript) End()                  { s.add("~plan", "ends") }

func (s *transcript) text() string {
	slices.SortStableFunc(s.notes, func(a, b note) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.container, b.container))
	})
	var text strings.Builder
	for _, n := range s.notes {
		fmt.Fprintf(&text, "%s %s\n", n.at, n.text)
	}
	return text.String()
}

// byInstant puts the lines that say "attached" first among those of their
// instant: a container that ends and starts at one time is told of in either
// order, and users do not see these lines.
func byInstant(story string) string {
	instant := func(line string) string {
		at, _, _ := strings.Cut(line, " ")
		return at
	}
	var out []string
	for _, line := range strings.Split(story, "\n") {
		place := len(out)
		if strings.HasSuffix(line, " attached") {
			for place > 0 && instant(out[place-1]) == instant(line) && !strings.HasSuffix(out[place-1], " attached") {
				place--
			}
		}
		out = slices.Insert(out, place, line)
	}
	return strings.Join(out, "\n")
}
