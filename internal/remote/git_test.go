package remote_test

import (
	"net/http/cgi" //nolint:gosec // of the Go that this is built with
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gocompose/gocompose/internal/git"
	"github.com/gocompose/gocompose/internal/remote"
)

// repository is a git repository that is served over HTTP.
type repository struct {
	t       *testing.T
	dir     string // where it is worked on
	address string // of the repository
	home    string // of the user who fetches
	env     []string
}

func newRepository(t *testing.T) *repository {
	t.Helper()
	base := t.TempDir()
	r := &repository{t: t, dir: filepath.Join(base, "root", "app.git"), home: filepath.Join(base, "home")}
	for _, dir := range []string{r.dir, r.home} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	path, err := exec.LookPath("git")
	if err != nil {
		t.Skip("no git here")
	}
	r.env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + r.home, "GIT_CONFIG_NOSYSTEM=1"}
	r.git("init", "--quiet", "-b", "main", ".")
	r.git("config", "uploadpack.allowAnySHA1InWant", "true")
	server := httptest.NewServer(&cgi.Handler{
		Path: path, Args: []string{"http-backend"},
		Env: []string{"GIT_PROJECT_ROOT=" + filepath.Dir(r.dir), "GIT_HTTP_EXPORT_ALL=1", "HOME=" + r.home},
	})
	t.Cleanup(server.Close)
	r.address = server.URL + "/app.git"
	return r
}

func (r *repository) git(args ...string) string {
	r.t.Helper()
	args = append([]string{"-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "protocol.file.allow=always"}, args...)
	cmd := exec.Command("git", args...)
	cmd.Dir, cmd.Env = r.dir, r.env
	out, err := cmd.CombinedOutput()
	if err != nil {
		r.t.Fatalf("git %q: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

func (r *repository) write(name, text string) {
	r.t.Helper()
	path := filepath.Join(r.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		r.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		r.t.Fatal(err)
	}
}

func (r *repository) link(target, name string) {
	r.t.Helper()
	if err := os.Symlink(target, filepath.Join(r.dir, name)); err != nil {
		r.t.Skip("no symbolic links here")
	}
}

func (r *repository) commit() string {
	r.git("add", "--all")
	r.git("commit", "--quiet", "-m", "x")
	return r.git("rev-parse", "HEAD")
}

func (r *repository) loader(policy remote.Policy, env ...string) *remote.Loader {
	l := newLoader(filepath.Join(r.home, "cache"), policy)
	l.Git = git.Program{Env: append(r.env, env...)}
	return l
}

func TestRepository(t *testing.T) {
	r := newRepository(t)
	r.write("compose.yml", "name: root\n")
	r.write("deploy/docker-compose.yml", "name: deploy\n")
	r.write("deploy/other.yaml", "name: other\n")
	r.link("deploy", "current")
	first := r.commit()
	r.git("tag", "-a", "-m", "x", "v1")
	r.git("branch", "feature/main") // ends in the name of another
	r.write("compose.yml", "name: second\n")
	r.commit()
	for reference, want := range map[string]string{
		"":                            "second",
		"#main":                       "second",
		"#refs/heads/main":            "second",
		"#feature/main":               "root",
		"#v1":                         "root",
		"#" + first:                   "root",
		"#:deploy":                    "deploy",
		"#v1:deploy/other.yaml":       "other",
		"#:current":                   "deploy",
		"?ref=v1&subdir=deploy":       "deploy",
		"#" + first + ":./deploy//":   "deploy",
		"#main:deploy/../compose.yml": "second",
	} {
		if got := fetch(t, r.loader(remote.Ask), r.address+reference); got != "name: "+want+"\n" {
			t.Errorf("%s: got %q", reference, got)
		}
	}
	if diff := cmp.Diff(0, len(filter(files(t, r.home), ".git/"))); diff != "" {
		t.Error("the cache holds what belongs to git: " + diff)
	}
	if got := fetch(t, r.loader(remote.OnlyCache), r.address+"#main:deploy"); got != "name: deploy\n" {
		t.Error(got)
	}
}

func filter(list []string, part string) []string {
	var found []string
	for _, entry := range list {
		if strings.Contains(entry, part) || strings.HasPrefix(entry, "cache/tmp-") {
			found = append(found, entry)
		}
	}
	return found
}

// TestMaliciousRepositories: each is refused, nothing of it stays in the cache,
// and nothing of it has run.
func TestMaliciousRepositories(t *testing.T) {
	for _, test := range []struct {
		name      string
		make      func(r *repository)
		reference string
		env       []string
		want      string
	}{
		{name: "a link to a file", make: func(r *repository) { r.link("/etc/passwd", "compose.yaml") }, want: "escapes"},
		{name: "a link to a file by name", make: func(r *repository) { r.link("/etc/passwd", "x") }, reference: "#:x", want: "escapes"},
		{name: "a link up", make: func(r *repository) { r.link("../../../..", "x") }, reference: "#:x", want: "escapes"},
		{name: "a link to a directory", make: func(r *repository) { r.link("/etc", "x") }, reference: "#:x/passwd", want: "escapes"},
		{name: "a chain of links", make: func(r *repository) { r.link("/etc", "x"); r.link("x/passwd", "compose.yaml") }, want: "escapes"},
		{name: "a link to itself", make: func(r *repository) { r.link("compose.yaml", "compose.yaml") }, want: "too many"},
		{name: "a directory of that name", make: func(r *repository) { r.write("compose.yaml/x", "") }, want: "not a regular file"},
		{name: "no Compose file", make: func(r *repository) { r.write("x", "") }, want: "no Compose file"},
		{name: "no such directory", make: func(r *repository) { r.write("x", "") }, reference: "#:y", want: "y: no such file"},
		{name: "no such branch", make: func(r *repository) { r.write("x", "") }, reference: "#y", want: "does not contain ref y"},
		{
			name: "a submodule that is an option", make: func(r *repository) {
				r.write("compose.yaml", "name: x\n")
				r.write(".gitmodules", "[submodule \"x\"]\n\tpath = x\n\turl = --upload-pack=touch pwned\n")
			}, want: "gitmodulesUrl",
		},
		{
			name: "an address that the configuration turns into a command", make: func(r *repository) { r.write("compose.yaml", "name: x\n") },
			env:  []string{"GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=url.ext::sh -c touch% pwned %.insteadOf", "GIT_CONFIG_VALUE_0=http://"},
			want: "transport 'ext' not allowed",
		},
		{
			name: "an address that the configuration turns into a path", make: func(r *repository) { r.write("compose.yaml", "name: x\n") },
			env:  []string{"GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=url./.insteadOf", "GIT_CONFIG_VALUE_0=http://", "GIT_ALLOW_PROTOCOL=file:http"},
			want: "transport 'file' not allowed",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newRepository(t)
			test.make(r)
			r.commit()
			t.Chdir(r.home)
			path, err := r.loader(remote.Ask, test.env...).Fetch(t.Context(), r.address+test.reference)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %q and error %v, want %q", path, err, test.want)
			}
			if found := files(t, r.home); len(found) > 0 {
				t.Errorf("these files were written: %q", found)
			}
		})
	}
}

// TestNothingRuns: neither hooks of the user's templates nor submodules nor the
// repository that gocompose was started in have a part in a checkout.
func TestNothingRuns(t *testing.T) {
	r := newRepository(t)
	r.write("compose.yaml", "name: x\n")
	r.write(".gitmodules", "[submodule \"x\"]\n\tpath = sub\n\turl = http://127.0.0.1:1/none.git\n")
	r.commit()
	commit := r.git("rev-parse", "HEAD")
	r.git("update-index", "--add", "--cacheinfo", "160000,"+commit+",sub")
	r.git("commit", "--quiet", "-m", "submodule")
	hook := filepath.Join(r.home, "template", "hooks", "post-checkout")
	if err := os.MkdirAll(filepath.Dir(hook), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(hook, []byte("#!/bin/sh\ntouch "+r.home+"/pwned\n"), 0o700); err != nil { //nolint:gosec // a hook is run
		t.Fatal(err)
	}
	loader := r.loader(remote.Ask, "GIT_TEMPLATE_DIR="+filepath.Join(r.home, "template"), "GIT_DIR=/nonexistent", "GIT_WORK_TREE="+r.home,
		"GIT_CONFIG_COUNT=3", "GIT_CONFIG_KEY_0=core.hooksPath", "GIT_CONFIG_VALUE_0="+filepath.Dir(hook),
		"GIT_CONFIG_KEY_1=submodule.recurse", "GIT_CONFIG_VALUE_1=true",
		"GIT_CONFIG_KEY_2=init.templateDir", "GIT_CONFIG_VALUE_2="+filepath.Join(r.home, "template"))
	if got := fetch(t, loader, r.address); got != "name: x\n" {
		t.Error(got)
	}
	if _, err := os.Stat(filepath.Join(r.home, "pwned")); err == nil {
		t.Error("a hook has run")
	}
	if _, err := os.Stat(filepath.Join(r.home, "compose.yaml")); err == nil {
		t.Error("the files are in another place")
	}
}
