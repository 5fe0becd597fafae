package archive

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestStream packs one of each kind, and keeps the stream whole where it cannot.
func TestStream(t *testing.T) {
	dir := t.TempDir()
	for name, size := range map[string]int64{"small": 3, "large": wholeMost + 1} {
		err := errors.Join(os.WriteFile(filepath.Join(dir, name), []byte("abc"), 0o640), os.Truncate(filepath.Join(dir, name), size))
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("small", filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	var content bytes.Buffer
	s := NewStream(&content, &Owner{UID: 7, GID: 8})
	for _, name := range []string{"small", "large", "link", "."} {
		if err := s.Add(filepath.Join(dir, name), "to/"+name); err != nil {
			t.Error(err)
		}
	}
	if err := s.Add(filepath.Join(dir, "none"), "to/none"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf("to/small 3 7:8 640 | to/large %d 7:8 640 | to/link 0 7:8 777 small | to/./ 0 7:8 700", wholeMost+1)
	if got := list(t, &content); got != want && got != strings.Replace(want, "700", "755", 1) {
		t.Errorf("%s, want %s", got, want)
	}
}

// list describes the files of a stream.
func list(t *testing.T, content io.Reader) string {
	t.Helper()
	var files []string
	for in := tar.NewReader(content); ; {
		h, err := in.Next()
		if errors.Is(err, io.EOF) {
			return strings.Join(files, " | ")
		}
		if err != nil {
			t.Fatal(err)
		}
		text := fmt.Sprintf("%s %d %d:%d %o %s", h.Name, h.Size, h.Uid, h.Gid, h.Mode&0o777, h.Linkname)
		files = append(files, strings.TrimSpace(text))
	}
}
