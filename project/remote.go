package project

import (
	"context"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
)

// IsRemote tells whether a reference to a Compose file names an OCI artifact or
// a git repository, by the forms that docker compose takes: oci://,
// http(s)://….git, git://, ssh://, user@host:path and github.com/….
func IsRemote(reference string) bool {
	for _, start := range []string{OCIScheme, "git://", "ssh://", "http://", "https://", "github.com/"} {
		if strings.HasPrefix(reference, start) {
			return true
		}
	}
	return isSCP(reference)
}

// OCIScheme starts a reference to an OCI artifact.
const OCIScheme = "oci://"

// isSCP tells of user@host:path, as git takes it from scp.
func isSCP(reference string) bool {
	login, _, ok := strings.Cut(reference, ":")
	user, host, at := strings.Cut(login, "@")
	return ok && at && isWord(user) && isWord(host)
}

// isWord tells of letters, digits, dots, dashes and underscores, the first of
// which is no dash.
func isWord(text string) bool {
	for _, c := range text {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && !strings.ContainsRune("._-", c) {
			return false
		}
	}
	return text != "" && text[0] != '-'
}

// fetch returns the absolute path of the local copy of a remote file. Each is
// fetched once for a load, so that all of it sees the same version.
func (l *location) fetch(ctx context.Context, reference string) (string, error) {
	if path, ok := l.fetched[reference]; ok {
		return path, nil
	}
	if l.options.Fetch == nil {
		return "", fmt.Errorf("remote Compose file %s is not supported: fetch it and give its local path", Redacted(reference))
	}
	path, err := l.options.Fetch(ctx, l.addressed(reference))
	if err != nil {
		return "", err
	}
	if err := checkReadable(path); err != nil {
		return "", fmt.Errorf("remote Compose file %s: %w", Redacted(reference), err)
	}
	l.fetched[reference] = path
	return path, nil
}

// addressed replaces the variables of a reference also where a model is loaded
// with its variables in place: nothing could be fetched otherwise.
func (l *location) addressed(reference string) string {
	var silent variables
	if replaced, err := silent.substitute(reference, l.env.Resolve); err == nil && l.options.NoInterpolate {
		return replaced
	}
	return reference
}

// Redacted is a reference without a password.
func Redacted(reference string) string {
	if address, err := url.Parse(reference); err == nil {
		return address.Redacted()
	}
	return reference
}

// remoteLoader hands the files on to compose-go.
type remoteLoader struct{ *location }

func (remoteLoader) Accept(reference string) bool { return IsRemote(reference) }

func (r remoteLoader) Load(ctx context.Context, reference string) (string, error) {
	return r.fetch(ctx, reference)
}

// Dir is the directory of the file; it is asked for references and for the
// paths of local copies.
func (r remoteLoader) Dir(reference string) string {
	if path, ok := r.fetched[reference]; ok {
		return filepath.Dir(path)
	}
	return reference
}
