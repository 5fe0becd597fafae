package runtime

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/gocompose/gocompose/internal/enginetest"
	"github.com/gocompose/gocompose/planner"
	"github.com/gocompose/gocompose/project"
)

// TestFaultSweep breaks a run at each request that changes something, in each
// way, and then runs it again undisturbed. The host must end up as if nothing
// had happened.
//
// A scenario is a txtar file: before.yaml, if there is one, is up already; then
// compose.yaml is brought up. Words in the comment say more: "down" takes it
// down instead, "API 1.41" chooses an engine.
func TestFaultSweep(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join("testdata", "faultsweep", "*.txtar"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no scenarios: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			s := readScenario(t, file)
			want, requests := s.undisturbed(t)
			if requests == 0 {
				t.Fatal("the scenario changes nothing")
			}
			for _, kind := range faultKinds() {
				t.Run(kind.name, func(t *testing.T) {
					for k := 1; k <= requests; k++ {
						s.disturbed(t, kind, k, want)
					}
				})
			}
		})
	}
}

// scenario is one run to be disturbed.
type scenario struct {
	before *project.Project // nil where the host is empty
	after  *project.Project
	images []enginetest.Image
	down   bool
	api    string
}

func readScenario(t *testing.T, file string) *scenario {
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	archive := txtar.Parse(data)
	s := &scenario{down: strings.Contains(string(archive.Comment), "down")}
	if strings.Contains(string(archive.Comment), "API 1.41") {
		s.api = "1.41"
	}
	seen := map[string]bool{}
	for _, f := range archive.Files {
		p := load(t, string(f.Data))
		if f.Name == "before.yaml" {
			s.before = p
		} else {
			s.after = p
		}
		for service := range p.Services() {
			for _, runner := range service.Runners() {
				if ref := runner.ImageRef(); !seen[ref] {
					seen[ref] = true
					s.images = append(s.images, enginetest.Image{Ref: ref, Volumes: volumesOf(ref)})
				}
			}
		}
	}
	return s
}

// volumesOf gives images with "data" in their name an anonymous volume.
func volumesOf(ref string) []string {
	if strings.Contains(ref, "data") {
		return []string{"/data"}
	}
	return nil
}

// onScenario runs f on a host where the scenario is about to run.
func (s *scenario) onScenario(t *testing.T, f func(host)) {
	onHost(t, enginetest.Options{APIVersion: s.api, Registry: s.images}, func(h host) {
		if s.before != nil {
			h.mustUp(s.before, planner.UpOptions{})
		}
		h.fake.ResetJournal()
		f(h)
	})
}

// run is the run that is disturbed.
func (s *scenario) run(ctx context.Context, h host, parallel int) error {
	var err error
	if s.down {
		_, err = h.down(ctx, s.after, planner.DownOptions{Volumes: true}, ApplyOptions{Parallel: parallel})
	} else {
		_, err = h.up(ctx, s.after, planner.UpOptions{RemoveOrphans: true, ReplaceVolumes: true}, ApplyOptions{Parallel: parallel})
	}
	return err
}

func (s *scenario) undisturbed(t *testing.T) (snapshot string, requests int) {
	s.onScenario(t, func(h host) {
		if err := s.run(h.Context(), h, 0); err != nil {
			h.Fatal(err)
		}
		snapshot, requests = s.snapshot(h), h.fake.MutatingCount()
	})
	return snapshot, requests
}

func (s *scenario) disturbed(t *testing.T, kind faultKind, k int, want string) {
	t.Helper()
	s.onScenario(t, func(h host) {
		broken := ""
		ctx, cancel := context.WithCancelCause(h.Context())
		defer cancel(nil)
		count := 0
		h.fake.Fault(func(r enginetest.Request) enginetest.Action {
			if r.Mutating {
				count++
			}
			switch {
			case !r.Mutating && !(kind.lasting && count >= k), count < k:
				return enginetest.Action{}
			case count == k && broken == "":
				broken = r.String()
				if kind.leave {
					time.AfterFunc(time.Second, func() { cancel(errLeft) })
				}
				return kind.first
			case kind.lasting:
				return enginetest.Action{Refuse: true}
			default:
				return enginetest.Action{}
			}
		})
		err := s.run(ctx, h, kind.parallel())
		h.fake.Fault(nil)
		if (err == nil) != kind.healed && !(kind.mayHeal && err == nil) {
			h.Errorf("%s at %d (%s): error %v", kind.name, k, broken, err)
		}
		if kind.leave && !errors.Is(err, errLeft) {
			h.Errorf("%s at %d (%s): error %v does not tell that the user left", kind.name, k, broken, err)
		}
		if !kind.healed {
			if err := s.run(h.Context(), h, 0); err != nil {
				h.Errorf("%s at %d (%s): running again: %v", kind.name, k, broken, err)
				return
			}
		}
		if got := s.snapshot(h); got != want {
			h.Errorf("%s at %d (%s):\ngot\n%swant\n%s", kind.name, k, broken, got, want)
		}
		s.checkSettled(h, fmt.Sprintf("%s at %d (%s)", kind.name, k, broken))
	})
}

var (
	errLeft   = errors.New("user left")
	temporary = regexp.MustCompile(`container [0-9a-f]{12}_`)
)

// snapshot is the state once jobs have ended. Whether a container came to
// replace another depends on how far the broken run came, and the hashes of
// those that share a namespace depend on identifiers.
func (s *scenario) snapshot(h host) string {
	time.Sleep(time.Minute) // in virtual time
	text := h.fake.Snapshot(project.LabelReplace, project.LabelConfigHash)
	if left := temporary.FindString(text); left != "" {
		h.Errorf("a temporary name is left: %s\n%s", left, text)
	}
	return text
}

// checkSettled runs once more: there must be nothing to do, but to run jobs.
func (s *scenario) checkSettled(h host, after string) {
	h.fake.ResetJournal()
	if err := s.run(h.Context(), h, 0); err != nil {
		h.Errorf("%s: running once more: %v", after, err)
	}
	for _, call := range mutating(h.fake) {
		if !strings.HasPrefix(call, "ContainerStart app-migrate") {
			h.Errorf("%s: one more run does %s", after, call)
		}
	}
}

// faultKind is a way to break a run.
type faultKind struct {
	name  string
	first enginetest.Action
	// lasting faults go on: nothing reaches the engine after the first.
	lasting bool
	// leave has the user leave a second later.
	leave bool
	// crowded runs have many requests under way; in others the count of requests
	// is the same each time.
	crowded bool
	// healed faults do not even fail the run; mayHeal ones need not.
	healed, mayHeal bool
}

func (k faultKind) parallel() int {
	if k.crowded {
		return 0
	}
	return 1
}

func faultKinds() []faultKind {
	return []faultKind{
		{name: "broken before the effect", first: enginetest.Action{Refuse: true}, healed: true},
		{name: "answer lost", first: enginetest.Action{DropAnswer: true}, healed: true},
		{name: "error", first: enginetest.Action{Status: http.StatusInternalServerError, Message: "disk on fire"}, mayHeal: true},
		{name: "killed before the effect", first: enginetest.Action{Refuse: true}, lasting: true, mayHeal: true},
		{name: "killed after the effect", first: enginetest.Action{DropAnswer: true}, lasting: true, mayHeal: true},
		{name: "killed in a crowd", first: enginetest.Action{DropAnswer: true}, lasting: true, mayHeal: true, crowded: true},
		{name: "hangs and user leaves", first: enginetest.Action{Hang: true}, leave: true},
		{name: "slow and user leaves", first: enginetest.Action{Delay: 2 * time.Second}, leave: true},
		{name: "slow in a crowd and user leaves", first: enginetest.Action{Delay: 2 * time.Second}, leave: true, mayHeal: true, crowded: true},
		{name: "daemon restarts", first: enginetest.Action{Restart: enginetest.RestartKeeping}, healed: true},
		{name: "daemon restarts and stops all", first: enginetest.Action{Restart: enginetest.RestartStopping}, mayHeal: true},
	}
}

// mutating lists what was asked to change.
func mutating(fake *enginetest.Engine) []string {
	var calls []string
	for _, r := range fake.Journal() {
		if r.Mutating {
			calls = append(calls, fmt.Sprint(r))
		}
	}
	return calls
}
