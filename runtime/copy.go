package runtime

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/docker/docker/api/types/container"

	"github.com/gocompose/gocompose/internal/archive"
	"github.com/gocompose/gocompose/internal/engine"
)

// CopyOptions say how files are copied.
type CopyOptions struct {
	FollowLinks bool // copy what the source points to, where it is a symbolic link
	Ownership   bool // keep the owners of what is copied into a container
}

// FindForCopy finds the containers of a service that files are copied to or
// from, by their numbers: all, running or not, or that of the number. One-offs
// come last, and only if they are wanted.
func FindForCopy(ctx context.Context, e *engine.Client, m Member, oneOffs bool) ([]Listed, error) {
	list, err := List(ctx, e, m.Project)
	if err != nil {
		return nil, err
	}
	list = slices.DeleteFunc(list, func(c Listed) bool {
		return c.Service != m.Service || m.Number > 0 && c.Number != m.Number || c.OneOff && (m.Number > 0 || !oneOffs)
	})
	switch {
	case len(list) == 0 && m.Number > 0:
		return nil, &NotRunningError{Service: m.Service, Number: m.Number}
	case len(list) == 0:
		return nil, fmt.Errorf("no container found for service %q", m.Service)
	}
	slices.SortStableFunc(list, func(a, b Listed) int {
		return cmp.Or(compareFlags(a.OneOff, b.OneOff), cmp.Compare(a.Number, b.Number))
	})
	return list, nil
}

// CopyIn copies a file or directory of this machine into a container, to the
// place where docker cp would put it.
func CopyIn(ctx context.Context, e *engine.Client, id, source, destination string, o CopyOptions) error {
	from, err := localSource(source, o.FollowLinks)
	if err != nil {
		return err
	}
	to, err := containerTarget(ctx, e, id, destination)
	if err != nil {
		return err
	}
	dir, name, err := archive.Place(from.asked, from.directory, to)
	if err != nil {
		return err
	}
	content, packed := io.Pipe()
	done := make(chan error, 1)
	go func() {
		err := archive.Pack(packed, from.path, name)
		_ = packed.CloseWithError(err) // never fails
		done <- err
	}()
	err = putArchive(ctx, e, id, dir, content, o)
	_ = content.Close() // never fails; ends the packing, where the engine has left
	if packErr := <-done; packErr != nil && !errors.Is(packErr, io.ErrClosedPipe) {
		return packErr // the cause of the engine's error, if there is one
	}
	return err
}

// CopyArchiveIn unpacks a tar stream in a directory of a container.
func CopyArchiveIn(ctx context.Context, e *engine.Client, id string, content io.Reader, destination string, o CopyOptions) error {
	to, err := containerTarget(ctx, e, id, destination)
	if err != nil {
		return err
	}
	if !to.Directory {
		return fmt.Errorf("destination %q must be a directory", id+":"+destination)
	}
	return putArchive(ctx, e, id, to.Path, content, o)
}

func putArchive(ctx context.Context, e *engine.Client, id, dir string, content io.Reader, o CopyOptions) error {
	return engine.Classify(e.API().CopyToContainer(ctx, id, dir, content, container.CopyToContainerOptions{
		CopyUIDGID: o.Ownership,
	}))
}

// localSource makes the path of the source absolute and looks at it. A link is
// followed where that is asked for, and where the path can only be that of a
// directory; what is copied keeps the name of the link.
func localSource(source string, follow bool) (localFile, error) {
	if source == "" {
		return localFile{}, errors.New("source can not be empty")
	}
	absolute, err := absolutePath(source)
	if err != nil {
		return localFile{}, err
	}
	file := localFile{asked: filepath.ToSlash(absolute), path: filepath.Clean(absolute)}
	means := archive.MeansDirectory(file.asked)
	if follow || means {
		if file.path, err = filepath.EvalSymlinks(file.path); err != nil {
			return file, err
		}
	}
	info, err := os.Lstat(file.path)
	if err == nil && means && !info.IsDir() {
		err = archive.ErrNotADirectory
	}
	file.directory = err == nil && info.IsDir()
	return file, err
}

// localFile is a file of this machine that is to be copied.
type localFile struct {
	asked     string // the path that was asked for, absolute, with slashes
	path      string // where it is
	directory bool
}

// absolutePath keeps what filepath.Abs takes off the end: a slash, a dot.
func absolutePath(name string) (string, error) {
	absolute, err := filepath.Abs(name)
	if err != nil {
		return "", err
	}
	slashes := filepath.ToSlash(name)
	switch {
	case path.Base(slashes) == "." && !strings.HasSuffix(slashes, "/"):
		return absolute + string(filepath.Separator) + ".", nil
	case strings.HasSuffix(slashes, "/") && !strings.HasSuffix(absolute, string(filepath.Separator)):
		return absolute + string(filepath.Separator), nil
	default:
		return absolute, nil
	}
}

// containerTarget looks at a path in a container, and follows it if it is a
// link. What cannot be looked at is taken for missing, as a container that was
// never started cannot be asked about all of its paths.
func containerTarget(ctx context.Context, e *engine.Client, id, name string) (archive.Target, error) {
	to := archive.Target{Path: name}
	stat, err := e.API().ContainerStatPath(ctx, id, name)
	if err == nil && stat.Mode&fs.ModeSymlink != 0 {
		if to.Path = stat.LinkTarget; !path.IsAbs(to.Path) {
			to.Path = path.Join(path.Dir(path.Clean(name)), to.Path)
		}
		stat, err = e.API().ContainerStatPath(ctx, id, to.Path)
	}
	if engine.IsTransport(err) || ctx.Err() != nil {
		return to, engine.Classify(err)
	}
	to.Exists, to.Directory = err == nil, err == nil && stat.Mode.IsDir()
	return to, nil
}

// CopyOut copies a file or directory of a container to this machine, to the
// place where docker cp would put it.
func CopyOut(ctx context.Context, e *engine.Client, id, source, destination string, o CopyOptions) error {
	destination, err := absolutePath(destination)
	if err != nil {
		return err
	}
	if parent := filepath.Dir(filepath.Clean(destination)); !isDirectory(parent) {
		return fmt.Errorf("invalid output path: directory %q does not exist", parent)
	}
	content, stat, err := openArchive(ctx, e, id, source, o)
	if err != nil {
		return err
	}
	defer content.Close()
	to, err := localTarget(destination)
	if err != nil {
		return err
	}
	dir, name, err := archive.Place(source, stat.Mode.IsDir(), to)
	if err != nil {
		return err
	}
	return archive.Unpack(content, filepath.FromSlash(dir), name)
}

// CopyArchiveOut writes a file or directory of a container as a tar stream.
func CopyArchiveOut(ctx context.Context, e *engine.Client, id, source string, w io.Writer, o CopyOptions) error {
	content, _, err := openArchive(ctx, e, id, source, o)
	if err != nil {
		return err
	}
	defer content.Close()
	_, err = io.Copy(w, content)
	return engine.Classify(err)
}

func openArchive(ctx context.Context, e *engine.Client, id, source string, o CopyOptions) (io.ReadCloser, container.PathStat, error) {
	if o.FollowLinks {
		to, err := containerTarget(ctx, e, id, source)
		if err != nil {
			return nil, container.PathStat{}, err
		}
		source = to.Path
	}
	content, stat, err := e.API().CopyFromContainer(ctx, id, source)
	return content, stat, engine.Classify(err)
}

func isDirectory(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.IsDir()
}

// localTarget looks at a path of this machine, and follows it if it is a link.
func localTarget(name string) (archive.Target, error) {
	if resolved, err := filepath.EvalSymlinks(name); err == nil {
		if archive.MeansDirectory(filepath.ToSlash(name)) {
			resolved += string(filepath.Separator)
		}
		name = resolved
	}
	to := archive.Target{Path: filepath.ToSlash(name)}
	info, err := os.Stat(filepath.Clean(name))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return to, err
	}
	to.Exists, to.Directory = err == nil, err == nil && info.IsDir()
	return to, nil
}
