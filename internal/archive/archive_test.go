package archive_test

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gocompose/gocompose/internal/archive"
)

func TestPlace(t *testing.T) {
	for _, c := range []struct {
		source    string
		directory bool
		to        string // with ? where it does not exist, and ! where it is a file
		want      string // directory and name, or an error
	}{
		{"/src/a", false, "/dst", "/dst a"},
		{"/src/a", false, "/dst/", "/dst/ a"},
		{"/src/a", false, "/dst/b?", "/dst b"},
		{"/src/a", false, "/dst/b!", "/dst b"},
		{"/src/a", false, "b?", ". b"},
		{"/src/a", false, "/dst/b/?", "no such directory"},
		{"/src/a", false, "?", "no such directory"},
		{"/src/a", false, "/dst/b/!", "not a directory"},
		{"/src/dir", true, "/dst", "/dst dir"},
		{"/src/dir/", true, "/dst", "/dst dir"},
		{"/src/dir/.", true, "/dst", "/dst ."},
		{".", true, "/dst", "/dst ."},
		{"/src/dir", true, "/dst/b?", "/dst b"},
		{"/src/dir/.", true, "/dst/b/?", "/dst b"},
		{"/src/dir", true, "/dst/b!", "cannot copy directory"},
	} {
		to := archive.Target{Path: strings.TrimRight(c.to, "?!"), Exists: !strings.HasSuffix(c.to, "?")}
		to.Directory = to.Exists && !strings.HasSuffix(c.to, "!")
		dir, name, err := archive.Place(c.source, c.directory, to)
		got := dir + " " + name
		if err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%s to %s: %s, want %s", c.source, c.to, got, c.want)
		}
	}
}

// tree lists files with modes, contents and link targets.
func tree(t *testing.T, dir string) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir(dir, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || file == dir {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		text := strings.TrimPrefix(file, dir+"/") + " " + info.Mode().String()
		switch {
		case info.Mode().IsRegular():
			content, err := os.ReadFile(file) //nolint:gosec // of the test
			if err != nil {
				return err
			}
			text += " " + string(content)
		case info.Mode()&fs.ModeSymlink != 0:
			target, err := os.Readlink(file)
			if err != nil {
				return err
			}
			text += " " + target
		}
		found = append(found, text)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func write(t *testing.T, file, content string, mode fs.FileMode) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.WriteFile(file, []byte(content), mode), os.Chmod(file, mode)); err != nil {
		t.Fatal(err)
	}
}

// TestThereAndBack packs a directory and unpacks it, over files that are there.
func TestThereAndBack(t *testing.T) {
	from, to := t.TempDir(), t.TempDir()
	source := filepath.Join(from, "dir")
	write(t, filepath.Join(source, "sub", "file"), "new", 0o751)
	write(t, filepath.Join(source, "plain"), "text", 0o644)
	if err := os.Symlink("../plain", filepath.Join(source, "sub", "link")); err != nil {
		t.Fatal(err)
	}
	then := time.Unix(1e9, 0)
	for _, name := range []string{"plain", "sub"} {
		if err := os.Chtimes(filepath.Join(source, name), then, then); err != nil {
			t.Fatal(err)
		}
	}
	write(t, filepath.Join(to, "copy", "sub", "file"), "old", 0o600)
	write(t, filepath.Join(to, "copy", "own"), "kept", 0o600)
	var stream bytes.Buffer
	if err := archive.Pack(&stream, source, "dir"); err != nil {
		t.Fatal(err)
	}
	if err := archive.Unpack(&stream, to, "copy"); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"copy drwxr-xr-x", "copy/own -rw------- kept", "copy/plain -rw-r--r-- text",
		"copy/sub drwxr-xr-x", "copy/sub/file -rwxr-x--x new", "copy/sub/link Lrwxrwxrwx ../plain",
	}
	if diff := cmp.Diff(want, tree(t, to)); diff != "" {
		t.Error(diff)
	}
	for _, name := range []string{"plain", "sub"} {
		info, err := os.Stat(filepath.Join(to, "copy", name))
		if err != nil || !info.ModTime().Equal(then) {
			t.Errorf("%s: %v, %v", name, info.ModTime(), err)
		}
	}
}

// stream is an archive of entries of the form "NAME", "NAME/", "NAME -> LINK" or
// "NAME => HARD LINK".
func stream(t *testing.T, entries ...string) *bytes.Buffer {
	t.Helper()
	var b bytes.Buffer
	out := tar.NewWriter(&b)
	for _, entry := range entries {
		header := &tar.Header{Name: entry, Mode: 0o755, Typeflag: tar.TypeReg}
		if name, link, ok := strings.Cut(entry, " -> "); ok {
			header.Name, header.Linkname, header.Typeflag = name, link, tar.TypeSymlink
		} else if name, link, ok := strings.Cut(entry, " => "); ok {
			header.Name, header.Linkname, header.Typeflag = name, link, tar.TypeLink
		} else if name, ok := strings.CutSuffix(entry, " |"); ok {
			header.Name, header.Typeflag = name, tar.TypeFifo
		} else if strings.HasSuffix(entry, "/") {
			header.Typeflag = tar.TypeDir
		}
		if err := out.WriteHeader(header); err != nil {
			t.Fatal(err)
		}
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	return &b
}

func TestUnpackNames(t *testing.T) {
	for _, c := range []struct {
		name    string
		entries []string
		want    []string
	}{
		{"b", []string{"a"}, []string{"b"}},
		{"b", []string{"a/", "a/x", "a/ab => a/x"}, []string{"b", "b/ab", "b/x"}},
		{".", []string{"./", "./x", "y/", "y/z"}, []string{"x", "y", "y/z"}},
		{".", []string{"a/", "a/x"}, []string{"x"}},
		{"b", []string{"/", "x"}, []string{"b", "b/x"}},
	} {
		dir := t.TempDir()
		if err := archive.Unpack(stream(t, c.entries...), dir, c.name); err != nil {
			t.Errorf("%v: %v", c.entries, err)
		}
		var got []string
		for _, line := range tree(t, dir) {
			name, _, _ := strings.Cut(line, " ")
			got = append(got, name)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%v as %s: %s", c.entries, c.name, diff)
		}
	}
}

// TestUnpackRefuses: nothing is written outside of the directory, directories
// and files do not replace each other, and pipes are not made.
func TestUnpackRefuses(t *testing.T) {
	for _, entries := range [][]string{
		{"a/", "a/up -> ..", "a/up/../../outside/evil"},
		{"a/", "a/out -> OUTSIDE", "a/out/evil"},
		{"a/", "a/hard => ../outside/victim"},
		{"a/", "a/file/"},
		{"a/", "a/dir"},
		{"a/", "a/pipe |"},
	} {
		base := t.TempDir()
		outside, inside := filepath.Join(base, "outside"), filepath.Join(base, "inside")
		write(t, filepath.Join(outside, "victim"), "", 0o600)
		write(t, filepath.Join(inside, "a", "file"), "", 0o600)
		write(t, filepath.Join(inside, "a", "dir", "x"), "", 0o600)
		for i := range entries {
			entries[i] = strings.ReplaceAll(entries[i], "OUTSIDE", outside)
		}
		err := archive.Unpack(stream(t, entries...), inside, "a")
		got := fmt.Sprint(tree(t, outside))
		if got != "[victim -rw------- ]" || err == nil && !strings.Contains(entries[1], "..") {
			t.Errorf("%v: %v, outside %s", entries, err, got)
		}
	}
	if err := archive.Unpack(strings.NewReader("no archive"), t.TempDir(), "a"); err == nil {
		t.Error("no error for what is no archive")
	}
	if err := archive.Pack(&bytes.Buffer{}, filepath.Join(t.TempDir(), "none"), "a"); err == nil {
		t.Error("no error for what is not there")
	}
}
