package watch

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/compose-spec/compose-go/v2/types"
)

// Container is one that files are synced to.
type Container struct {
	ID      string
	Name    string
	Service string
	Running bool
}

// Failure is a file that a container did not take.
type Failure struct {
	File
	Err error
	// Final says that trying again is of no use while the container is the same.
	Final bool
}

// Outcome is what became of files that were to be synced to a container. What is in
// neither list is there.
type Outcome struct {
	Failed []Failure
	// Later are paths to try again without a word: those that changed while they
	// were read, and those that only a running container takes.
	Later []string
	// Gone says that there is no such container any more.
	Gone bool
}

// Host carries out what changes mean.
type Host interface {
	// Containers lists the containers of services, by name; it leaves out one-offs.
	Containers(ctx context.Context, services []string) ([]Container, error)
	// Sync has files of a container be as they are on this machine, or not be there.
	Sync(ctx context.Context, c Container, files []File) Outcome
	// Restart restarts the containers of services.
	Restart(ctx context.Context, services []string) error
	// Exec runs a command in a container.
	Exec(ctx context.Context, c Container, command types.ServiceHook) error
	// Rebuild builds the images of services and replaces their containers.
	Rebuild(ctx context.Context, services []string) error
}

// Notifications tell what has changed. A [Notifier] is one.
type Notifications interface {
	Changed() <-chan struct{}
	Take() []string
}

// Options configure a session.
type Options struct {
	Rules *Rules
	Files Notifications
	Host  Host
	// Moved has an element when containers may have come, gone, started or ended.
	Moved <-chan struct{}
	// Say takes what is done, in the words of docker compose, and Warn what went
	// wrong.
	Say, Warn func(text string)
}

// How long changes are gathered: until there was none for a while, though not for
// ever. What only copies files is in less of a hurry to be one batch than what
// interrupts people.
const (
	quietSync = 50 * time.Millisecond
	mostSync  = 500 * time.Millisecond
	quietAct  = 250 * time.Millisecond
	mostAct   = 2 * time.Second
)

// How long after a failure a sync is tried again: twice as long each time.
const (
	retryFirst = time.Second
	retryMost  = 30 * time.Second
)

// Session watches until it is told to end. It belongs to one goroutine.
type Session struct {
	Options

	// What has changed and was not acted upon yet.
	batch       map[string][]int // the rules that are about each path
	first, last time.Time
	acts        bool // some of the rules do more than sync

	// touched are the paths that were synced, by service: what a container that
	// comes later has to catch up with.
	touched    map[string]map[string]struct{}
	containers map[string]*mirror // by ID
	after      map[string]*after  // by service
	retry      time.Duration
	retryAt    time.Time // zero where there is nothing to try again
	stale      bool      // which containers there are is not known
}

// mirror is the account of one container.
type mirror struct {
	Container
	todo map[string]struct{} // paths it may not have as they are
	told map[string]string   // what was said about paths that failed
	bad  bool                // some of them failed
}

// after is what is done once the files of a service are synced.
type after struct {
	restart bool
	exec    map[int]bool // the rules whose command is run
}

// NewSession prepares a session.
func NewSession(o Options) *Session {
	return &Session{
		Options: o, batch: map[string][]int{}, touched: map[string]map[string]struct{}{},
		containers: map[string]*mirror{}, after: map[string]*after{},
	}
}

// Run syncs what is to be there at first, says that the watch is on, and acts upon
// changes until ctx is done, which is no error.
func (s *Session) Run(ctx context.Context) error {
	if err := s.refresh(ctx); err != nil {
		return err
	}
	s.syncAll(ctx)
	s.Say("Watch enabled")
	for ctx.Err() == nil {
		timer := time.NewTimer(s.wait())
		select {
		case <-ctx.Done():
		case <-s.Files.Changed():
			s.gather(s.Files.Take())
		case <-s.Moved:
			s.moved(ctx)
		case <-timer.C:
			s.due(ctx)
		}
		timer.Stop()
	}
	return nil
}

// forEver is as good as no timer.
const forEver = 24 * time.Hour

// wait is how long there is nothing to do.
func (s *Session) wait() time.Duration {
	wait := forEver
	if len(s.batch) > 0 {
		wait = time.Until(s.deadline())
	}
	if !s.retryAt.IsZero() {
		wait = min(wait, time.Until(s.retryAt))
	}
	return max(wait, 0)
}

// deadline is when the batch is acted upon.
func (s *Session) deadline() time.Time {
	quiet, most := quietSync, mostSync
	if s.acts {
		quiet, most = quietAct, mostAct
	}
	end := s.last.Add(quiet)
	if limit := s.first.Add(most); limit.Before(end) {
		return limit
	}
	return end
}

// gather adds changes to the batch. Those that no rule is about delay nothing.
func (s *Session) gather(paths []string) {
	for _, path := range paths {
		rules := s.Rules.matching(path)
		if len(rules) == 0 {
			continue
		}
		if len(s.batch) == 0 {
			s.first = time.Now()
		}
		s.last = time.Now()
		s.batch[path] = rules
		for _, i := range rules {
			s.acts = s.acts || s.Rules.list[i].Action != types.WatchActionSync
		}
	}
}

// due does what the time has come for.
func (s *Session) due(ctx context.Context) {
	if len(s.batch) > 0 && !time.Now().Before(s.deadline()) {
		batch := s.batch
		s.batch, s.acts = map[string][]int{}, false
		s.act(ctx, batch)
		return
	}
	if !s.retryAt.IsZero() && !time.Now().Before(s.retryAt) {
		s.moved(ctx)
	}
}

// moved acts upon containers that have come or started, and tries again what failed.
func (s *Session) moved(ctx context.Context) {
	if err := s.refresh(ctx); err != nil {
		s.warn(ctx, err)
		s.stale = true
		s.schedule(true, false)
		return
	}
	s.stale = false
	s.syncAll(ctx)
	s.finish(ctx)
}

func (s *Session) warn(ctx context.Context, err error) {
	if ctx.Err() == nil {
		s.Warn(fmt.Sprintf("Error handling changed files: %v", err))
	}
}

// act carries out what a batch of changes means: builds, then syncs, restarts and
// commands.
func (s *Session) act(ctx context.Context, batch map[string][]int) {
	changes := map[string]int{}
	var rebuild []string
	for _, path := range outermostGone(batch) {
		for _, i := range batch[path] {
			rule := &s.Rules.list[i]
			switch {
			case rule.Action == types.WatchActionRebuild:
				rebuild = append(rebuild, rule.Service)
				continue
			case rule.Syncs():
				changes[rule.Service]++
				s.touch(rule.Service, path)
			}
			s.afterwards(rule.Service, i)
		}
	}
	slices.Sort(rebuild)
	s.rebuild(ctx, slices.Compact(rebuild))
	for _, service := range slices.Sorted(maps.Keys(changes)) {
		s.Say(fmt.Sprintf("Syncing service %q after %d changes were detected", service, changes[service]))
	}
	s.syncAll(ctx)
	s.finish(ctx)
}

// outermostGone lists the paths of a batch, in order, without those in a directory
// that is itself in the batch and gone.
func outermostGone(batch map[string][]int) []string {
	var paths []string
	gone := ""
	for _, path := range slices.SortedFunc(maps.Keys(batch), comparePaths) {
		if gone != "" && Within(path, gone) && slices.Equal(batch[path], batch[gone]) {
			continue
		}
		paths = append(paths, path)
		if _, err := os.Lstat(path); errors.Is(err, os.ErrNotExist) {
			gone = path
		}
	}
	return paths
}

// comparePaths orders what is in a directory right behind it.
func comparePaths(a, b string) int {
	return strings.Compare(strings.ReplaceAll(a, string(os.PathSeparator), "\x00"), strings.ReplaceAll(b, string(os.PathSeparator), "\x00"))
}

// touch books that the containers of a service, now and later, need a path.
func (s *Session) touch(service, path string) {
	if s.touched[service] == nil {
		s.touched[service] = map[string]struct{}{}
	}
	s.touched[service][path] = struct{}{}
	for _, m := range s.containers {
		if m.Service == service {
			m.todo[path] = struct{}{}
			delete(m.told, path)
		}
	}
}

// afterwards books what a rule asks for beside a sync.
func (s *Session) afterwards(service string, rule int) {
	action := s.Rules.list[rule].Action
	if action == types.WatchActionSync {
		return
	}
	if s.after[service] == nil {
		s.after[service] = &after{exec: map[int]bool{}}
	}
	if action == types.WatchActionSyncExec {
		s.after[service].exec[rule] = true
	} else {
		s.after[service].restart = true
	}
}

// rebuild has images built and containers replaced. The new ones get what was synced,
// as the build may have begun before the last change.
func (s *Session) rebuild(ctx context.Context, services []string) {
	if len(services) == 0 {
		return
	}
	names := fmt.Sprintf("%q", services)
	s.Say("Rebuilding service(s) " + names + " after changes were detected...")
	if err := s.Host.Rebuild(ctx, services); err != nil {
		if ctx.Err() == nil {
			s.Say(fmt.Sprintf("Build failed. Error: %v", err))
		}
		return
	}
	s.Say("service(s) " + names + " successfully built")
	if err := s.refresh(ctx); err != nil {
		s.stale = true
		s.warn(ctx, err)
	}
}
