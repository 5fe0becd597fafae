package runtime

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"

	"github.com/gocompose/gocompose/internal/engine"
)

// Export writes the file system of a container, without its volumes, as a tar
// stream.
func Export(ctx context.Context, e *engine.Client, id string, w io.Writer) error {
	content, err := e.API().ContainerExport(ctx, id)
	if err != nil {
		return engine.Classify(err)
	}
	defer content.Close()
	_, err = io.Copy(w, content)
	return engine.Classify(err)
}

// ExportFile is Export to a file of this machine, which appears, or is replaced,
// once it is whole.
func ExportFile(ctx context.Context, e *engine.Client, id, name string) error {
	if isDirectory(name) {
		return errors.New("cannot write to a directory")
	}
	file, err := os.CreateTemp(filepath.Dir(name), ".gocompose-export-*")
	if err != nil {
		return err
	}
	err = errors.Join(Export(ctx, e, id, file), file.Close())
	if err == nil {
		err = os.Rename(file.Name(), name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	return nil
}
