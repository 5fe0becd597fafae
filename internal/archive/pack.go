package archive

import (
	"archive/tar"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
)

// Pack writes a file, or a directory and what is in it, as a tar stream in which
// it is called name. Sockets are left out, as there is no form for them.
func Pack(w io.Writer, source, name string) error {
	out := tar.NewWriter(w)
	err := filepath.WalkDir(source, func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		within, err := filepath.Rel(source, file)
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil || info.Mode()&fs.ModeSocket != 0 {
			return err
		}
		return pack(out, file, path.Join(name, filepath.ToSlash(within)), info)
	})
	if err != nil {
		return err // the stream is not whole, and must not end as if it were
	}
	return out.Close()
}

func pack(out *tar.Writer, file, name string, info fs.FileInfo) error {
	header, err := headerOf(file, name, info)
	if err != nil {
		return err
	}
	if err := out.WriteHeader(header); err != nil || !info.Mode().IsRegular() {
		return err
	}
	from, err := os.Open(file)
	if err != nil {
		return err
	}
	defer from.Close()
	_, err = io.Copy(out, from)
	return err
}

// headerOf is what stands before a file in a stream.
func headerOf(file, name string, info fs.FileInfo) (*tar.Header, error) {
	link := ""
	if info.Mode()&fs.ModeSymlink != 0 {
		var err error
		if link, err = os.Readlink(file); err != nil {
			return nil, err
		}
	}
	header, err := tar.FileInfoHeader(info, filepath.ToSlash(link))
	if err != nil {
		return nil, err
	}
	header.Name = name
	if info.IsDir() {
		header.Name += "/"
	}
	return header, nil
}
