package watch

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/google/go-cmp/cmp"

	"github.com/gocompose/gocompose/project"
)

// stage is a session with nothing real about it but the files.
type stage struct {
	*testing.T
	dir     string
	changed chan struct{}
	moved   chan struct{}
	host    *stageHost
	began   time.Time

	mu    sync.Mutex
	paths []string
	story []string
}

func (s *stage) Changed() <-chan struct{} { return s.changed }

func (s *stage) Take() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	paths := s.paths
	s.paths = nil
	return paths
}

// change tells of changes of paths below the stage's directory.
func (s *stage) change(paths ...string) {
	s.mu.Lock()
	for _, path := range paths {
		s.paths = append(s.paths, filepath.Join(s.dir, path))
	}
	s.mu.Unlock()
	s.changed <- struct{}{}
}

func (s *stage) write(path, content string) {
	s.Helper()
	path = filepath.Join(s.dir, path)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		s.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		s.Fatal(err)
	}
}

func (s *stage) tell(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	text := strings.ReplaceAll(fmt.Sprintf(format, args...), s.dir+"/", "")
	s.story = append(s.story, fmt.Sprintf("%s %s", time.Since(s.began), text))
}

// heard returns what was told since it was called last.
func (s *stage) heard() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	story := s.story
	s.story = nil
	return story
}

func (s *stage) expect(want ...string) {
	s.Helper()
	synctest.Wait()
	if diff := cmp.Diff(want, s.heard()); diff != "" {
		s.Errorf("(-want +got)\n%s", diff)
	}
}

// set changes what the host says.
func (s *stage) set(change func(*stageHost)) {
	s.host.guard.Lock()
	defer s.host.guard.Unlock()
	change(s.host)
}

// stageHost writes down what it is asked for.
type stageHost struct {
	*stage
	guard      sync.Mutex // of what follows
	containers []Container
	fail       map[string]Failure // by target
	later      []string           // targets
	broken     error
}

func (h *stageHost) Containers(context.Context, []string) ([]Container, error) {
	h.guard.Lock()
	defer h.guard.Unlock()
	return slices.Clone(h.containers), h.broken
}

func (h *stageHost) Sync(_ context.Context, c Container, files []File) Outcome {
	h.guard.Lock()
	defer h.guard.Unlock()
	var out Outcome
	var list []string
	for _, f := range files {
		if failure, ok := h.fail[f.Target]; ok {
			failure.File = f
			out.Failed = append(out.Failed, failure)
			continue
		}
		if slices.Contains(h.later, f.Target) {
			out.Later = append(out.Later, f.Path)
			continue
		}
		list = append(list, f.Target)
	}
	h.tell("sync %s %s", c.Name, strings.Join(list, " "))
	return out
}

func (h *stageHost) Restart(_ context.Context, services []string) error {
	h.tell("restart %s", services)
	return nil
}

func (h *stageHost) Exec(_ context.Context, c Container, command types.ServiceHook) error {
	h.tell("exec %s %s", c.Name, command.Command)
	return nil
}

func (h *stageHost) Rebuild(_ context.Context, services []string) error {
	h.tell("rebuild %s", services)
	h.guard.Lock()
	defer h.guard.Unlock()
	if h.broken != nil {
		return h.broken
	}
	for i := range h.containers {
		if slices.Contains(services, h.containers[i].Service) {
			h.containers[i].ID += "+"
		}
	}
	return nil
}

// play runs a session of the service web, whose rules are given in the form of the
// files, with paths below the stage's directory.
func play(t *testing.T, rules []types.Trigger, containers []Container, act func(*stage)) {
	t.Helper()
	dir := t.TempDir()
	for i := range rules {
		rules[i].Path = filepath.Join(dir, rules[i].Path)
	}
	web := types.ServiceConfig{
		Name: "web", Develop: &types.DevelopConfig{Watch: rules},
	}
	web.Build = &types.BuildConfig{Context: filepath.Join(dir, "none")}
	read, err := ReadRules(project.New(&types.Project{Name: "shop", Services: types.Services{"web": web}}, nil))
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		s := &stage{T: t, dir: dir, changed: make(chan struct{}), moved: make(chan struct{}), began: time.Now()}
		s.host = &stageHost{stage: s, containers: containers, fail: map[string]Failure{}}
		ctx, cancel := context.WithCancel(t.Context())
		session := NewSession(Options{
			Rules: read, Files: s, Host: s.host, Moved: s.moved,
			Say:  func(text string) { s.tell("%s", text) },
			Warn: func(text string) { s.tell("warning: %s", text) },
		})
		ended := make(chan error)
		go func() { ended <- session.Run(ctx) }()
		synctest.Wait()
		act(s)
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

func one() []Container { return []Container{{ID: "1", Name: "web-1", Service: "web", Running: true}} }

func syncRule(path, target string) types.Trigger {
	return types.Trigger{Path: path, Action: types.WatchActionSync, Target: target}
}

func TestSessionGathersChanges(t *testing.T) {
	play(t, []types.Trigger{syncRule("src", "/app")}, one(), func(s *stage) {
		s.expect("0s Watch enabled")
		s.change("src/a", "other")
		time.Sleep(30 * time.Millisecond)
		s.change("src/b", "src/a")
		s.change("other")
		s.expect()
		time.Sleep(time.Second)
		s.expect(`80ms Syncing service "web" after 2 changes were detected`, "80ms sync web-1 /app/a /app/b")
	})
}

// TestSessionDoesNotWaitForEver: changes that never end are acted upon all the same.
func TestSessionDoesNotWaitForEver(t *testing.T) {
	play(t, []types.Trigger{syncRule("src", "/app")}, one(), func(s *stage) {
		for range 20 {
			s.change("src/log")
			time.Sleep(40 * time.Millisecond)
		}
		synctest.Wait()
		heard := s.heard()
		if len(heard) < 2 || heard[1] != `500ms Syncing service "web" after 1 changes were detected` {
			t.Errorf("%q", heard)
		}
	})
}

func TestSessionActsAfterSyncs(t *testing.T) {
	rules := []types.Trigger{
		{Path: "conf", Action: types.WatchActionSyncRestart, Target: "/conf"},
		{Path: "code", Action: types.WatchActionSyncExec, Target: "/code", Exec: types.ServiceHook{Command: types.ShellCommand{"reload"}}},
		{Path: "env", Action: types.WatchActionRestart},
	}
	containers := append(one(), Container{ID: "2", Name: "web-2", Service: "web"})
	play(t, rules, containers, func(s *stage) {
		s.heard()
		s.change("code/a", "code/b")
		time.Sleep(time.Second)
		synctest.Wait()
		got := s.heard()
		slices.Sort(got[1:3])
		want := []string{
			`250ms Syncing service "web" after 2 changes were detected`,
			"250ms sync web-1 /code/a /code/b", "250ms sync web-2 /code/a /code/b", "250ms exec web-1 [reload]",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
		s.set(func(h *stageHost) { h.containers = h.containers[:1] })
		s.moved <- struct{}{}
		s.change("conf/x")
		time.Sleep(time.Second)
		s.expect(`1.25s Syncing service "web" after 1 changes were detected`, "1.25s sync web-1 /conf/x",
			"1.25s restart [web]", `1.25s service(s) ["web"] restarted`)
		s.change("env/x")
		time.Sleep(time.Second)
		s.expect("2.25s restart [web]", `2.25s service(s) ["web"] restarted`)
	})
}

// TestSessionTriesAgain: what failed is told once and tried again, later and later,
// and what is to follow waits for it.
func TestSessionTriesAgain(t *testing.T) {
	play(t, []types.Trigger{{Path: "src", Action: types.WatchActionSyncRestart, Target: "/app"}}, one(), func(s *stage) {
		s.heard()
		s.set(func(h *stageHost) { h.fail["/app/b"] = Failure{Err: errors.New("no space left on device")} })
		s.change("src/a", "src/b")
		time.Sleep(5 * time.Second)
		s.expect(
			`250ms Syncing service "web" after 2 changes were detected`, "250ms sync web-1 /app/a",
			"250ms warning: web-1: cannot sync src/b to /app/b: no space left on device; trying again",
			"1.25s sync web-1 ", "3.25s sync web-1 ",
		)
		s.set(func(h *stageHost) { clear(h.fail) })
		time.Sleep(5 * time.Second)
		s.expect("7.25s sync web-1 /app/b", "7.25s restart [web]", `7.25s service(s) ["web"] restarted`)
	})
}

func TestSessionGivesUpWhatCannotBe(t *testing.T) {
	play(t, []types.Trigger{syncRule("src", "/app")}, one(), func(s *stage) {
		s.heard()
		s.set(func(h *stageHost) { h.fail["/app/a"] = Failure{Err: errors.New("the image has no rm"), Final: true} })
		s.change("src/a")
		time.Sleep(time.Minute)
		s.expect(`50ms Syncing service "web" after 1 changes were detected`, "50ms sync web-1 ",
			"50ms warning: web-1: cannot sync src/a to /app/a: the image has no rm")
	})
}

// TestSessionFollowsContainers: a container that was stopped gets what it could not
// take once it runs, and one that takes its place gets all that was synced.
func TestSessionFollowsContainers(t *testing.T) {
	play(t, []types.Trigger{syncRule("src", "/app")}, one(), func(s *stage) {
		s.heard()
		s.set(func(h *stageHost) { h.containers[0].Running = false })
		s.moved <- struct{}{}
		s.set(func(h *stageHost) { h.later = []string{"/app/gone"} })
		s.change("src/a", "src/gone")
		time.Sleep(time.Minute)
		s.expect(`50ms Syncing service "web" after 2 changes were detected`, "50ms sync web-1 /app/a")
		s.set(func(h *stageHost) { h.containers[0].Running, h.later = true, nil })
		s.moved <- struct{}{}
		s.expect("1m0s sync web-1 /app/gone")
		s.set(func(h *stageHost) { h.containers[0].ID = "another" })
		s.moved <- struct{}{}
		s.expect("1m0s sync web-1 /app/a /app/gone")
		s.moved <- struct{}{}
		s.expect()
	})
}

// TestSessionLeavesNewContainersAlone but for their files: somebody else may be about
// to start them.
func TestSessionLeavesNewContainersAlone(t *testing.T) {
	play(t, []types.Trigger{{Path: "src", Action: types.WatchActionSyncRestart, Target: "/app"}}, one(), func(s *stage) {
		s.change("src/a")
		time.Sleep(time.Second)
		synctest.Wait()
		s.heard()
		s.set(func(h *stageHost) { h.containers[0].ID = "another" })
		s.moved <- struct{}{}
		s.expect("1s sync web-1 /app/a")
	})
}

func TestSessionRebuilds(t *testing.T) {
	rules := []types.Trigger{{Path: "go.mod", Action: types.WatchActionRebuild}, syncRule("src", "/app")}
	play(t, rules, one(), func(s *stage) {
		s.change("src/a")
		time.Sleep(time.Second)
		synctest.Wait()
		s.heard()
		s.write("go.mod", "module x")
		s.change("go.mod")
		time.Sleep(time.Second)
		s.expect(`1.25s Rebuilding service(s) ["web"] after changes were detected...`, "1.25s rebuild [web]",
			`1.25s service(s) ["web"] successfully built`, "1.25s sync web-1 /app/a")
		s.set(func(h *stageHost) { h.broken = errors.New("no such instruction") })
		s.change("go.mod")
		time.Sleep(time.Second)
		s.expect(`2.25s Rebuilding service(s) ["web"] after changes were detected...`, "2.25s rebuild [web]",
			"2.25s Build failed. Error: no such instruction")
	})
}

func TestSessionSyncsAtFirst(t *testing.T) {
	dir := ""
	rule := syncRule("src", "/app")
	rule.InitialSync, rule.Ignore = true, []string{"skip/"}
	play(t, []types.Trigger{rule}, nil, func(s *stage) {
		dir = s.dir
		for _, name := range []string{"src/a", "src/sub/b", "src/skip/c", "src/Dockerfile", "src/.git/x", "src/d~"} {
			s.write(name, "x")
		}
		s.heard()
		s.set(func(h *stageHost) { h.containers = one() })
		s.moved <- struct{}{}
		s.expect("0s sync web-1 /app/a /app/sub/b")
	})
	if dir == "" {
		t.Error("nothing was played")
	}
}

// TestSessionRemovesOnce: a directory that is gone takes along what was in it.
func TestSessionRemovesOnce(t *testing.T) {
	play(t, []types.Trigger{syncRule("src", "/app")}, one(), func(s *stage) {
		s.write("src/kept/x", "x")
		s.heard()
		s.change("src/sub/a", "src/sub", "src/sub-b", "src/sub/deep/b", "src/kept", "src/kept/x", "src")
		time.Sleep(time.Second)
		s.expect(`50ms Syncing service "web" after 4 changes were detected`, "50ms sync web-1 /app/kept /app/kept/x /app/sub /app/sub-b")
	})
}

func TestSessionOutlivesTheEngine(t *testing.T) {
	play(t, []types.Trigger{syncRule("src", "/app")}, one(), func(s *stage) {
		s.heard()
		s.set(func(h *stageHost) { h.broken = errors.New("no engine") })
		s.moved <- struct{}{}
		s.expect("0s warning: Error handling changed files: no engine")
		s.set(func(h *stageHost) { h.broken = nil })
		s.set(func(h *stageHost) { h.containers[0].ID = "another" })
		s.change("src/a")
		time.Sleep(5 * time.Second)
		synctest.Wait()
		if heard := s.heard(); len(heard) == 0 || heard[len(heard)-1] != "2.05s sync web-1 /app/a" {
			t.Errorf("%q", heard)
		}
	})
}
