package project

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// composeFile is one file to load and how it came to be chosen.
type composeFile struct {
	path   string // as given, or "-"
	origin string // empty when the user named it
}

// errNoFiles has docker compose's words.
var errNoFiles = errors.New("no configuration file provided: not found")

// DefaultFiles are the names by which a Compose file is found in a directory, the
// one that is taken first.
func DefaultFiles() []string {
	return []string{"compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"}
}

func defaultOverrides() []string {
	return []string{
		"compose.override.yml", "compose.override.yaml",
		"docker-compose.override.yml", "docker-compose.override.yaml",
	}
}

// filesFromVariable takes the files from COMPOSE_FILE where none are given.
func (l *location) filesFromVariable(*Diagnostics) error {
	value, ok := l.env[envFile]
	if len(l.files) > 0 || !ok {
		return nil
	}
	separator := l.env[envPathSeparator]
	if separator == "" {
		separator = string(os.PathListSeparator)
	}
	for path := range strings.SplitSeq(value, separator) {
		file := composeFile{path: path, origin: "set by COMPOSE_FILE environment variable"}
		if path != "-" && !IsRemote(path) {
			abs, err := filepath.Abs(path)
			if err == nil {
				err = checkReadable(abs)
			}
			if err != nil {
				return fmt.Errorf("compose file %q %s is invalid: %w", path, file.origin, err)
			}
			file.path = abs
		}
		l.files = append(l.files, file)
	}
	return nil
}

// findFiles looks for a file with a default name in the project directory and
// then in its parents, and for an override next to it.
func (l *location) findFiles(ds *Diagnostics) error {
	if len(l.files) > 0 {
		return nil
	}
	dir, err := l.workingDir()
	if err != nil {
		return err
	}
	for {
		if found := existing(dir, DefaultFiles()); len(found) > 0 {
			l.take("config", found, ds)
			l.take("override", existing(dir, defaultOverrides()), ds)
			return nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return errNoFiles
		}
		dir = parent
	}
}

func (l *location) take(kind string, candidates []string, ds *Diagnostics) {
	if len(candidates) == 0 {
		return
	}
	if len(candidates) > 1 {
		ds.warn("Found multiple %s files with supported names: %s\nUsing %s",
			kind, strings.Join(candidates, ", "), candidates[0])
	}
	l.files = append(l.files, composeFile{path: candidates[0], origin: "found by default file discovery"})
}

func existing(dir string, names []string) []string {
	var found []string
	for _, name := range names {
		path := filepath.Join(dir, name)
		if _, err := os.Stat(path); err == nil {
			found = append(found, path)
		}
	}
	return found
}

// checkReadable refuses directories, and special files that might never end.
func checkReadable(path string) error {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return err
	case info.IsDir():
		return fmt.Errorf("%s is a directory", path)
	case !info.Mode().IsRegular() && path != os.DevNull:
		return fmt.Errorf("%s is not a regular file", path)
	case info.Size() > maxFileSize:
		return fmt.Errorf("%s is too large: %d bytes, at most %d are read", path, info.Size(), maxFileSize)
	}
	return nil
}

// read returns the content and the absolute name of the file. A file that the
// user named may be a pipe, as in -f <(…); others must be regular files. Of a
// remote file it is the local copy that is read.
func (l *location) read(ctx context.Context, f composeFile) (*source, error) {
	if f.path == "-" {
		stdin := l.options.Stdin
		if stdin == nil {
			stdin = bytes.NewReader(nil)
		}
		content, err := readLimited(stdin)
		return &source{name: "-", content: content}, err
	}
	if IsRemote(f.path) {
		return l.readRemote(ctx, f.path)
	}
	abs, err := filepath.Abs(f.path)
	if err != nil {
		return nil, err
	}
	content, err := f.readLocal(abs)
	if err != nil {
		return nil, f.explain(abs, err)
	}
	return &source{name: abs, content: content}, nil
}

// readRemote also moves the place where relative paths start to the directory
// of the first remote file, as docker compose does.
func (l *location) readRemote(ctx context.Context, reference string) (*source, error) {
	path, err := l.fetch(ctx, reference)
	if err != nil {
		return nil, err
	}
	content, err := composeFile{}.readLocal(path)
	if err != nil {
		return nil, err
	}
	if !l.moved {
		l.dir, l.moved = filepath.Dir(path), true
	}
	return &source{name: path, content: content}, nil
}

func (f composeFile) readLocal(abs string) ([]byte, error) {
	info, err := os.Stat(abs)
	if err == nil && (info.IsDir() || f.origin != "") {
		if err := checkReadable(abs); err != nil {
			return nil, err
		}
	}
	file, err := os.Open(abs)
	if err != nil {
		return nil, err
	}
	content, err := readLimited(file)
	return content, errors.Join(err, file.Close())
}

func (f composeFile) explain(abs string, err error) error {
	if errors.Is(err, fs.ErrNotExist) && f.origin == "" {
		return err // as docker compose has it: open /x/compose.yaml: no such file or directory
	}
	return fmt.Errorf("compose file %s is invalid: %w", strings.TrimSpace(fmt.Sprintf("%q %s", abs, f.origin)), err)
}

func readLimited(r io.Reader) ([]byte, error) {
	content, err := io.ReadAll(io.LimitReader(r, maxFileSize+1))
	if err != nil {
		return nil, err
	}
	return content, checkSize(content)
}
