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

func defaultFiles() []string {
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
		if path != "-" && !isRemote(path) {
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
		if found := existing(dir, defaultFiles()); len(found) > 0 {
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
// user named may be a pipe, as in -f <(…); others must be regular files.
func (f composeFile) read(stdin io.Reader) (*source, error) {
	if f.path == "-" {
		if stdin == nil {
			stdin = bytes.NewReader(nil)
		}
		content, err := readLimited(stdin)
		return &source{name: "-", content: content}, err
	}
	if isRemote(f.path) {
		return nil, errRemote(f.path)
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

// isRemote tells whether a file reference names a repository or a registry.
func isRemote(path string) bool {
	for _, scheme := range []string{"oci://", "git://", "ssh://", "http://", "https://", "git@", "github.com/"} {
		if strings.HasPrefix(path, scheme) {
			return true
		}
	}
	repository, _, _ := strings.Cut(path, "#")
	return strings.HasSuffix(repository, ".git")
}

func errRemote(path string) error {
	return fmt.Errorf("remote Compose file %s is not supported: fetch it and give its local path", path)
}

// refuseRemote answers for compose-go where a file is included or extended
// from a repository or a registry.
type refuseRemote struct{}

func (refuseRemote) Accept(path string) bool { return isRemote(path) }

func (refuseRemote) Load(_ context.Context, path string) (string, error) { return "", errRemote(path) }

func (refuseRemote) Dir(path string) string { return path }
