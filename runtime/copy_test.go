package runtime

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/docker/docker/api/types/container"

	"github.com/gocompose/gocompose/internal/enginetest"
	"github.com/gocompose/gocompose/project"
)

func TestFindForCopy(t *testing.T) {
	onHost(t, enginetest.Options{}, func(h host) {
		h.service("app-web-run-1", "web", 0, testImage, label(project.LabelOneOff, "True"))
		h.service("app-web-10", "web", 10, testImage)
		h.service("app-web-2", "web", 2, testImage, label("enginetest.exit", "0"))
		h.service("app-once-run-1", "once", 0, testImage, label(project.LabelOneOff, "True"))
		for _, c := range []struct {
			service string
			number  int
			oneOffs bool
			want    string
		}{
			{"web", 0, false, "app-web-2 app-web-10"},
			{"web", 0, true, "app-web-2 app-web-10 app-web-run-1"},
			{"web", 10, true, "app-web-10"},
			{"web", 1, true, `service "web" is not running container #1`},
			{"once", 0, false, `no container found for service "once"`},
			{"once", 0, true, "app-once-run-1"},
		} {
			list, err := FindForCopy(h.Context(), h.engine, Member{Project: testProject, Service: c.service, Number: c.number}, c.oneOffs)
			var names []string
			for _, found := range list {
				names = append(names, found.Name)
			}
			got := strings.Join(names, " ")
			if err != nil {
				got = err.Error()
			}
			if got != c.want {
				t.Errorf("%s %d %v: %s, want %s", c.service, c.number, c.oneOffs, got, c.want)
			}
		}
	})
}

// copies is a container and a directory of this machine with files to copy.
func copies(h host) (id, dir string) {
	id = h.service("app-web-1", "web", 1, testImage)
	dir = h.TempDir()
	for name, content := range map[string]string{"file": "hello", "dir/sub/deep": "x"} {
		h.must(os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755))
		h.must(os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600))
	}
	h.must(os.Symlink("file", filepath.Join(dir, "link")))
	h.must(os.Symlink("dir", filepath.Join(dir, "dirlink")))
	return id, dir
}

func TestCopyIn(t *testing.T) {
	onHost(t, enginetest.Options{}, func(h host) {
		id, dir := copies(h)
		for _, c := range []struct{ from, to, found, want string }{
			{"file", "/tmp", "/tmp/file", "hello"},
			{"file", "/tmp/new", "/tmp/new", "hello"},
			{"dir", "/tmp", "/tmp/dir/sub/deep", "x"},
			{"dir", "/tmp/other", "/tmp/other/sub/deep", "x"},
			{"dir/.", "/srv", "/srv/sub/deep", "x"},
			{"dirlink/", "/srv", "/srv/dirlink/sub/deep", "x"},
			{"file/", "/tmp", "", "not a directory"},
			{"file", "/tmp/none/", "", "no such directory"},
			{"file", "/nowhere/file", "", "Could not find the file /nowhere in container " + id},
			{"dir", "/tmp/file", "", "cannot copy directory"},
			{"none", "/tmp", "", "lstat " + dir + "/none: no such file or directory"},
			{"none", "/nowhere/x", "", "lstat " + dir + "/none: no such file or directory"},
		} {
			err := CopyIn(h.Context(), h.engine, id, dir+"/"+c.from, c.to, CopyOptions{})
			var got string
			switch content, _, readErr := h.fake.File("app-web-1", c.found); {
			case err != nil:
				got = strings.TrimPrefix(err.Error(), "Error response from daemon: ")
			case readErr != nil:
				got = readErr.Error()
			default:
				got = string(content)
			}
			if got != c.want {
				t.Errorf("%s to %s: %s, want %s", c.from, c.to, got, c.want)
			}
		}
		h.must(CopyIn(h.Context(), h.engine, id, dir+"/link", "/tmp/aslink", CopyOptions{}))
		h.must(CopyIn(h.Context(), h.engine, id, dir+"/link", "/tmp/asfile", CopyOptions{FollowLinks: true}))
		_, linkMode, err := h.fake.File("app-web-1", "/tmp/aslink")
		h.must(err)
		_, fileMode, err := h.fake.File("app-web-1", "/tmp/asfile")
		h.must(err)
		if linkMode&os.ModeSymlink == 0 || fileMode&os.ModeSymlink != 0 {
			t.Errorf("a link became %v, and followed %v", linkMode, fileMode)
		}
	})
}

func TestCopyOut(t *testing.T) {
	onHost(t, enginetest.Options{}, func(h host) {
		id, dir := copies(h)
		h.must(CopyIn(h.Context(), h.engine, id, dir+"/.", "/srv", CopyOptions{}))
		to := h.TempDir()
		h.must(os.Mkdir(filepath.Join(to, "there"), 0o755))
		for _, c := range []struct{ from, to, found, want string }{
			{"/srv/file", "new", "new", "hello"},
			{"/srv/file", "new", "new", "hello"},
			{"/srv/file", "there", "there/file", "hello"},
			{"/srv/dir", "there", "there/dir/sub/deep", "x"},
			{"/srv/dir", "copy", "copy/sub/deep", "x"},
			{"/srv/dir", "copy/.", "copy/dir/sub/deep", "x"},
			{"/srv/none", "copy", "", "Could not find the file /srv/none in container " + id},
			{"/srv/file", "none/", "", "no such directory"},
			{"/srv/file", "none/x", "", `invalid output path: directory "` + to + `/none" does not exist`},
			{"/srv/dir", "new", "", "cannot copy directory"},
		} {
			err := CopyOut(h.Context(), h.engine, id, c.from, to+"/"+c.to, CopyOptions{})
			var got string
			switch content, readErr := os.ReadFile(filepath.Join(to, c.found)); { //nolint:gosec // of the test
			case err != nil:
				got = strings.TrimPrefix(err.Error(), "Error response from daemon: ")
			case readErr != nil:
				got = readErr.Error()
			default:
				got = string(content)
			}
			if got != c.want {
				t.Errorf("%s to %s: %s, want %s", c.from, c.to, got, c.want)
			}
		}
		h.must(CopyOut(h.Context(), h.engine, id, "/srv/link", to+"/aslink", CopyOptions{}))
		h.must(CopyOut(h.Context(), h.engine, id, "/srv/link", to+"/asfile", CopyOptions{FollowLinks: true}))
		h.must(CopyOut(h.Context(), h.engine, id, "/srv/link", to+"/there", CopyOptions{FollowLinks: true}))
		target, err := os.Readlink(to + "/aslink")
		content, readErr := os.ReadFile(to + "/asfile") //nolint:gosec // of the test
		named, namedErr := os.ReadFile(to + "/there/link")
		if target != "file" || string(content) != "hello" || string(named) != "hello" {
			t.Error(target, string(content), string(named), err, readErr, namedErr)
		}
	})
}

func TestCopyArchive(t *testing.T) {
	onHost(t, enginetest.Options{}, func(h host) {
		id, dir := copies(h)
		h.must(CopyIn(h.Context(), h.engine, id, dir+"/dir", "/srv", CopyOptions{}))
		var stream bytes.Buffer
		h.must(CopyArchiveOut(h.Context(), h.engine, id, "/srv/dir", &stream, CopyOptions{}))
		h.must(CopyArchiveIn(h.Context(), h.engine, id, bytes.NewReader(stream.Bytes()), "/tmp", CopyOptions{}))
		content, _, err := h.fake.File("app-web-1", "/tmp/dir/sub/deep")
		h.must(err)
		first, err := tar.NewReader(&stream).Next()
		if err != nil || first.Name != "dir/" || string(content) != "x" {
			t.Errorf("%+v %v %s", first, err, content)
		}
		for _, to := range []string{"/tmp/dir/sub/deep", "/nowhere"} {
			err := CopyArchiveIn(h.Context(), h.engine, id, strings.NewReader(""), to, CopyOptions{})
			if want := `destination "` + id + ":" + to + `" must be a directory`; err == nil || err.Error() != want {
				t.Errorf("%s: %v", to, err)
			}
		}
		if err := CopyArchiveOut(h.Context(), h.engine, id, "/nowhere", io.Discard, CopyOptions{}); err == nil {
			t.Error("no error")
		}
		h.must(h.fake.SetReachable(false))
		if err := CopyIn(h.Context(), h.engine, id, dir+"/file", "/tmp", CopyOptions{}); err == nil || errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("the engine is gone: %v", err)
		}
		h.must(h.fake.SetReachable(true))
	})
}

// TestCopyOwnership: the engine is asked to keep owners where that is wanted.
func TestCopyOwnership(t *testing.T) {
	onHost(t, enginetest.Options{}, func(h host) {
		id, dir := copies(h)
		for _, keep := range []bool{false, true} {
			h.fake.ResetJournal()
			h.must(CopyIn(h.Context(), h.engine, id, dir+"/file", "/tmp", CopyOptions{Ownership: keep}))
			for _, call := range h.fake.Journal() {
				if call.Op == "PutContainerArchive" && (call.Query.Get("copyUIDGID") == "true") != keep {
					t.Errorf("keep %v: %v", keep, call.Query)
				}
			}
		}
		h.must(h.engine.API().ContainerRemove(h.Context(), id, container.RemoveOptions{Force: true}))
	})
}
