package git

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Program runs git. Env is the environment of gocompose, in the form of
// os.Environ.
type Program struct{ Env []string }

// Resolve asks the repository which commit, or tag object, the reference stands
// for now.
func (g Program) Resolve(ctx context.Context, r Reference) (string, error) {
	if IsCommit(r.Ref) {
		return r.Ref, nil
	}
	out, err := g.run(ctx, r, "ls-remote", "--exit-code", "--", r.Remote, r.Ref)
	var exit *exec.ExitError
	const noSuchRef = 2
	switch {
	case errors.As(err, &exit) && exit.ExitCode() == noSuchRef:
		return "", fmt.Errorf("repository does not contain ref %s: %s", r.Ref, r.Shown())
	case err != nil:
		return "", fmt.Errorf("failed to access repository at %s: %w", r.Shown(), err)
	}
	return pick(out, r)
}

// pick takes the ref of that very name, by the order in which git looks names
// up: git also lists those that end in the name.
func pick(out string, r Reference) (string, error) {
	ids := map[string]string{}
	for line := range strings.Lines(out) {
		if id, name, ok := strings.Cut(strings.TrimSpace(line), "\t"); ok {
			ids[name] = id
		}
	}
	for _, name := range []string{r.Ref, "refs/" + r.Ref, "refs/tags/" + r.Ref, "refs/heads/" + r.Ref} {
		if id := ids[name]; id != "" {
			if !IsCommit(id) {
				return "", fmt.Errorf("repository at %s: %q is no commit", r.Shown(), id)
			}
			return id, nil
		}
	}
	return "", fmt.Errorf("repository does not contain ref %s: %s", r.Ref, r.Shown())
}

// Checkout fetches one commit, without its history, and writes its files into
// the directory tree, which is there and empty. The directory store is used on
// the way; it can be removed then.
func (g Program) Checkout(ctx context.Context, r Reference, commit, tree, store string) error {
	for _, args := range [][]string{
		// An empty template has no hooks.
		{"init", "--quiet", "--bare", "--template=", "--", store},
		{"--git-dir=" + store, "fetch", "--quiet", "--depth=1", "--no-tags", "--no-recurse-submodules", "--", r.Remote, commit},
		{"--git-dir=" + store, "--work-tree=" + tree, "checkout", "--quiet", "--force", "--detach", "--no-recurse-submodules", commit, "--"},
	} {
		if _, err := g.run(ctx, r, args...); err != nil {
			return fmt.Errorf("failed to fetch %s of repository at %s: %w", commit, r.Shown(), err)
		}
	}
	return nil
}

// settings outrank those of the user and of the repository.
func settings(store string) []string {
	var args []string
	for _, setting := range []string{
		"core.hooksPath=" + filepath.Join(store, "no-hooks"),
		"core.fsmonitor=false",
		"core.protectHFS=true",
		"core.protectNTFS=true",
		"core.bare=false",
		"submodule.recurse=false",
		"fetch.recurseSubmodules=false",
		"fetch.fsckObjects=true",
		// What old programs wrote, and harms nobody.
		"fetch.fsck.zeroPaddedFilemode=ignore",
		"fetch.fsck.badTimezone=ignore",
		"fetch.fsck.missingSpaceBeforeDate=ignore",
	} {
		args = append(args, "-c", setting)
	}
	return args
}

// run returns the standard output; an error has the last of what git said.
func (g Program) run(ctx context.Context, r Reference, args ...string) (string, error) {
	store := "."
	for _, arg := range args {
		if dir, ok := strings.CutPrefix(arg, "--git-dir="); ok {
			store = dir
		}
	}
	cmd := exec.CommandContext(ctx, "git", append(settings(store), args...)...)
	cmd.Env = g.environment()
	cmd.WaitDelay = 5 * time.Second //nolint:mnd // what helpers of git may take to end
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return "", errors.New("the git program is needed for this, and is not there: install git")
	case err != nil && ctx.Err() != nil:
		return "", context.Cause(ctx)
	case err != nil:
		if said := strings.TrimSpace(stderr.String()); said != "" {
			return "", &saidError{said: hidePassword(said, r), cause: err}
		}
		return "", err
	}
	return stdout.String(), nil
}

// saidError is a failure of git in its own words.
type saidError struct {
	said  string
	cause error
}

func (e *saidError) Error() string { return e.said }

func (e *saidError) Unwrap() error { return e.cause }

// hidePassword keeps what the address holds out of what git says of it.
func hidePassword(said string, r Reference) string {
	return strings.ReplaceAll(said, r.Remote, r.Shown())
}

// transports are those that git may use, also where a repository or the user's
// configuration leads to others. Those that run a command are not among them.
func transports() []string { return []string{"git", "http", "https", "ssh"} }

// environment is that of gocompose, without what is about the repository that
// gocompose may have been started in.
func (g Program) environment() []string {
	var env []string
	set := map[string]string{}
	for _, entry := range g.Env {
		name, value, _ := strings.Cut(entry, "=")
		if slices.Contains(ownVariables(), name) {
			continue
		}
		set[name] = value
		env = append(env, entry)
	}
	allowed := transports()
	if chosen := set["GIT_ALLOW_PROTOCOL"]; chosen != "" {
		narrower := strings.Split(chosen, ":")
		allowed = slices.DeleteFunc(allowed, func(name string) bool { return !slices.Contains(narrower, name) })
	}
	env = append(env, "GIT_ALLOW_PROTOCOL="+strings.Join(allowed, ":"), "GIT_PROTOCOL_FROM_USER=0")
	if set["GIT_TERMINAL_PROMPT"] == "" {
		env = append(env, "GIT_TERMINAL_PROMPT=0")
	}
	if set["GIT_SSH"] == "" && set["GIT_SSH_COMMAND"] == "" {
		env = append(env, "GIT_SSH_COMMAND=ssh -o ControlMaster=no -o BatchMode=yes")
	}
	if set["GIT_LFS_SKIP_SMUDGE"] == "" {
		env = append(env, "GIT_LFS_SKIP_SMUDGE=1")
	}
	return append(env, "LC_ALL=C")
}

// ownVariables are those by which git tells its hooks and aliases where they
// run (git rev-parse --local-env-vars), but for the user's settings.
func ownVariables() []string {
	return []string{
		"GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_COMMON_DIR", "GIT_DIR", "GIT_GRAFT_FILE", "GIT_IMPLICIT_WORK_TREE",
		"GIT_INDEX_FILE", "GIT_INTERNAL_SUPER_PREFIX", "GIT_NAMESPACE", "GIT_NO_REPLACE_OBJECTS", "GIT_OBJECT_DIRECTORY",
		"GIT_PREFIX", "GIT_REPLACE_REF_BASE", "GIT_SHALLOW_FILE", "GIT_TEMPLATE_DIR", "GIT_WORK_TREE",
	}
}
