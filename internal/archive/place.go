package archive

import (
	"errors"
	"path"
	"strings"
)

// What stands in the way of a copy, in the words of docker cp.
var (
	ErrNoDirectory   = errors.New("no such directory")
	ErrNotADirectory = errors.New("not a directory")
	ErrDirectory     = errors.New("cannot copy directory")
)

// Target is what is known of the path that something is copied to.
type Target struct {
	Path      string // with slashes
	Exists    bool
	Directory bool
}

// Place is the directory to unpack in and the name that what is copied gets
// there. The name is . where the contents of a directory are copied into one
// that exists.
func Place(source string, directory bool, to Target) (dir, name string, err error) {
	switch {
	case to.Exists && to.Directory:
		return to.Path, Base(source), nil
	case to.Exists && directory:
		return "", "", ErrDirectory
	case !to.Exists && !directory && MeansDirectory(to.Path):
		return "", "", ErrNoDirectory
	case to.Exists && MeansDirectory(to.Path):
		return "", "", ErrNotADirectory
	}
	clean := path.Clean(to.Path)
	return path.Dir(clean), path.Base(clean), nil
}

// Base is the last element of a path; . where the path ends in it, which stands
// for the contents of a directory.
func Base(name string) string {
	if meansContents(name) {
		return "."
	}
	return path.Base(path.Clean(name))
}

// MeansDirectory tells whether a path can only be that of a directory.
func MeansDirectory(name string) bool {
	return strings.HasSuffix(name, "/") || meansContents(name)
}

func meansContents(name string) bool { return path.Base(name) == "." && !strings.HasSuffix(name, "/") }
