package watch

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"
)

// matcher matches paths below a directory by the patterns of .dockerignore files.
type matcher struct {
	base     string
	patterns *patternmatcher.PatternMatcher
}

func newMatcher(base string, patterns []string) (matcher, error) {
	compiled, err := patternmatcher.New(patterns)
	if err != nil {
		return matcher{}, err
	}
	// Patterns that make no sense are found when they are first used.
	if _, err := compiled.MatchesOrParentMatches("x"); err != nil {
		return matcher{}, err
	}
	return matcher{base: base, patterns: compiled}, nil
}

// matches tells whether a pattern matches the path or a directory above it.
func (m matcher) matches(path string) bool {
	if m.patterns == nil || !Within(path, m.base) || path == m.base {
		return false
	}
	within := strings.TrimPrefix(strings.TrimPrefix(path, m.base), string(filepath.Separator))
	matched, err := m.patterns.MatchesOrParentMatches(within)
	return matched && err == nil // patterns were tried already
}

// matchesAll tells whether the patterns match all that is in a directory, too: no
// exception can take anything back.
func (m matcher) matchesAll(dir string) bool {
	return m.matches(dir) && !m.patterns.Exclusions()
}

// passing tells of a name that files of it are of no account anywhere, as with docker
// compose: it is what editors leave beside the files that they have open, or what git
// keeps.
func passing(name string) bool {
	switch name {
	case ".git", ".idea", "4913":
		return true
	}
	if strings.HasPrefix(name, ".#") || strings.HasSuffix(name, "~") ||
		strings.HasSuffix(name, "___jb_old___") || strings.HasSuffix(name, "___jb_tmp___") {
		return true
	}
	return strings.HasPrefix(name, ".") && slices.Contains([]string{".swp", ".swx", ".swo", ".swn"}, filepath.Ext(name))
}

// passes tells whether the path or a directory above it, up to a base, is of no
// account.
func passes(path, base string) bool {
	within := strings.TrimPrefix(path, base)
	for name := range strings.SplitSeq(within, string(filepath.Separator)) {
		if passing(name) {
			return true
		}
	}
	return false
}

// staysOut tells of a name that an initial sync leaves it out: that of a Dockerfile or
// Compose file.
func staysOut(name string, build *types.BuildConfig) bool {
	switch name {
	case "Dockerfile", "compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml",
		"compose.override.yml", "compose.override.yaml", "docker-compose.override.yml", "docker-compose.override.yaml":
		return true
	}
	return build != nil && build.Dockerfile != "" && name == filepath.Base(build.Dockerfile)
}

// dockerIgnore reads what the build of a service leaves out of its context: the
// ignore file of its Dockerfile, or else that of the context. A line that leaves out
// everything says nothing of what is watched, and is left out itself with all that
// are no exceptions, as with docker compose.
func dockerIgnore(build *types.BuildConfig) (matcher, error) {
	if build == nil || build.Context == "" {
		return matcher{}, nil
	}
	for _, name := range []string{filepath.Join(build.Context, build.Dockerfile+".dockerignore"), filepath.Join(build.Context, ".dockerignore")} {
		file, err := os.Open(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return matcher{}, err
		}
		patterns, err := ignorefile.ReadAll(file)
		_ = file.Close() // was only read
		if err == nil {
			if slices.Contains(patterns, "*") {
				patterns = slices.DeleteFunc(patterns, func(p string) bool { return !strings.HasPrefix(p, "!") })
			}
			var m matcher
			if m, err = newMatcher(build.Context, patterns); err == nil {
				return m, nil
			}
		}
		return matcher{}, fmt.Errorf("reading %s: %w", name, err)
	}
	return matcher{}, nil
}
