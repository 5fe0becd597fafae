package archive

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// Unpack unpacks a stream that holds one file, or one directory and what is in
// it, into a directory, where it is called name. Existing directories stay, with
// what they hold, and other existing files are replaced.
func Unpack(r io.Reader, dir, name string) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	u := &unpacker{root: root, dir: dir, name: name, in: tar.NewReader(r)}
	for {
		header, err := u.in.Next()
		if errors.Is(err, io.EOF) {
			return u.finish()
		}
		if err != nil {
			return fmt.Errorf("the archive cannot be read: %w", err)
		}
		if err := u.entry(header); err != nil {
			return err
		}
	}
}

type unpacker struct {
	root        *os.Root
	dir         string
	name        string // of the first entry, once unpacked
	first       string // its name in the stream
	started     bool
	in          *tar.Reader
	directories []*tar.Header // by their names once unpacked
}

// place is where an entry of the stream goes.
func (u *unpacker) place(name string) string {
	name = strings.TrimPrefix(path.Clean("/"+name), "/")
	if !u.started {
		u.first, u.started = name, true
	}
	within, ok := strings.CutPrefix(name, u.first)
	if !ok {
		within = name
	}
	return filepath.FromSlash(path.Join(u.name, strings.TrimPrefix(within, "/")))
}

func (u *unpacker) entry(header *tar.Header) error {
	name := u.place(header.Name)
	if err := u.makeRoom(name, header.Typeflag == tar.TypeDir); err != nil {
		return err
	}
	switch header.Typeflag {
	case tar.TypeDir:
		// The mode comes last: it may forbid to put files there.
		if err := u.root.MkdirAll(name, 0o700); err != nil {
			return err
		}
		placed := *header
		placed.Name = name
		u.directories = append(u.directories, &placed)
		return nil
	case tar.TypeReg:
		return u.file(name, header)
	case tar.TypeSymlink:
		return u.root.Symlink(filepath.FromSlash(header.Linkname), name)
	case tar.TypeLink:
		return u.root.Link(u.place(header.Linkname), name)
	default:
		return fmt.Errorf("cannot copy %s: it is a device or a pipe", header.Name)
	}
}

// makeRoom removes what an entry replaces. A directory takes the place of
// nothing else, and nothing else that of a directory.
func (u *unpacker) makeRoom(name string, directory bool) error {
	old, err := u.root.Lstat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return u.root.MkdirAll(filepath.Dir(name), 0o755)
	case err != nil:
		return err
	case directory && old.IsDir():
		return nil
	case directory:
		return fmt.Errorf("cannot overwrite non-directory %q with directory %q", filepath.Join(u.dir, name), u.dir)
	case old.IsDir():
		return fmt.Errorf("cannot overwrite directory %q with non-directory %q", filepath.Join(u.dir, name), u.dir)
	default:
		return u.root.Remove(name)
	}
}

func (u *unpacker) file(name string, header *tar.Header) error {
	file, err := u.root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(file, u.in)
	if err := errors.Join(err, file.Close()); err != nil {
		return err
	}
	return u.attributes(name, header)
}

func (u *unpacker) attributes(name string, header *tar.Header) error {
	if err := u.root.Chmod(name, header.FileInfo().Mode()); err != nil {
		return err
	}
	return u.root.Chtimes(name, header.ModTime, header.ModTime)
}

// finish gives directories their modes and times, the innermost first, once
// nothing is put into them any more.
func (u *unpacker) finish() error {
	for _, header := range slices.Backward(u.directories) {
		if header.Name == "." {
			continue // there before
		}
		if err := u.attributes(header.Name, header); err != nil {
			return err
		}
	}
	return nil
}
