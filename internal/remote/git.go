package remote

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"

	"github.com/gocompose/gocompose/internal/git"
	"github.com/gocompose/gocompose/project"
)

// git returns the path of a Compose file in a repository.
func (l *Loader) git(ctx context.Context, c cache, text string) (string, error) {
	r, err := git.Parse(text)
	if err != nil {
		return "", err
	}
	fixed := ""
	if git.IsCommit(r.Ref) {
		fixed = r.Ref
	}
	// All directories of a branch are taken from one commit.
	key := r.Remote + "#" + r.Ref
	id, err := l.settle(c, key, fixed,
		func(id string) bool { return git.IsCommit(id) && c.has("git/"+id) },
		func() (string, error) { return l.Git.Resolve(ctx, r) })
	if err != nil {
		return "", err
	}
	entry := "git/" + id
	if !c.has(entry) {
		err := c.add(entry, func(w workplace) error {
			if err := l.Git.Checkout(ctx, r, id, w.treeDir(), filepath.Join(w.dir, "store")); err != nil {
				return err
			}
			_, err := locate(w.tree, r)
			return err
		})
		if err != nil {
			return "", err
		}
	}
	tree, err := os.OpenRoot(c.path(entry))
	if err != nil {
		return "", err
	}
	defer tree.Close() // only a handle
	file, err := locate(tree, r)
	if err != nil {
		return "", err
	}
	return c.path(entry + "/" + file), l.keep(c, key, id)
}

// locate finds the Compose file that the reference names, or the one in the
// directory that it names. Symbolic links may not lead out of the tree.
func locate(tree *os.Root, r git.Reference) (string, error) {
	name := path.Clean(r.Subdir)
	info, err := tree.Stat(name)
	if err != nil {
		return "", fileError(err, name, r)
	}
	if !info.IsDir() {
		return name, checkRegular(info, name, r)
	}
	for _, file := range project.DefaultFiles() {
		file = path.Join(name, file)
		if _, err := tree.Lstat(file); err != nil {
			continue
		}
		info, err := tree.Stat(file)
		if err != nil {
			return "", fileError(err, file, r)
		}
		return file, checkRegular(info, file, r)
	}
	return "", fmt.Errorf("repository at %s: no Compose file in %s: not found", r.Shown(), name)
}

// fileError tells of a file in the repository, and not of its place here.
func fileError(err error, name string, r git.Reference) error {
	var failed *os.PathError
	if errors.As(err, &failed) {
		err = failed.Err
	}
	return fmt.Errorf("repository at %s: %s: %w", r.Shown(), name, err)
}

func checkRegular(info os.FileInfo, name string, r git.Reference) error {
	if !info.Mode().IsRegular() {
		return fmt.Errorf("repository at %s: %s is not a regular file", r.Shown(), name)
	}
	return nil
}
