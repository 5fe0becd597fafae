package enginetest

import (
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"time"
)

// file is a file, directory or symbolic link in a container or volume.
type file struct {
	mode     fs.FileMode
	uid, gid int
	modified time.Time
	data     []byte
	link     string
}

// fileTree holds files by clean absolute path.
type fileTree struct {
	files map[string]*file
}

func newFileTree() *fileTree {
	return &fileTree{files: map[string]*file{"/": {mode: fs.ModeDir | 0o755}}}
}

// put stores a file and the directories above it which are missing.
func (t *fileTree) put(name string, f *file) {
	name = path.Clean("/" + name)
	for dir := path.Dir(name); t.files[dir] == nil; dir = path.Dir(dir) {
		t.files[dir] = &file{mode: fs.ModeDir | 0o755, modified: f.modified}
	}
	t.files[name] = f
}

// under lists the paths at and below name, in order.
func (t *fileTree) under(name string) []string {
	var names []string
	for _, candidate := range slices.Sorted(maps.Keys(t.files)) {
		if candidate == name || name == "/" || strings.HasPrefix(candidate, name+"/") {
			names = append(names, candidate)
		}
	}
	return names
}

// usualDirectory reports directories that every container is taken to have.
func usualDirectory(name string) bool {
	switch name {
	case "/bin", "/dev", "/etc", "/home", "/lib", "/mnt", "/opt", "/proc", "/root", "/run", "/sbin", "/srv", "/sys",
		"/tmp", "/usr", "/usr/bin", "/usr/lib", "/usr/local", "/usr/share", "/var", "/var/lib", "/var/log", "/var/run":
		return true
	}
	return false
}

// locate finds where a path of a container is kept: in itself or in a volume.
func (c *container) locate(name string) (t *fileTree, within string, m *mount) {
	for _, candidate := range c.mounts {
		covers := name == candidate.destination || strings.HasPrefix(name, candidate.destination+"/")
		if covers && (m == nil || len(candidate.destination) > len(m.destination)) {
			m = candidate
		}
	}
	if m == nil || m.volume == nil {
		return c.files, name, m
	}
	return m.volume.files, path.Clean("/" + strings.TrimPrefix(name, m.destination)), m
}

// lookUp finds a file of a container by path.
func (c *container) lookUp(name string) (*file, bool) {
	name = path.Clean("/" + name)
	t, within, m := c.locate(name)
	if f, ok := t.files[within]; ok {
		return f, true
	}
	if usualDirectory(name) || name == c.config.WorkingDir || m != nil && m.destination == name {
		return &file{mode: fs.ModeDir | 0o755}, true
	}
	return nil, false
}

// remove takes a file of a container away, with all below it.
func (c *container) remove(name string) {
	t, within, _ := c.locate(path.Clean(name))
	for _, member := range t.under(within) {
		delete(t.files, member)
	}
}

// File returns the content and mode of a file in a container or in a volume
// mounted there. The container is given by name or identifier.
func (e *Engine) File(container, name string) (content []byte, mode fs.FileMode, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	c, err := e.findContainer(container)
	if err != nil {
		return nil, 0, err
	}
	f, ok := c.lookUp(name)
	if !ok {
		return nil, 0, notFound("Could not find the file %s in container %s", name, container)
	}
	return slices.Clone(f.data), f.mode, nil
}
