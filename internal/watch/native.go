package watch

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/fsnotify/fsnotify"
)

// backlog is how many events may wait for us, beside those that the system keeps.
const backlog = 4096

// reportedMost is how many changes are remembered before the trees are looked at
// anew, which makes remembering them needless.
const reportedMost = 100_000

// native passes on what the system tells of changes. All directories are watched one
// by one, as inotify has it. It belongs to one goroutine.
type native struct {
	*Notifier
	fs *fsnotify.Watcher
	// dirs are the directories that are watched.
	dirs map[string]struct{}
	// known is how the trees looked some time ago, and reported what was told since:
	// together they say what there is to look at when events were lost.
	known    *snapshot
	reported map[string]struct{}
}

func newNative(n *Notifier) (*native, error) {
	watcher, err := fsnotify.NewBufferedWatcher(backlog)
	if err != nil {
		return nil, explain(err)
	}
	w := &native{Notifier: n, fs: watcher, dirs: map[string]struct{}{}, reported: map[string]struct{}{}}
	if err := w.begin(); err != nil {
		_ = watcher.Close() // never fails
		return nil, err
	}
	return w, nil
}

// begin watches all there is, and remembers what it looks like.
func (w *native) begin() error {
	known := newSnapshot(w.seed)
	for _, root := range w.forest.roots {
		if err := w.plant(known, root); err != nil {
			return err
		}
	}
	w.known = known
	clear(w.reported)
	return nil
}

// plant watches a root: the tree, or else the nearest directory above it that there
// is, to learn when the root comes. A file is watched that way, too: editors replace
// files, and the watch of a file ends with it.
func (w *native) plant(known *snapshot, root string) error {
	info, err := os.Stat(root)
	switch {
	case err == nil && info.IsDir():
		return known.add(w.forest, root, w.add)
	case err == nil:
		known.single[root] = known.stampOf(info)
	}
	for dir := filepath.Dir(root); ; dir = filepath.Dir(dir) {
		if err := w.add(dir); err != nil {
			return err
		}
		if _, ok := w.dirs[dir]; ok || dir == filepath.Dir(dir) {
			return nil
		}
	}
}

// add watches a directory. It fails at limits alone: a directory that is gone, or not
// for us to read, is not watched, and that is all.
func (w *native) add(dir string) error {
	if _, known := w.dirs[dir]; known {
		return nil
	}
	err := w.fs.Add(dir)
	switch {
	case err == nil:
		w.dirs[dir] = struct{}{}
	case limitText(err) != "":
		return explain(err)
	}
	return nil
}

// run passes events on until the end.
func (w *native) run() {
	defer func() { _ = w.fs.Close() }() // never fails
	for {
		var err error
		select {
		case <-w.end:
			return
		case event := <-w.fs.Events:
			err = w.event(filepath.Clean(event.Name), event.Op)
		case problem := <-w.fs.Errors:
			if errors.Is(problem, fsnotify.ErrEventOverflow) {
				err = w.again()
			}
		}
		if err != nil {
			known := w.known
			for path := range w.reported {
				w.report(path)
			}
			w.fallBack(err, known)
			return
		}
	}
}

// event passes on what has happened to a path, and watches what has come to be.
func (w *native) event(path string, op fsnotify.Op) error {
	if op.Has(fsnotify.Remove) || op.Has(fsnotify.Rename) {
		w.forget(path, op.Has(fsnotify.Rename))
	}
	switch {
	case w.isRoot(path):
		return w.rootEvent(path, op)
	case w.forest.holds(path):
		w.tell(path)
		if op.Has(fsnotify.Create) {
			return w.grow(path)
		}
	case op.Has(fsnotify.Create) || op.Has(fsnotify.Remove) || op.Has(fsnotify.Rename):
		if len(w.forest.leadsTo(path)) > 0 {
			return w.again()
		}
	}
	return nil
}

// rootEvent is about a root: a directory that came has all that is in it looked at.
func (w *native) rootEvent(root string, op fsnotify.Op) error {
	if op.Has(fsnotify.Create) || op.Has(fsnotify.Remove) || op.Has(fsnotify.Rename) {
		if err := w.again(); err != nil {
			return err
		}
	}
	if info, err := os.Stat(root); err != nil || !info.IsDir() {
		w.tell(root)
	}
	return nil
}

func (w *native) isRoot(path string) bool {
	return slices.Contains(w.forest.roots, path)
}

// tell reports a path and remembers it.
func (w *native) tell(path string) {
	w.report(path)
	w.reported[path] = struct{}{}
	if len(w.reported) > reportedMost {
		w.known = w.forest.look(w.seed)
		clear(w.reported)
		w.report(path)
	}
}

// grow watches a directory that has come to be, and tells of all that is in it by
// then, which may have come before the watch.
func (w *native) grow(path string) error {
	info, err := os.Lstat(path)
	if err != nil || !info.IsDir() || w.forest.skip(path) {
		return nil //nolint:nilerr // it is gone again
	}
	found := newSnapshot(w.seed)
	err = found.add(w.forest, path, w.add)
	for dir, entries := range found.dirs {
		for _, e := range entries {
			w.tell(filepath.Join(dir, e.name))
		}
	}
	return err
}

// forget ends the watch of a directory that is gone. One that has another name now
// takes along those below it, whose events would come under their old names, and
// what was in them is told of: nothing else says that it has gone from there.
func (w *native) forget(path string, renamed bool) {
	if _, known := w.dirs[path]; !known {
		return
	}
	w.drop(path)
	if !renamed {
		return
	}
	for dir := range w.dirs {
		if Within(dir, path) {
			w.drop(dir)
		}
	}
	if w.isRoot(path) {
		return
	}
	for told := range w.reported {
		if Within(told, path) {
			w.report(told)
		}
	}
	for dir, entries := range w.known.dirs {
		if Within(dir, path) {
			for _, e := range entries {
				w.tell(filepath.Join(dir, e.name))
			}
		}
	}
}

func (w *native) drop(dir string) {
	delete(w.dirs, dir)
	_ = w.fs.Remove(dir) // the system has ended the watch already, as a rule
}

// again looks at everything, because events were lost or a whole tree has come or
// gone, and tells of all that may have changed. A root that is gone takes nothing
// along: what was known of it is kept until it is back.
func (w *native) again() error {
	before, told, dirs := w.known, w.reported, w.dirs
	w.reported, w.dirs = map[string]struct{}{}, map[string]struct{}{}
	if err := w.begin(); err != nil {
		w.known, w.reported = before, told
		return err
	}
	for dir := range dirs {
		if _, still := w.dirs[dir]; !still {
			_ = w.fs.Remove(dir) // the system has ended the watch already, as a rule
		}
	}
	gone := forest{roots: w.gone()}
	for dir, entries := range before.dirs {
		if gone.holds(dir) {
			w.known.dirs[dir] = entries
		}
	}
	before.changed(w.known, w.report)
	for path := range told {
		if gone.holds(path) {
			w.reported[path] = struct{}{}
		} else {
			w.report(path)
		}
	}
	return nil
}

// gone lists the roots that are not there.
func (w *native) gone() []string {
	return slices.DeleteFunc(slices.Clone(w.forest.roots), func(root string) bool {
		_, err := os.Stat(root)
		return err == nil
	})
}

// explain puts into words which limit was met, and leaves out those of the system
// ("no space left on device"), which mislead.
func explain(err error) error {
	if what := limitText(err); what != "" {
		return errors.New(what)
	}
	return fmt.Errorf("cannot watch files: %w", err)
}
