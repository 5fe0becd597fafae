package watch

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/compose-spec/compose-go/v2/types"
)

// refresh looks at which containers there are. One that was not there before gets the
// files of the initial sync, and what was synced to the others: most often before it
// starts. It is not restarted for them, as whoever made it may not be done with it.
func (s *Session) refresh(ctx context.Context) error {
	list, err := s.Host.Containers(ctx, s.Rules.Services())
	if err != nil {
		return err
	}
	now := map[string]*mirror{}
	for _, c := range list {
		m, known := s.containers[c.ID]
		if !known {
			m = s.newMirror(c)
		}
		m.Container = c
		now[c.ID] = m
	}
	s.containers = now
	return nil
}

func (s *Session) newMirror(c Container) *mirror {
	m := &mirror{todo: map[string]struct{}{}, told: map[string]string{}}
	for _, path := range s.Rules.initial(c.Service) {
		m.todo[path] = struct{}{}
	}
	for path := range s.touched[c.Service] {
		m.todo[path] = struct{}{}
	}
	return m
}

// syncAll has each container get what it has not got yet, all at a time.
func (s *Session) syncAll(ctx context.Context) {
	var group sync.WaitGroup
	outcomes := make(map[*mirror]*Outcome)
	for _, m := range s.inOrder() {
		if len(m.todo) == 0 {
			continue
		}
		outcome := new(Outcome)
		outcomes[m] = outcome
		files := s.files(m)
		group.Go(func() { *outcome = s.Host.Sync(ctx, m.Container, files) })
	}
	group.Wait()
	if ctx.Err() != nil {
		return
	}
	failed, again := s.stale, false
	for _, m := range s.inOrder() {
		if outcome := outcomes[m]; outcome != nil {
			s.book(m, *outcome)
		}
		failed = failed || m.bad
		again = again || m.Running && len(m.todo) > 0
	}
	s.schedule(failed, again)
}

// schedule sets when what is left is tried again.
func (s *Session) schedule(failed, again bool) {
	switch {
	case failed:
		s.retry = min(max(2*s.retry, retryFirst), retryMost)
		s.retryAt = time.Now().Add(s.retry)
	case again:
		s.retry, s.retryAt = 0, time.Now().Add(quietSync)
	default:
		s.retry, s.retryAt = 0, time.Time{}
	}
}

// inOrder lists the containers by name.
func (s *Session) inOrder() []*mirror {
	return slices.SortedFunc(maps.Values(s.containers), func(a, b *mirror) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	})
}

// files are where the paths belong that a container needs, each place once: the rule
// that comes last decides.
func (s *Session) files(m *mirror) []File {
	byTarget := map[string]File{}
	for path := range m.todo {
		for _, i := range s.Rules.matching(path) {
			if rule := &s.Rules.list[i]; rule.Service == m.Service && rule.Syncs() {
				file := rule.fileOf(path)
				byTarget[file.Target] = file
			}
		}
	}
	return slices.SortedFunc(maps.Values(byTarget), func(a, b File) int {
		return cmp.Or(cmp.Compare(a.Under, b.Under), comparePaths(a.Target, b.Target))
	})
}

// book notes what a container got, and tells once what it did not take.
func (s *Session) book(m *mirror, outcome Outcome) {
	m.bad = false
	clear(m.todo)
	if outcome.Gone {
		return // what takes its place gets everything
	}
	for _, path := range outcome.Later {
		m.todo[path] = struct{}{}
	}
	var news []Failure
	for _, f := range outcome.Failed {
		if !f.Final {
			m.todo[f.Path] = struct{}{}
			m.bad = true
		}
		if text := f.Err.Error(); m.told[f.Path] != text {
			m.told[f.Path] = text
			news = append(news, f)
		}
	}
	for path := range m.told {
		if _, still := m.todo[path]; !still {
			delete(m.told, path)
		}
	}
	s.tell(m, news)
}

// toldMost is how many failures of one sync are told one by one.
const toldMost = 10

func (s *Session) tell(m *mirror, failures []Failure) {
	for _, f := range failures[:min(len(failures), toldMost)] {
		text := fmt.Sprintf("%s: cannot sync %s to %s: %v", m.Name, f.Path, f.Target, f.Err)
		if !f.Final {
			text += "; trying again"
		}
		s.Warn(text)
	}
	if more := len(failures) - toldMost; more > 0 {
		s.Warn(fmt.Sprintf("%s: and %d more files", m.Name, more))
	}
}

// finish does what comes after syncs, for the services whose containers have all that
// they are to have.
func (s *Session) finish(ctx context.Context) {
	var restart []string
	execs := map[string][]int{}
	for _, service := range slices.Sorted(maps.Keys(s.after)) {
		if s.behind(service) {
			continue
		}
		if s.after[service].restart {
			restart = append(restart, service)
		}
		execs[service] = slices.Sorted(maps.Keys(s.after[service].exec))
		delete(s.after, service)
	}
	if len(restart) > 0 {
		if err := s.Host.Restart(ctx, restart); err != nil {
			s.warn(ctx, err)
			return
		}
		s.Say(fmt.Sprintf("service(s) %q restarted", restart))
	}
	s.exec(ctx, execs)
}

// behind tells whether a container of the service lacks files that failed.
func (s *Session) behind(service string) bool {
	for _, m := range s.containers {
		if m.Service == service && m.bad {
			return true
		}
	}
	return false
}

// exec runs the commands of rules in the containers that run.
func (s *Session) exec(ctx context.Context, rules map[string][]int) {
	var group sync.WaitGroup
	for _, m := range s.inOrder() {
		for _, i := range rules[m.Service] {
			if !m.Running {
				continue
			}
			group.Go(func() { s.run(ctx, m.Container, s.Rules.list[i].Exec) })
		}
	}
	group.Wait()
}

func (s *Session) run(ctx context.Context, c Container, command types.ServiceHook) {
	if err := s.Host.Exec(ctx, c, command); err != nil && ctx.Err() == nil {
		s.Warn(fmt.Sprintf("Error handling changed files: %s: %v", c.Name, err))
	}
}
