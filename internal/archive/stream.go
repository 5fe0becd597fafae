package archive

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
)

// Owner is whom files are given to.
type Owner struct{ UID, GID int }

// wholeMost is how large files may be that are read before they are packed: their
// size is known to be right then.
const wholeMost = 4 << 20

// ErrChanging tells that a file became shorter while it was packed.
var ErrChanging = errors.New("it changed while it was read")

// Stream writes files one by one as a tar stream.
type Stream struct {
	out   *tar.Writer
	owner *Owner
}

// NewStream begins a stream. Files keep their owners where none is given.
func NewStream(w io.Writer, owner *Owner) *Stream {
	return &Stream{out: tar.NewWriter(w), owner: owner}
}

// Close ends the stream.
func (s *Stream) Close() error { return s.out.Close() }

// Packs tells whether there is a form for files of that kind in a stream.
func Packs(mode fs.FileMode) bool {
	return mode&(fs.ModeSocket|fs.ModeNamedPipe|fs.ModeDevice|fs.ModeCharDevice|fs.ModeIrregular) == 0
}

// Add packs a file, a link as such, or a directory without what is in it, under a name.
// A file that is written to meanwhile has the length that it had first. [ErrChanging]
// says that it has become shorter: the stream is still whole then, and the file in it
// is not.
func (s *Stream) Add(file, name string) error {
	info, err := os.Lstat(file)
	if err != nil {
		return err
	}
	if info.Mode().IsRegular() {
		return s.addRegular(file, name)
	}
	header, err := s.header(file, name, info)
	if err != nil {
		return err
	}
	return s.out.WriteHeader(header)
}

func (s *Stream) addRegular(file, name string) error {
	from, err := os.Open(file)
	if err != nil {
		return err
	}
	defer from.Close()
	info, err := from.Stat()
	if err != nil {
		return err
	}
	header, err := s.header(file, name, info)
	if err != nil {
		return err
	}
	var content io.Reader = from
	if info.Size() <= wholeMost {
		whole, err := io.ReadAll(io.LimitReader(from, 2*wholeMost))
		if err != nil {
			return err
		}
		header.Size, content = int64(len(whole)), bytes.NewReader(whole)
	}
	if err := s.out.WriteHeader(header); err != nil {
		return err
	}
	written, err := io.Copy(s.out, io.LimitReader(content, header.Size))
	if missing := header.Size - written; err == nil && missing > 0 {
		if _, err = io.CopyN(s.out, zeros{}, missing); err == nil {
			err = ErrChanging
		}
	}
	return err
}

func (s *Stream) header(file, name string, info fs.FileInfo) (*tar.Header, error) {
	header, err := headerOf(file, name, info)
	if err == nil && s.owner != nil {
		header.Uid, header.Gid, header.Uname, header.Gname = s.owner.UID, s.owner.GID, "", ""
	}
	return header, err
}

// zeros is a source of nothing else.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}
