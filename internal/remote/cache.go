package remote

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// cache is a directory with one directory for each version of an application,
// and a file for each reference with what it stood for last.
//
//	oci/sha256/DIGEST/  the files of an artifact
//	git/COMMIT/         the files of a commit
//	refs/HASH           the digest or commit
//	tmp-RANDOM/         what is being fetched
type cache struct{ dir string }

const (
	dirMode  = 0o700 // there may be secrets among the files
	fileMode = 0o600
	tempName = "tmp-"
	treeName = "tree"
)

func (c cache) path(entry string) string { return filepath.Join(c.dir, filepath.FromSlash(entry)) }

// has tells whether an entry is there: entries appear whole.
func (c cache) has(entry string) bool {
	info, err := os.Lstat(c.path(entry))
	return err == nil && info.IsDir()
}

func (c cache) open() (*os.Root, error) {
	if err := os.MkdirAll(c.dir, dirMode); err != nil {
		return nil, fmt.Errorf("cache of remote files: %w", err)
	}
	root, err := os.OpenRoot(c.dir)
	if err != nil {
		return nil, fmt.Errorf("cache of remote files: %w", err)
	}
	return root, nil
}

// workplace is where an entry is made. What is in tree becomes the entry.
type workplace struct {
	dir  string // absolute
	tree *os.Root
}

func (w workplace) treeDir() string { return filepath.Join(w.dir, treeName) }

// add makes an entry, all or nothing. It is no error that another run has made
// it meanwhile.
func (c cache) add(entry string, fill func(workplace) error) error {
	root, err := c.open()
	if err != nil {
		return err
	}
	defer root.Close() // only a handle
	sweep(root)
	temp := tempName + rand.Text()
	if err := root.MkdirAll(temp+"/"+treeName, dirMode); err != nil {
		return fmt.Errorf("cache of remote files: %w", err)
	}
	defer root.RemoveAll(temp) //nolint:errcheck // swept later
	tree, err := root.OpenRoot(temp + "/" + treeName)
	if err != nil {
		return fmt.Errorf("cache of remote files: %w", err)
	}
	err = fill(workplace{dir: c.path(temp), tree: tree})
	if err := errors.Join(err, tree.Close()); err != nil {
		return err
	}
	if err := root.MkdirAll(filepath.ToSlash(filepath.Dir(filepath.FromSlash(entry))), dirMode); err != nil {
		return fmt.Errorf("cache of remote files: %w", err)
	}
	if err := root.Rename(temp+"/"+treeName, entry); err != nil && !c.has(entry) {
		return fmt.Errorf("cache of remote files: %w", err)
	}
	return nil
}

// write makes a new file, on the disk before the entry gets its name.
func write(root *os.Root, name string, content []byte) error {
	file, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, fileMode)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	return errors.Join(err, file.Sync(), file.Close())
}

// abandoned is how old the workplace of a killed run is at least.
const abandoned = 24 * time.Hour

// sweep removes what killed runs have left.
func sweep(root *os.Root) {
	entries, err := fs.ReadDir(root.FS(), ".")
	if err != nil {
		return
	}
	for _, entry := range entries {
		info, err := entry.Info()
		if err == nil && strings.HasPrefix(entry.Name(), tempName) && time.Since(info.ModTime()) > abandoned {
			_ = root.RemoveAll(entry.Name())
		}
	}
}

// refFile has a name that says nothing of the reference, which may hold a
// password.
func refFile(reference string) string {
	hash := sha256.Sum256([]byte(reference))
	return "refs/" + hex.EncodeToString(hash[:])
}

// remember notes what a reference stands for.
func (c cache) remember(reference, id string) error {
	if c.recall(reference) == id {
		return nil
	}
	root, err := c.open()
	if err != nil {
		return err
	}
	defer root.Close() // only a handle
	temp := tempName + rand.Text()
	err = write(root, temp, []byte(id+"\n"))
	if err == nil {
		err = root.MkdirAll("refs", dirMode)
	}
	if err == nil {
		err = root.Rename(temp, refFile(reference))
	}
	if err != nil {
		_ = root.Remove(temp)
		return fmt.Errorf("cache of remote files: %w", err)
	}
	return nil
}

// recall is what was remembered, or nothing. The caller checks that it is an
// ID.
func (c cache) recall(reference string) string {
	content, err := os.ReadFile(c.path(refFile(reference)))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(content))
}
