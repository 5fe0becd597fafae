// Package remote brings Compose files from OCI registries and git repositories
// to this machine, and keeps them in a cache.
//
// A version of an application is kept under the digest or commit that it has,
// and never changed. It is made in a directory of its own and renamed once it
// is whole, so a killed run leaves nothing that a later one takes for whole.
// All writing goes through an [os.Root] of the cache: nothing is written beside
// it, whatever a registry or repository says.
package remote

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"sync"

	"github.com/gocompose/gocompose/internal/distribution"
	"github.com/gocompose/gocompose/internal/git"
	"github.com/gocompose/gocompose/project"
)

// Policy says when registries and repositories are asked.
type Policy int

const (
	// Ask always asks what a tag or branch stands for now, and fetches what is
	// not in the cache.
	Ask Policy = iota
	// PreferCache takes what it stood for last, and asks where that is unknown.
	PreferCache
	// OnlyCache never asks.
	OnlyCache
)

// ErrNotCached is in the error about what the cache does not have and must not
// be fetched.
var ErrNotCached = errors.New("not in the cache")

// Loader brings files to this machine. It is safe for concurrent use, and gives
// the same answer to the same question for as long as it lives.
type Loader struct {
	// Cache is the directory that all is kept in; it is made when something is
	// to be kept.
	Cache    string
	Registry *distribution.Client
	Git      git.Program
	Policy   Policy
	Getenv   func(string) string

	mu       sync.Mutex
	known    map[string]string // paths by reference
	versions map[string]string // digests and commits by tag and branch
}

// Variables of docker compose that switch the two kinds off.
const (
	envOCI = "COMPOSE_EXPERIMENTAL_OCI_REMOTE"
	envGit = "COMPOSE_EXPERIMENTAL_GIT_REMOTE"
)

// Fetch returns the path of the local copy of a remote Compose file, as
// [project.Options] wants it.
func (l *Loader) Fetch(ctx context.Context, reference string) (string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if path, ok := l.known[reference]; ok {
		return path, nil
	}
	if l.Cache == "" {
		return "", errors.New("remote Compose files are kept in the user's cache directory, and there is none: set HOME or XDG_CACHE_HOME")
	}
	fetch, variable, what := l.git, envGit, "git"
	if isOCI(reference) {
		fetch, variable, what = l.oci, envOCI, "OCI"
	}
	if on, err := enabled(l.Getenv(variable)); err != nil {
		return "", fmt.Errorf("%s environment variable expects boolean value: %w", variable, err)
	} else if !on {
		return "", fmt.Errorf("%s remote resource is disabled by %q", what, variable)
	}
	if l.known == nil {
		l.known, l.versions = map[string]string{}, map[string]string{}
	}
	cache := cache{dir: l.Cache}
	path, err := fetch(ctx, cache, reference)
	if err != nil {
		return "", err
	}
	l.known[reference] = path
	return path, nil
}

func isOCI(reference string) bool {
	return len(reference) >= len(project.OCIScheme) && reference[:len(project.OCIScheme)] == project.OCIScheme
}

func enabled(value string) (bool, error) {
	if value == "" {
		return true, nil
	}
	return strconv.ParseBool(value)
}

// keep notes which version a reference stands for, once it is in the cache.
func (l *Loader) keep(c cache, reference, id string) error {
	l.versions[reference] = id
	return c.remember(reference, id)
}

// settle says which version is meant: the one that is fixed by the reference,
// the one that is remembered, or what ask says.
func (l *Loader) settle(c cache, reference, fixed string, there func(id string) bool, ask func() (string, error)) (string, error) {
	if fixed != "" && there(fixed) {
		return fixed, nil
	}
	if id, ok := l.versions[reference]; ok && there(id) {
		return id, nil
	}
	if l.Policy != Ask {
		if id := c.recall(reference); id != "" && there(id) {
			return id, nil
		}
	}
	if l.Policy == OnlyCache {
		return "", fmt.Errorf("remote Compose file %s is %w", project.Redacted(reference), ErrNotCached)
	}
	id, err := ask()
	if err != nil {
		return "", err
	}
	return id, nil
}

// CacheDir is where gocompose keeps remote files: below the user's cache
// directory. It is empty where there is none.
func CacheDir(goos string, getenv func(string) string) string {
	base := getenv("XDG_CACHE_HOME")
	switch {
	case filepath.IsAbs(base):
	case goos == "windows":
		base = getenv("LocalAppData")
	case goos == "darwin" && getenv("HOME") != "":
		base = filepath.Join(getenv("HOME"), "Library", "Caches")
	case getenv("HOME") != "":
		base = filepath.Join(getenv("HOME"), ".cache")
	default:
		base = ""
	}
	if !filepath.IsAbs(base) {
		return ""
	}
	return filepath.Join(base, "gocompose", "remote")
}
