package watch

import (
	"hash/maphash"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// ground is a directory that is watched in a test.
type ground struct {
	*testing.T
	dir string
	n   *Notifier
	got map[string]bool
}

func watched(t *testing.T, o NotifierOptions, paths ...string) *ground {
	t.Helper()
	g := &ground{T: t, dir: t.TempDir(), got: map[string]bool{}}
	g.mkdir("src/sub/deep")
	g.write("src/a")
	g.write("src/sub/b")
	g.write("src/sub/deep/c")
	for _, path := range paths {
		o.Paths = append(o.Paths, filepath.Join(g.dir, path))
	}
	g.n = Notify(o)
	t.Cleanup(g.n.Close)
	return g
}

func (g *ground) must(err error) {
	g.Helper()
	if err != nil {
		g.Fatal(err)
	}
}

func (g *ground) path(name string) string { return filepath.Join(g.dir, name) }

func (g *ground) mkdir(path string) {
	g.Helper()
	g.must(os.MkdirAll(filepath.Join(g.dir, path), 0o755))
}

func (g *ground) write(path string) {
	g.Helper()
	g.must(os.WriteFile(filepath.Join(g.dir, path), []byte(time.Now().String()), 0o644))
}

func (g *ground) rename(from, to string) {
	g.Helper()
	g.must(os.Rename(filepath.Join(g.dir, from), filepath.Join(g.dir, to)))
}

func (g *ground) remove(path string) { g.Helper(); g.must(os.RemoveAll(filepath.Join(g.dir, path))) }

// told waits until all of these changes were told, and takes no notice of others.
func (g *ground) told(paths ...string) {
	g.Helper()
	deadline := time.After(20 * time.Second)
	missing := func() []string {
		return slices.DeleteFunc(slices.Clone(paths), func(path string) bool { return g.got[path] })
	}
	for len(missing()) > 0 {
		select {
		case <-g.n.Changed():
			for _, path := range g.n.Take() {
				g.got[strings.TrimPrefix(path, g.dir+"/")] = true
			}
		case <-deadline:
			g.Fatalf("%q were not told, only %v", missing(), g.got)
		}
	}
	for path := range g.got {
		if !strings.HasPrefix(path, "src") {
			g.Errorf("%s was told", path)
		}
	}
	clear(g.got)
}

// both runs a test with the system's notification, and without.
func both(t *testing.T, test func(*testing.T, NotifierOptions)) {
	t.Helper()
	for _, poll := range []bool{false, true} {
		t.Run("poll="+strconv.FormatBool(poll), func(t *testing.T) {
			test(t, NotifierOptions{Poll: poll, Every: 10 * time.Millisecond, Note: func(text string) { t.Error(text) }})
		})
	}
}

func TestNotifierTellsOfChanges(t *testing.T) {
	both(t, func(t *testing.T, o NotifierOptions) {
		g := watched(t, o, "src")
		g.write("elsewhere")
		g.write("src/new")
		g.write("src/sub/deep/c")
		g.told("src/new", "src/sub/deep/c")
		g.remove("src/a")
		g.must(os.Chmod(g.path("src/sub/b"), 0o755))
		g.told("src/a", "src/sub/b")
		g.rename("src/new", "src/newer")
		g.told("src/new", "src/newer")
	})
}

// TestNotifierFollowsDirectories: into new ones, and to the new names of old ones.
func TestNotifierFollowsDirectories(t *testing.T) {
	both(t, func(t *testing.T, o NotifierOptions) {
		g := watched(t, o, "src")
		g.mkdir("src/x/y/z")
		g.write("src/x/y/z/f")
		g.told("src/x", "src/x/y/z/f")
		g.write("src/x/y/z/f2")
		g.told("src/x/y/z/f2")
		g.rename("src/sub", "src/moved")
		g.told("src/sub", "src/moved/deep/c")
		g.write("src/moved/deep/d")
		g.told("src/moved/deep/d")
		g.remove("src/moved")
		g.told("src/moved")
		g.mkdir("src/moved/deep")
		g.write("src/moved/deep/e")
		g.told("src/moved/deep/e")
		g.rename("src/moved", "away")
		g.told("src/moved")
	})
}

func TestNotifierWaitsForWhatIsNotThere(t *testing.T) {
	both(t, func(t *testing.T, o NotifierOptions) {
		g := watched(t, o, "src/later/on", "src/later/file")
		g.mkdir("src/later/on")
		g.write("src/later/on/a")
		g.told("src/later/on/a")
		g.write("src/later/file")
		g.told("src/later/file")
		g.rename("src/later", "src/gone")
		g.mkdir("src/later/on")
		g.write("src/later/on/b")
		g.told("src/later/on/b", "src/later/on/a")
	})
}

// TestNotifierWatchesFiles: also those that are replaced, as editors do.
func TestNotifierWatchesFiles(t *testing.T) {
	both(t, func(t *testing.T, o NotifierOptions) {
		g := watched(t, o, "src/a")
		for range 2 {
			g.write("other")
			g.rename("other", "src/a")
			g.told("src/a")
		}
		g.remove("src/a")
		g.told("src/a")
		g.write("src/a")
		g.told("src/a")
	})
}

func TestNotifierSkipsDirectories(t *testing.T) {
	g := watched(t, NotifierOptions{Skip: func(dir string) bool { return filepath.Base(dir) == "sub" }}, "src")
	g.write("src/sub/b")
	g.write("src/a")
	g.told("src/a")
	if native, err := newNative(g.n); err != nil || len(native.dirs) != 1 {
		t.Errorf("watches %v, %v", native.dirs, err)
	}
}

// TestNativeLosesNothing: when events were lost, everything is looked at.
func TestNativeLosesNothing(t *testing.T) {
	g := watched(t, NotifierOptions{Poll: true, Every: time.Hour}, "src")
	w, err := newNative(g.n)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = w.fs.Close() }()
	g.write("src/early")
	w.tell(g.path("src/early")) // and this was not lost
	g.n.Take()
	g.remove("src/early")
	g.remove("src/sub/deep")
	g.mkdir("src/fresh")
	g.write("src/fresh/f")
	g.must(w.again())
	want := []string{"src/early", "src/fresh", "src/fresh/f", "src/sub/deep"}
	var got []string
	for _, path := range g.n.Take() {
		got = append(got, strings.TrimPrefix(path, g.dir+"/"))
	}
	got = slices.DeleteFunc(got, func(path string) bool { return path == "src/a" || path == "src/sub/b" }) // they are fresh
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// TestNativeRemembersRoots: a directory that is watched may be gone for a while, and
// what is then missing from it is told.
func TestNativeRemembersRoots(t *testing.T) {
	g := watched(t, NotifierOptions{Poll: true, Every: time.Hour}, "src")
	w, err := newNative(g.n)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = w.fs.Close() }()
	w.tell(g.path("src/late"))
	g.n.Take()
	g.rename("src", "away")
	g.must(w.again())
	if told := g.n.Take(); len(told) > 0 {
		t.Errorf("told %q", told)
	}
	g.mkdir("src/sub")
	g.must(w.again())
	g.told("src/a", "src/sub/b", "src/sub/deep", "src/late")
}

// TestSnapshotDoubtsFreshFiles: a change within the same tick of the clock leaves the
// file's time as it was.
func TestSnapshotDoubtsFreshFiles(t *testing.T) {
	g := &ground{T: t, dir: t.TempDir()}
	g.write("f")
	info, err := os.Stat(g.path("f"))
	g.must(err)
	first := newSnapshot(maphash.MakeSeed())
	second := &snapshot{seed: first.seed}
	for _, c := range []struct {
		age  time.Duration
		same bool
	}{{clockTick / 2, false}, {2 * clockTick, true}} {
		first.began = info.ModTime().Add(c.age)
		second.began = first.began.Add(time.Second)
		if same := first.stampOf(info) == second.stampOf(info); same != c.same {
			t.Errorf("changed %s before: the same %v", c.age, same)
		}
	}
}

// TestNativeFallsBack: at a limit of the system, files are looked at from then on,
// which is said.
func TestNativeFallsBack(t *testing.T) {
	notes := make(chan string, 1)
	g := watched(t, NotifierOptions{Note: func(text string) { notes <- text }, Every: 10 * time.Millisecond}, "src")
	w, err := newNative(g.n)
	if err != nil {
		t.Fatal(err)
	}
	g.write("src/lost")
	g.must(w.fs.Close())
	w.fallBack(explain(syscall.ENOSPC), w.known)
	if note := <-notes; !strings.Contains(note, "max_user_watches") || !strings.Contains(note, "looking for changes every second instead") {
		t.Error(note)
	}
	g.told("src/lost")
}
