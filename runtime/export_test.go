package runtime

import (
	"archive/tar"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/gocompose/gocompose/internal/enginetest"
)

func TestExportFile(t *testing.T) {
	onHost(t, enginetest.Options{}, func(h host) {
		id, from := copies(h)
		h.must(CopyIn(h.Context(), h.engine, id, from+"/file", "/tmp", CopyOptions{}))
		dir := h.TempDir()
		name := filepath.Join(dir, "out.tar")
		h.must(os.WriteFile(name, []byte("old"), 0o600))
		h.must(ExportFile(h.Context(), h.engine, id, name))
		file, err := os.Open(name) //nolint:gosec // of the test
		h.must(err)
		defer file.Close()
		var names []string
		in := tar.NewReader(file)
		for {
			header, err := in.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			h.must(err)
			names = append(names, header.Name)
		}
		if !slices.Contains(names, "tmp/file") {
			t.Errorf("exported %v", names)
		}
		if err := ExportFile(h.Context(), h.engine, id, dir); err == nil || err.Error() != "cannot write to a directory" {
			t.Errorf("to a directory: %v", err)
		}
		if err := ExportFile(h.Context(), h.engine, id, filepath.Join(dir, "none", "x")); err == nil {
			t.Error("to a directory that is not there: no error")
		}
	})
}

// TestExportThatBreaks leaves what was there before, and nothing else.
func TestExportThatBreaks(t *testing.T) {
	onHost(t, enginetest.Options{}, func(h host) {
		id, _ := copies(h)
		dir := h.TempDir()
		name := filepath.Join(dir, "out.tar")
		h.must(os.WriteFile(name, []byte("old"), 0o600))
		h.fake.Fault(func(r enginetest.Request) enginetest.Action {
			if r.Op != "ContainerExport" {
				return enginetest.Action{}
			}
			return enginetest.Action{Status: 500, Message: "out of order"}
		})
		if err := ExportFile(h.Context(), h.engine, id, name); err == nil {
			t.Error("no error")
		}
		content, err := os.ReadFile(name) //nolint:gosec // of the test
		h.must(err)
		files, err := os.ReadDir(dir)
		h.must(err)
		if string(content) != "old" || len(files) != 1 {
			t.Errorf("left %q and %d files", content, len(files))
		}
	})
}
