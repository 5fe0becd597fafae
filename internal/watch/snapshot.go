package watch

import (
	"cmp"
	"hash/maphash"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// snapshot is what some trees looked like at one time. It is kept small: a name and
// eight bytes for each file.
type snapshot struct {
	seed  maphash.Seed
	began time.Time
	// dirs holds what is in each directory, by name.
	dirs map[string][]entry
	// single holds the roots that are no directories.
	single map[string]uint64
}

// entry is a file in a directory. Its stamp differs when it has changed.
type entry struct {
	name  string
	stamp uint64
}

// clockTick is how far apart two changes may be that get the same time from the file
// system.
const clockTick = 20 * time.Millisecond

func newSnapshot(seed maphash.Seed) *snapshot {
	return &snapshot{seed: seed, began: time.Now(), dirs: map[string][]entry{}, single: map[string]uint64{}}
}

// stampOf is what is compared of a file. A directory changes with its entries, which
// have stamps of their own, so that of it its mode alone counts. The next look at a
// file that has only just changed takes it for changed once more: what is written to it
// within the same tick of the clock would not be seen otherwise.
func (s *snapshot) stampOf(info fs.FileInfo) uint64 {
	type look struct {
		mode     fs.FileMode
		size     int64
		modified int64
		fresh    bool
	}
	if info.IsDir() {
		return maphash.Comparable(s.seed, look{mode: info.Mode()})
	}
	return maphash.Comparable(s.seed, look{
		info.Mode(), info.Size(), info.ModTime().UnixNano(), info.ModTime().After(s.began.Add(-clockTick)),
	})
}

// forest is what is watched: the roots, which may be files or missing, and the
// directories below them that are of no account.
type forest struct {
	roots []string
	skip  func(dir string) bool
}

// holds tells whether a path is one of the roots or below one.
func (f forest) holds(path string) bool {
	return slices.ContainsFunc(f.roots, func(root string) bool { return Within(path, root) })
}

// leadsTo lists the roots that are below a path.
func (f forest) leadsTo(path string) []string {
	var roots []string
	for _, root := range f.roots {
		if root != path && Within(root, path) {
			roots = append(roots, root)
		}
	}
	return roots
}

// Within tells whether a path is another one or below it.
func Within(path, dir string) bool {
	return path == dir || strings.HasPrefix(path, strings.TrimSuffix(dir, string(filepath.Separator))+string(filepath.Separator))
}

// look takes a snapshot. What cannot be read is left out, as if it were not there.
func (f forest) look(seed maphash.Seed) *snapshot {
	s := newSnapshot(seed)
	for _, root := range f.roots {
		info, err := os.Stat(root)
		switch {
		case err != nil:
		case info.IsDir():
			_ = s.add(f, root, nil) // nothing that could fail
		default:
			s.single[root] = s.stampOf(info)
		}
	}
	return s
}

// add looks at a directory and all below it, and calls enter with each before it is
// read. It stops at the first error of enter. Links are not followed.
func (s *snapshot) add(f forest, dir string, enter func(dir string) error) error {
	if _, known := s.dirs[dir]; known {
		return nil
	}
	if enter != nil {
		if err := enter(dir); err != nil {
			return err
		}
	}
	list, err := os.ReadDir(dir)
	if err != nil {
		return nil //nolint:nilerr // it is gone, or not for us
	}
	entries := make([]entry, 0, len(list))
	var below []string
	for _, item := range list {
		info, err := item.Info()
		if err != nil {
			continue
		}
		entries = append(entries, entry{item.Name(), s.stampOf(info)})
		if info.IsDir() {
			below = append(below, filepath.Join(dir, item.Name()))
		}
	}
	s.dirs[dir] = entries
	for _, dir := range below {
		if f.skip(dir) {
			continue
		}
		if err := s.add(f, dir, enter); err != nil {
			return err
		}
	}
	return nil
}

// changed calls report with each path at which two snapshots differ. Of a directory
// that is gone, or of a root, nothing below is told.
func (s *snapshot) changed(now *snapshot, report func(path string)) {
	for root, stamp := range now.single {
		if before, known := s.single[root]; !known || before != stamp {
			report(root)
		}
	}
	for root := range s.single {
		if _, there := now.single[root]; !there {
			report(root)
		}
	}
	for dir, after := range now.dirs {
		before := s.dirs[dir]
		differences(before, after, func(name string) { report(filepath.Join(dir, name)) })
	}
	for dir, before := range s.dirs {
		if _, there := now.dirs[dir]; there {
			continue
		}
		if _, err := os.Lstat(dir); err == nil {
			differences(before, nil, func(name string) { report(filepath.Join(dir, name)) })
		}
	}
}

// differences calls report with each name that is in one of the lists alone or has
// another stamp in the other. Both are in the order of names.
func differences(before, after []entry, report func(name string)) {
	for len(before) > 0 || len(after) > 0 {
		var order int
		switch {
		case len(before) == 0:
			order = 1
		case len(after) == 0:
			order = -1
		default:
			order = cmp.Compare(before[0].name, after[0].name)
		}
		switch {
		case order < 0:
			report(before[0].name)
			before = before[1:]
		case order > 0:
			report(after[0].name)
			after = after[1:]
		default:
			if before[0].stamp != after[0].stamp {
				report(after[0].name)
			}
			before, after = before[1:], after[1:]
		}
	}
}
