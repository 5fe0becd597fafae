package build

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/tonistiigi/fsutil"
)

// filename is the Dockerfile's name within its directory.
func (d *Definition) filename() string {
	switch {
	case d.Dockerfile == "":
		return defaultDockerfile
	case d.Remote:
		return d.Dockerfile
	default:
		return filepath.Base(d.Dockerfile)
	}
}

// directories are those of this machine that the build reads, by the names that
// the builder asks for them. The returned function removes what was made for it.
func (d *Definition) directories() (locals map[string]fsutil.FS, done func(), err error) {
	locals, done = map[string]fsutil.FS{}, func() {}
	add := func(name, dir string) error {
		tree, err := fsutil.NewFS(dir)
		if err != nil {
			return fmt.Errorf("unable to prepare context: %w", err)
		}
		locals[name] = tree
		return nil
	}
	if !d.Remote {
		err = add(localContext, d.Context)
	}
	if err == nil && d.DockerfileInline != "" {
		var dir string
		if dir, err = d.inlineDockerfile(); err != nil {
			return nil, nil, err
		}
		done = func() { _ = os.RemoveAll(dir) } // in the directory for temporary files
		err = add(localDockerfile, dir)
	} else if err == nil && !d.Remote {
		err = add(localDockerfile, filepath.Dir(d.Dockerfile))
	}
	for _, context := range d.Contexts {
		if err == nil && context.Dir != "" {
			err = add(context.local(), context.Dir)
		}
	}
	if err != nil {
		done()
		return nil, nil, err
	}
	return locals, done, nil
}

// inlineDockerfile writes the text to a directory of its own, with the patterns of
// what to ignore that belong to it.
func (d *Definition) inlineDockerfile() (string, error) {
	dir, err := os.MkdirTemp("", "gocompose-build-")
	if err != nil {
		return "", err
	}
	file := filepath.Join(dir, defaultDockerfile)
	err = os.WriteFile(file, []byte(d.DockerfileInline), 0o600)
	if d.ignorefile != "" && err == nil {
		var patterns []byte
		if patterns, err = os.ReadFile(d.ignorefile); err == nil {
			err = os.WriteFile(file+".dockerignore", patterns, 0o600)
		} else if errors.Is(err, os.ErrNotExist) {
			err = nil
		}
	}
	if err != nil {
		_ = os.RemoveAll(dir) // nobody knows of it yet
		return "", err
	}
	return dir, nil
}
