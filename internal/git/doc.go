// Package git brings one commit of a git repository to this machine, with the
// git program. Nothing that the repository holds is run on the way: no hooks,
// no submodules, and no transport but those that fetch over a network.
package git

import (
	"errors"
	"fmt"
	"net/url"
	"path"
	"strings"
)

// Reference names a file or directory in a repository.
type Reference struct {
	Remote string // as git takes it
	Ref    string // branch, tag, name below refs/, or commit
	Subdir string // slash-separated, in the repository; may be empty
}

// Parse reads a reference in the forms of docker compose: ADDRESS#REF:SUBDIR,
// and ADDRESS?ref=REF&subdir=SUBDIR.
func Parse(text string) (Reference, error) {
	address, fragment, _ := strings.Cut(text, "#")
	ref, subdir, _ := strings.Cut(fragment, ":")
	r := Reference{Ref: ref, Subdir: subdir}
	var err error
	if r.Remote, err = r.remote(address); err != nil {
		return Reference{}, err
	}
	if r.Ref == "" {
		r.Ref = "HEAD"
	}
	if err := checkRef(r.Ref); err != nil {
		return Reference{}, err
	}
	return r, checkSubdir(r.Subdir)
}

// remote checks the address, and takes a query out of it.
func (r *Reference) remote(address string) (string, error) {
	if strings.HasPrefix(address, "-") || hasControl(address) {
		return "", fmt.Errorf("git repository %q: not an address", address)
	}
	if strings.HasPrefix(address, "github.com/") {
		address = "https://" + address
	}
	if !strings.Contains(address, "://") {
		login, at, ok := strings.Cut(address, ":")
		if !ok || at == "" || strings.HasPrefix(at, ":") || strings.HasPrefix(login, "-") || strings.Contains(login, "/") {
			return "", fmt.Errorf("git repository %q: not an address", address)
		}
		return address, nil
	}
	u, err := url.Parse(address)
	if err != nil {
		return "", errors.New("git repository: not an address") // it may hold a password
	}
	switch {
	case u.Hostname() == "" || strings.HasPrefix(u.Hostname(), "-") || strings.HasPrefix(u.User.Username(), "-"):
		return "", fmt.Errorf("git repository %s: names no host", u.Redacted())
	case u.Scheme == "git" || u.Scheme == "ssh":
	case u.Scheme != "http" && u.Scheme != "https":
		return "", fmt.Errorf("git repository %s: fetched over https, http, ssh and git only", u.Redacted())
	case !strings.HasSuffix(u.Path, ".git") && u.Hostname() != "github.com":
		return "", fmt.Errorf("remote Compose file %s: the address of a git repository ends in .git, and one of an artifact begins with oci://", u.Redacted())
	}
	if err := r.query(u); err != nil {
		return "", err
	}
	u.RawQuery = ""
	return u.String(), nil
}

// query takes what the address says of ref and directory.
func (r *Reference) query(u *url.URL) error {
	for key, values := range u.Query() {
		switch key {
		case "ref", "branch", "tag", "commit":
			r.Ref = values[0]
		case "subdir":
			r.Subdir = values[0]
		default:
			return fmt.Errorf("git repository %s: unknown parameter %q; there are ref, branch, tag, commit and subdir", u.Redacted(), key)
		}
	}
	return nil
}

func hasControl(text string) bool {
	return strings.ContainsFunc(text, func(c rune) bool { return c < ' ' || c == 0x7f })
}

// checkRef follows git check-ref-format, which also keeps options and
// expressions out.
func checkRef(ref string) error {
	bad := strings.HasPrefix(ref, "-") || strings.HasPrefix(ref, "/") || strings.HasSuffix(ref, "/") ||
		strings.HasPrefix(ref, ".") || strings.HasSuffix(ref, ".") || strings.HasSuffix(ref, ".lock") ||
		strings.ContainsAny(ref, " ~^:?*[\\") || hasControl(ref)
	for _, part := range []string{"..", "//", "/.", "@{", ".lock/"} {
		bad = bad || strings.Contains(ref, part)
	}
	if bad {
		return fmt.Errorf("git ref %q: not the name of a branch, tag or commit", ref)
	}
	return nil
}

// checkSubdir refuses what is not plainly below the top of the repository. What
// symbolic links make of it is known only when it is there.
func checkSubdir(subdir string) error {
	if subdir == "" {
		return nil
	}
	clean := path.Clean(subdir)
	if strings.HasPrefix(clean, "/") || clean == ".." || strings.HasPrefix(clean, "../") ||
		strings.ContainsAny(subdir, `\:`) || hasControl(subdir) {
		return fmt.Errorf("git subdirectory path traversal detected: %q is not below the top of the repository", subdir)
	}
	for part := range strings.SplitSeq(clean, "/") {
		if strings.EqualFold(part, ".git") {
			return fmt.Errorf("git subdirectory %q: not a part of the repository", subdir)
		}
	}
	return nil
}

// Shown is the address without a password.
func (r Reference) Shown() string {
	if u, err := url.Parse(r.Remote); err == nil {
		return u.Redacted()
	}
	return r.Remote
}

// IsCommit tells of a full commit ID, SHA-1 or SHA-256.
func IsCommit(ref string) bool {
	const sha1, sha256 = 40, 64
	return (len(ref) == sha1 || len(ref) == sha256) && strings.Trim(ref, "0123456789abcdef") == ""
}
