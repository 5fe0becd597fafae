package build

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/moby/patternmatcher/ignorefile"
	"github.com/tonistiigi/fsutil"
	"github.com/tonistiigi/fsutil/types"
)

// strangeDockerfile is what a Dockerfile is called in the archive that is not in
// the context.
const strangeDockerfile = ".dockerfile.gocompose"

// archive is the context as a tar stream, without what .dockerignore names, and
// the name of the Dockerfile in it.
func (d *Definition) archive(ctx context.Context) (io.ReadCloser, string, error) {
	tree, err := fsutil.NewFS(d.Context)
	if err != nil {
		return nil, "", fmt.Errorf("unable to prepare context: %w", err)
	}
	text := []byte(d.DockerfileInline)
	name, inside := d.withinContext()
	if !inside {
		name = strangeDockerfile
		if d.Dockerfile != "" {
			if text, err = os.ReadFile(d.Dockerfile); err != nil {
				return nil, "", err
			}
		}
	}
	ignored, err := d.ignored()
	if err != nil {
		return nil, "", err
	}
	if len(ignored) > 0 {
		// The builder needs these two in any case.
		ignored = append(ignored, "!"+name, "!.dockerignore")
		if tree, err = fsutil.NewFilterFS(tree, &fsutil.FilterOpt{ExcludePatterns: ignored}); err != nil {
			return nil, "", fmt.Errorf(".dockerignore: %w", err)
		}
	}
	if !inside {
		tree = withFile{FS: tree, name: name, text: text}
	}
	reader, writer := io.Pipe()
	go func() { writer.CloseWithError(fsutil.WriteTar(ctx, tree, writer)) }()
	return reader, filepath.ToSlash(name), nil
}

// withinContext is the path of the Dockerfile from the context's directory, if
// it is in there.
func (d *Definition) withinContext() (string, bool) {
	if d.Dockerfile == "" {
		return "", false
	}
	name, err := filepath.Rel(d.Context, d.Dockerfile)
	return name, err == nil && filepath.IsLocal(name)
}

// ignored are the patterns of NAME.dockerignore beside the Dockerfile or else of
// .dockerignore in the context.
func (d *Definition) ignored() ([]string, error) {
	for _, name := range []string{cmp.Or(d.ignorefile, d.Dockerfile+".dockerignore"), filepath.Join(d.Context, ".dockerignore")} {
		text, err := os.ReadFile(name)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			continue
		case err != nil:
			return nil, err // what it leaves out may have to stay here
		}
		patterns, err := ignorefile.ReadAll(bytes.NewReader(text))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		return patterns, nil
	}
	return nil, nil
}

// withFile is a tree with one more file at its root.
type withFile struct {
	fsutil.FS
	name string
	text []byte
}

// Walk goes to the file after all others.
func (w withFile) Walk(ctx context.Context, target string, fn fs.WalkDirFunc) error {
	if err := w.FS.Walk(ctx, target, fn); err != nil || strings.Trim(target, "/.") != "" {
		return err
	}
	return fn(w.name, &fsutil.DirEntryInfo{Stat: &types.Stat{Path: w.name, Mode: 0o644, Size: int64(len(w.text))}}, nil)
}

// Open opens the file, or one of the tree.
func (w withFile) Open(path string) (io.ReadCloser, error) {
	if path == w.name {
		return io.NopCloser(bytes.NewReader(w.text)), nil
	}
	return w.FS.Open(path)
}
