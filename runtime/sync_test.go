package runtime

import (
	"archive/tar"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/docker/docker/api/types/container"

	"github.com/gocompose/gocompose/internal/enginetest"
	"github.com/gocompose/gocompose/internal/watch"
)

// synced is a container, and files of this machine that belong under its /tmp.
type synced struct {
	host
	syncer    *Syncer
	container watch.Container
	dir       string
}

func syncing(h host, change ...func(*container.Config, *container.HostConfig)) *synced {
	id := h.service("app-web-1", "web", 1, testImage, change...)
	return &synced{
		host: h, syncer: NewSyncer(h.engine), dir: h.TempDir(),
		container: watch.Container{ID: id, Name: "app-web-1", Service: "web", Running: true},
	}
}

func (s *synced) write(name, content string) {
	s.Helper()
	s.must(os.MkdirAll(filepath.Dir(filepath.Join(s.dir, name)), 0o755))
	s.must(os.WriteFile(filepath.Join(s.dir, name), []byte(content), 0o644))
}

// sync syncs files to where they belong below a directory.
func (s *synced) sync(under string, names ...string) watch.Outcome {
	var files []watch.File
	for _, name := range names {
		files = append(files, watch.File{Path: filepath.Join(s.dir, name), Target: under + "/" + name, Under: under})
	}
	return s.syncer.Sync(s.Context(), s.container, files)
}

// has tells what is in a file of the container.
func (s *synced) has(name, want string) {
	s.Helper()
	content, _, err := s.fake.File(s.container.ID, name)
	if err != nil {
		content = []byte("none")
	}
	if string(content) != want {
		s.Errorf("%s is %q, want %q", name, content, want)
	}
}

// failures are the files that failed, with the texts.
func failures(o watch.Outcome) string {
	var list []string
	for _, f := range o.Failed {
		list = append(list, fmt.Sprintf("%s: %v %v", f.Target, f.Err, f.Final))
	}
	slices.Sort(list)
	return strings.Join(slices.Compact(list), "\n")
}

func (s *synced) clean(o watch.Outcome) {
	s.Helper()
	if len(o.Failed) > 0 || len(o.Later) > 0 || o.Gone {
		s.Errorf("%+v", o)
	}
}

func TestSyncCopiesAndRemoves(t *testing.T) {
	onHost(t, enginetest.Options{}, func(h host) {
		s := syncing(h)
		s.write("a", "1")
		s.write("sub/b", "2")
		s.must(os.Symlink("a", filepath.Join(s.dir, "link")))
		s.clean(s.sync("/tmp", "a", "link", "sub", "sub/b"))
		s.has("/tmp/a", "1")
		s.has("/tmp/sub/b", "2")
		s.clean(s.sync("/not/there/yet", "a"))
		s.has("/not/there/yet/a", "1")
		s.must(os.RemoveAll(filepath.Join(s.dir, "sub")))
		s.must(os.Remove(filepath.Join(s.dir, "a")))
		s.must(os.Mkdir(filepath.Join(s.dir, "a"), 0o755))
		s.write("a/inner", "3")
		s.clean(s.sync("/tmp", "a", "a/inner", "sub"))
		s.has("/tmp/sub/b", "none")
		s.has("/tmp/a/inner", "3")
		if out := s.sync("/", "../etc"); len(out.Failed) > 0 {
			t.Error(failures(out))
		}
	})
}

// TestSyncRemovesInPieces: command lines have a limit.
func TestSyncRemovesInPieces(t *testing.T) {
	onHost(t, enginetest.Options{}, func(h host) {
		s := syncing(h)
		var names []string
		for i := range 3000 {
			names = append(names, fmt.Sprintf("%050d", i))
		}
		s.clean(s.sync("/tmp", names...))
		execs := 0
		for _, r := range h.fake.Journal() {
			if r.Op == "ExecStart" {
				execs++
			}
		}
		if execs != 3 {
			t.Errorf("%d commands", execs)
		}
	})
}

// TestSyncFindsWhatFails: one file that the engine does not take keeps no other back.
func TestSyncFindsWhatFails(t *testing.T) {
	onHost(t, enginetest.Options{}, func(h host) {
		s := syncing(h, func(c *container.Config, _ *container.HostConfig) { c.Labels["enginetest.refuse"] = "f42" })
		var names []string
		for i := range 100 {
			names = append(names, fmt.Sprintf("f%02d", i))
			s.write(names[i], "x")
		}
		out := s.sync("/tmp", names...)
		if got := failures(out); !strings.HasPrefix(got, "/tmp/f42: ") || !strings.Contains(got, "no space left on device") || strings.Contains(got, "\n") {
			t.Error(got)
		}
		s.has("/tmp/f41", "x")
		s.has("/tmp/f99", "x")
		s.has("/tmp/f42", "none")
	})
}

func TestSyncSaysWhatItCannot(t *testing.T) {
	without := enginetest.Image{Ref: "bare:1", Behaviour: enginetest.Behaviour{Exec: map[string]enginetest.Behaviour{
		"rm -rf -- /tmp/a": {Exit: &enginetest.Exit{Code: 127}},
		"rm -rf -- /tmp/b": {Exit: &enginetest.Exit{Code: 1}, Output: []enginetest.Line{{Text: "not permitted", Stderr: true}}},
	}}}
	onHost(t, enginetest.Options{Images: []enginetest.Image{without}}, func(h host) {
		s := syncing(h, func(_ *container.Config, hc *container.HostConfig) { hc.Tmpfs = map[string]string{"/run/t": ""} })
		s.container.ID = h.service("app-web-2", "web", 2, "bare:1")
		if got, want := failures(s.sync("/tmp", "a")), "/tmp/a: it cannot be removed, as the image has no command rm true"; got != want {
			t.Errorf("%s, want %s", got, want)
		}
		h.fake.ResetJournal()
		if got, want := failures(s.sync("/tmp", "b")), "/tmp/b: rm ended with status 1: not permitted false"; got != want {
			t.Errorf("%s, want %s", got, want)
		}
		asRoot := slices.ContainsFunc(h.fake.Journal(), func(r enginetest.Request) bool { return strings.Contains(string(r.Body), `"User":"0"`) })
		if !asRoot {
			t.Error("root was not asked to remove it")
		}
	})
	onHost(t, enginetest.Options{}, func(h host) {
		s := syncing(h, func(_ *container.Config, hc *container.HostConfig) { hc.Tmpfs = map[string]string{"/run/t": ""} })
		s.write("a", "x")
		want := "/run/t/x/a: it is in the tmpfs at /run/t, into which engines cannot copy true"
		if got := failures(s.sync("/run/t/x", "a")); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	})
}

// TestSyncToStoppedContainers: they take files, and removals once they run.
func TestSyncToStoppedContainers(t *testing.T) {
	onHost(t, enginetest.Options{}, func(h host) {
		s := syncing(h)
		s.write("a", "1")
		s.must(h.engine.API().ContainerStop(h.Context(), s.container.ID, container.StopOptions{}))
		for _, running := range []bool{true, false} { // what is thought of it may be old
			s.container.Running = running
			out := s.sync("/tmp", "a", "gone")
			if len(out.Failed) > 0 || !slices.Equal(out.Later, []string{filepath.Join(s.dir, "gone")}) {
				t.Errorf("%v: %+v", running, out)
			}
		}
		s.has("/tmp/a", "1")
		s.must(h.engine.API().ContainerRemove(h.Context(), s.container.ID, container.RemoveOptions{}))
		if out := s.sync("/tmp", "a"); !out.Gone {
			t.Errorf("%+v", out)
		}
	})
}

// TestSyncGivesFilesToTheUser of the container, whom engines need not know.
func TestSyncGivesFilesToTheUser(t *testing.T) {
	for user, want := range map[string]struct {
		uid, gid int
		named    bool
	}{"": {os.Getuid(), os.Getgid(), false}, "1000:50": {1000, 50, false}, "1000": {1000, 0, false}, "node": {os.Getuid(), os.Getgid(), true}} {
		t.Run("user="+user, func(t *testing.T) {
			onHost(t, enginetest.Options{}, func(h host) {
				s := syncing(h, func(c *container.Config, _ *container.HostConfig) { c.User = user })
				s.write("a", "x")
				s.clean(s.sync("/tmp", "a"))
				for _, r := range h.fake.Journal() {
					if r.Op != "PutContainerArchive" {
						continue
					}
					if r.Query.Has("copyUIDGID") != want.named {
						t.Errorf("query %v", r.Query)
					}
				}
				content, _, err := h.engine.API().CopyFromContainer(h.Context(), s.container.ID, "/tmp/a")
				h.must(err)
				defer content.Close()
				header, err := tar.NewReader(content).Next()
				h.must(err)
				if header.Uid != want.uid || header.Gid != want.gid {
					t.Errorf("it is of %d:%d", header.Uid, header.Gid)
				}
			})
		})
	}
}
