package watch

import (
	"cmp"
	"hash/maphash"
	"maps"
	"slices"
	"sync"
	"time"
)

// NotifierOptions say what is watched.
type NotifierOptions struct {
	// Paths are absolute and clean; they may be files, and may not exist yet.
	Paths []string
	// Skip tells of a directory below one of the paths that nothing in it is of
	// account; nil tells it of none.
	Skip func(dir string) bool
	// Poll has the files looked at again and again, where there would be
	// notification.
	Poll bool
	// Every is how often they are looked at; 0 is each second.
	Every time.Duration
	// Note takes what the user should know; nil drops it.
	Note func(text string)
}

// Notifier tells which paths have changed. What it has told and nobody has taken yet
// is kept once for each path, however often that has changed.
type Notifier struct {
	forest forest
	seed   maphash.Seed
	note   func(string)
	every  time.Duration
	end    chan struct{}
	ended  sync.WaitGroup

	wake    chan struct{}
	mu      sync.Mutex // guards what follows
	changed map[string]struct{}
}

// Notify begins to watch. What changes after it has returned is told.
func Notify(o NotifierOptions) *Notifier {
	if o.Skip == nil {
		o.Skip = func(string) bool { return false }
	}
	if o.Note == nil {
		o.Note = func(string) {}
	}
	n := &Notifier{
		forest: forest{roots: outermost(o.Paths), skip: o.Skip}, seed: maphash.MakeSeed(), note: o.Note, every: cmp.Or(o.Every, pollEvery),
		end: make(chan struct{}), wake: make(chan struct{}, 1), changed: map[string]struct{}{},
	}
	if o.Poll {
		n.poll(n.forest.look(n.seed))
		return n
	}
	native, err := newNative(n)
	if err != nil {
		n.fallBack(err, n.forest.look(n.seed))
		return n
	}
	n.ended.Go(native.run)
	return n
}

// outermost leaves out paths below others.
func outermost(paths []string) []string {
	paths = slices.Clone(paths)
	slices.Sort(paths)
	var roots []string
	for _, path := range paths {
		if !slices.ContainsFunc(roots, func(root string) bool { return Within(path, root) }) {
			roots = append(roots, path)
		}
	}
	return roots
}

// Changed has an element when Take has something to return.
func (n *Notifier) Changed() <-chan struct{} { return n.wake }

// Take returns the paths that have changed since it was called last, in their order.
func (n *Notifier) Take() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	paths := slices.Sorted(maps.Keys(n.changed))
	n.changed = map[string]struct{}{}
	return paths
}

// Close ends the watching.
func (n *Notifier) Close() {
	close(n.end)
	n.ended.Wait()
}

func (n *Notifier) report(path string) {
	n.mu.Lock()
	n.changed[path] = struct{}{}
	n.mu.Unlock()
	select {
	case n.wake <- struct{}{}:
	default: // it is awake already
	}
}

// How often files are looked at where there is no notification: each second, but
// not so often that looking takes more than a tenth of the time.
const (
	pollEvery = time.Second
	pollShare = 10
)

// fallBack goes on by looking, and says why. What differs from what was known is told.
func (n *Notifier) fallBack(why error, known *snapshot) {
	n.note(why.Error() + "; looking for changes every second instead")
	n.poll(known)
}

// poll looks at the files until the end.
func (n *Notifier) poll(known *snapshot) {
	n.ended.Go(func() {
		wait := time.Duration(0)
		for {
			select {
			case <-n.end:
				return
			case <-time.After(max(n.every, wait)):
			}
			began := time.Now()
			now := n.forest.look(n.seed)
			known.changed(now, n.report)
			known = now
			wait = pollShare * time.Since(began)
		}
	})
}
