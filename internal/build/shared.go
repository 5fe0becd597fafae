package build

import (
	"context"
	"sync"

	"github.com/moby/buildkit/session"
	"github.com/moby/buildkit/session/filesync"
	"github.com/tonistiigi/fsutil"
)

// sessionOfContext is the frontend's option that says which session has the
// context, if it is not that of the build.
const sessionOfContext = "local-sessionid:" + localContext

// sharedContexts are directories that several builds read as their context. Each
// has one session, so that BuildKit sees that it is the same, and fetches it once.
type sharedContexts struct {
	dial session.Dialer

	mu       sync.Mutex
	sessions map[string]*session.Session // by directory
	ends     []context.CancelFunc
	running  sync.WaitGroup
}

// id is that of the session for a directory.
func (s *sharedContexts) id(ctx context.Context, dir string, tree fsutil.FS) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if known, ok := s.sessions[dir]; ok {
		return known.ID(), nil
	}
	ctx, end := context.WithCancel(context.WithoutCancel(ctx)) // other builds go on with it
	made, err := session.NewSession(ctx, sharedKey(dir))
	if err != nil {
		end()
		return "", err
	}
	s.ends = append(s.ends, end)
	made.Allow(filesync.NewFSSyncProvider(filesync.StaticDirSource{localContext: tree}))
	s.running.Go(func() {
		_ = made.Run(ctx, s.dial) // a build that misses it says so
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.sessions, dir) // the next build gets a new one
	})
	if s.sessions == nil {
		s.sessions = map[string]*session.Session{}
	}
	s.sessions[dir] = made
	return made.ID(), nil
}

// close ends the sessions.
func (s *sharedContexts) close() {
	s.mu.Lock()
	for _, open := range s.sessions {
		_ = open.Close() // nobody asks it any more
	}
	for _, end := range s.ends {
		end()
	}
	s.mu.Unlock()
	s.running.Wait()
}
