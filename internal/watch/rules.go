package watch

import (
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/gocompose/gocompose/project"
)

// ErrNothing tells that no service has a develop.watch section.
var ErrNothing = errors.New("none of the selected services is configured for watch, consider setting a 'develop' section")

// Rule is one entry of a develop.watch section.
type Rule struct {
	types.Trigger // its path is absolute
	Service       string

	build   *types.BuildConfig
	file    bool // the path was that of a file when it was last looked at
	include matcher
	ignore  []matcher
}

// Rules are those of all services, by service and in the order of the files.
type Rules struct {
	list []Rule
	// Notes is what the user should know of them.
	Notes []string
}

// ReadRules reads the rules of the project's services; the notes are there in any case.
// The error is [ErrNothing] where
// there is none; others, in the words of docker compose, say which rule cannot be.
func ReadRules(p *project.Project) (*Rules, error) {
	rules := &Rules{}
	for service := range p.Services() {
		if service.Develop == nil {
			continue
		}
		if err := rules.read(service); err != nil {
			return rules, err
		}
	}
	if len(rules.list) == 0 {
		return rules, ErrNothing
	}
	return rules, nil
}

func (r *Rules) read(s project.Service) error {
	ignored, err := dockerIgnore(s.Build)
	if err != nil {
		return err
	}
	for i, trigger := range s.Develop.Watch {
		rule := Rule{Trigger: trigger, Service: s.Name, build: s.Build}
		rule.Path = filepath.Clean(trigger.Path)
		switch {
		case trigger.Action == types.WatchActionRebuild && s.Build == nil:
			return fmt.Errorf("can't watch service %q with action %s without a build context", s.Name, trigger.Action)
		case trigger.Action == types.WatchActionSyncExec && len(trigger.Exec.Command) == 0:
			return fmt.Errorf("can't watch service %q with action %s without a command", s.Name, trigger.Action)
		case rule.Syncs() && bindMounted(rule.Path, s.Volumes):
			r.Notes = append(r.Notes, fmt.Sprintf("path '%s' also declared by a bind mount volume, this path won't be monitored!", rule.Path))
			continue
		}
		if err := rule.compile(ignored); err != nil {
			return fmt.Errorf("services.%s.develop.watch.%d: %w", s.Name, i, err)
		}
		info, err := os.Stat(rule.Path)
		if err != nil {
			r.Notes = append(r.Notes, fmt.Sprintf("service %q: there is no %s to watch yet", s.Name, rule.Path))
		}
		rule.file = err == nil && !info.IsDir()
		r.list = append(r.list, rule)
	}
	return nil
}

func (r *Rule) compile(ignored matcher) error {
	own, err := newMatcher(r.Path, r.Ignore)
	if err != nil {
		return fmt.Errorf("ignore: %w", err)
	}
	r.ignore = []matcher{ignored, own}
	if len(r.Include) > 0 {
		if r.include, err = newMatcher(r.Path, r.Include); err != nil {
			return fmt.Errorf("include: %w", err)
		}
	}
	return nil
}

// bindMounted tells whether the service has a directory with the path mounted anyway.
func bindMounted(name string, volumes []types.ServiceVolumeConfig) bool {
	return slices.ContainsFunc(volumes, func(v types.ServiceVolumeConfig) bool {
		return v.Bind != nil && v.Source != "" && Within(name, filepath.Clean(v.Source))
	})
}

// Syncs tells whether the rule has files copied into containers.
func (r *Rule) Syncs() bool {
	return r.Action == types.WatchActionSync || r.Action == types.WatchActionSyncRestart || r.Action == types.WatchActionSyncExec
}

// Matches tells whether the rule is about a path. Of a directory that is watched, it is
// about what is in it: where the whole directory is gone, nothing follows from that.
func (r *Rule) Matches(name string) bool {
	if name == r.Path && !r.file {
		info, err := os.Stat(name)
		if r.file = err == nil && !info.IsDir(); !r.file {
			return false
		}
	}
	if !Within(name, r.Path) || passes(name, r.Path) || r.include.patterns != nil && name != r.Path && !r.include.matches(name) {
		return false
	}
	return !slices.ContainsFunc(r.ignore, func(m matcher) bool { return m.matches(name) })
}

// skips tells whether nothing in a directory matches.
func (r *Rule) skips(dir string) bool {
	return !Within(dir, r.Path) || passes(dir, r.Path) || slices.ContainsFunc(r.ignore, func(m matcher) bool { return m.matchesAll(dir) })
}

// File is a path of this machine and where it belongs in a container.
type File struct {
	Path   string // on this machine
	Target string // in the container, with slashes
	Under  string // the rule's own target, in which the other is
}

// fileOf says where a path belongs by the rule.
func (r *Rule) fileOf(name string) File {
	within := filepath.ToSlash(strings.TrimPrefix(name, r.Path))
	target := path.Join("/", r.Target)
	if r.file && strings.HasSuffix(r.Target, "/") {
		within = path.Base(filepath.ToSlash(r.Path)) // into that directory
	}
	return File{Path: name, Target: path.Join(target, within), Under: target}
}

// Paths lists what is to be watched.
func (r *Rules) Paths() []string {
	var paths []string
	for _, rule := range r.list {
		if !slices.Contains(paths, rule.Path) {
			paths = append(paths, rule.Path)
		}
	}
	return paths
}

// Services lists the services that have a rule, in name order.
func (r *Rules) Services() []string {
	var names []string
	for _, rule := range r.list {
		if !slices.Contains(names, rule.Service) {
			names = append(names, rule.Service)
		}
	}
	slices.Sort(names)
	return names
}

// Each calls show with each rule, in order.
func (r *Rules) Each(show func(Rule)) {
	for _, rule := range r.list {
		show(rule)
	}
}

// Skip tells whether no rule is about anything in a directory.
func (r *Rules) Skip(dir string) bool {
	return !slices.ContainsFunc(r.list, func(rule Rule) bool { return !rule.skips(dir) })
}

// matching lists the rules, by their places, that are about a path.
func (r *Rules) matching(name string) []int {
	var found []int
	for i := range r.list {
		if r.list[i].Matches(name) {
			found = append(found, i)
		}
	}
	return found
}

// initial lists the files that the service's containers are to get at first.
func (r *Rules) initial(service string) []string {
	var paths []string
	for i := range r.list {
		rule := &r.list[i]
		if rule.Service != service || !rule.InitialSync || !rule.Syncs() {
			continue
		}
		_ = filepath.WalkDir(rule.Path, func(name string, entry os.DirEntry, err error) error {
			switch {
			case err != nil:
				return nil //nolint:nilerr // gone, or not for us
			case entry.IsDir() && name != rule.Path && rule.skips(name):
				return filepath.SkipDir
			case entry.IsDir() || !rule.Matches(name) || staysOut(entry.Name(), rule.build):
				return nil
			}
			paths = append(paths, name)
			return nil
		})
	}
	return paths
}
