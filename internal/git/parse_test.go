package git_test

import (
	"strings"
	"testing"

	"github.com/gocompose/gocompose/internal/git"
)

func TestParse(t *testing.T) {
	for text, want := range map[string]git.Reference{
		"https://example.com/x.git":                          {Remote: "https://example.com/x.git", Ref: "HEAD"},
		"http://example.com:3000/team/x.git#v1.2":            {Remote: "http://example.com:3000/team/x.git", Ref: "v1.2"},
		"https://example.com/x.git#main:deploy/app":          {Remote: "https://example.com/x.git", Ref: "main", Subdir: "deploy/app"},
		"https://example.com/x.git#:deploy":                  {Remote: "https://example.com/x.git", Ref: "HEAD", Subdir: "deploy"},
		"https://example.com/x.git?ref=a/b&subdir=c":         {Remote: "https://example.com/x.git", Ref: "a/b", Subdir: "c"},
		"https://u:p@example.com/x.git#refs/pull/1/head":     {Remote: "https://u:p@example.com/x.git", Ref: "refs/pull/1/head"},
		"git://example.com/x":                                {Remote: "git://example.com/x", Ref: "HEAD"},
		"ssh://git@example.com:22/x.git":                     {Remote: "ssh://git@example.com:22/x.git", Ref: "HEAD"},
		"git@github.com:team/x.git#main:a.yaml":              {Remote: "git@github.com:team/x.git", Ref: "main", Subdir: "a.yaml"},
		"github.com/team/x#main":                             {Remote: "https://github.com/team/x", Ref: "main"},
		"git://example.com/x.git#" + strings.Repeat("a", 40): {Remote: "git://example.com/x.git", Ref: strings.Repeat("a", 40)},
	} {
		got, err := git.Parse(text)
		if err != nil || got != want {
			t.Errorf("%s: got %+v, %v", text, got, err)
		}
	}
}

// TestMaliciousReferences: each is refused before git is started.
func TestMaliciousReferences(t *testing.T) {
	const repository = "https://example.com/x.git"
	for text, want := range map[string]string{
		repository + "#--upload-pack=touch /tmp/pwned": "git ref",
		repository + "#-f":                            "git ref",
		repository + "#a..b":                          "git ref",
		repository + "#a b":                           "git ref",
		repository + "#a@{1}":                         "git ref",
		repository + "#a^{commit}":                    "git ref",
		repository + "#/etc":                          "git ref",
		repository + "#a\nb":                          "git ref",
		repository + "#*":                             "git ref",
		repository + "?ref=--upload-pack%3dx":         "git ref",
		repository + "?ref=a%00b":                     "git ref",
		repository + "?config=core.sshCommand":        "unknown parameter",
		repository + "#:..":                           "path traversal",
		repository + "#:../../etc":                    "path traversal",
		repository + "#:a/../../etc":                  "path traversal",
		repository + "#:/etc":                         "path traversal",
		repository + `#:..\etc`:                       "path traversal",
		repository + `#:C:\etc`:                       "path traversal",
		repository + "#:C:/etc":                       "path traversal",
		repository + `#:\\server\share`:               "path traversal",
		repository + "#:a\x00b":                       "path traversal",
		repository + "#:.git":                         "not a part",
		repository + "#:a/.GIT/hooks":                 "not a part",
		repository + "?subdir=../x":                   "path traversal",
		"https://example.com/x.git%0a--upload-pack=x": "ends in .git",
		"https://-oProxyCommand=touch/x.git":          "",
		"ssh://-oProxyCommand=touch%20pwned/x.git":    "",
		"ssh://-oProxyCommand=x@example.com/x.git":    "names no host",
		"-oProxyCommand=touch@example.com:x":          "not an address",
		"git@example.com:":                            "not an address",
		"git@example.com::x":                          "not an address",
		"ext::sh -c touch% pwned":                     "not an address",
		"fd::17/x":                                    "not an address",
		"file:///etc/x.git":                           "names no host",
		"file://host/etc/x.git":                       "over https, http, ssh and git only",
		"ext://example.com/x.git":                     "over https, http, ssh and git only",
		"ftp://example.com/x.git":                     "over https, http, ssh and git only",
		"https:///x.git":                              "names no host",
		"https://example.com/x":                       "ends in .git",
		"":                                            "not an address",
	} {
		got, err := git.Parse(text)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %+v and error %v, want %q", text, got, err, want)
		}
	}
}

// TestPasswords are in no text for people.
func TestPasswords(t *testing.T) {
	r, err := git.Parse("https://u:secret@example.com/x.git#main")
	if err != nil || strings.Contains(r.Shown(), "secret") {
		t.Error(r.Shown(), err)
	}
	for _, bad := range []string{"https://u:secret@example.com/x", "ftp://u:secret@example.com/x.git", "https://u:secret@exa mple.com/x.git"} {
		if _, err := git.Parse(bad); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

func TestIsCommit(t *testing.T) {
	for text, want := range map[string]bool{
		strings.Repeat("0a", 20): true, strings.Repeat("f", 64): true,
		strings.Repeat("0a", 19): false, strings.Repeat("0A", 20): false, "../" + strings.Repeat("a", 37): false, "main": false,
	} {
		if git.IsCommit(text) != want {
			t.Errorf("%s: %v", text, !want)
		}
	}
}
