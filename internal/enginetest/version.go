package enginetest

import (
	"fmt"

	"github.com/docker/docker/api/types/versions"
)

// The API versions this package can stand for.
const (
	// OldestAPIVersion is the API of Engine 20.10.
	OldestAPIVersion = "1.41"
	// LatestAPIVersion is the API of Engine 28.5, the newest the client speaks.
	LatestAPIVersion = "1.51"
)

// release describes one engine line by the newest API version it serves.
type release struct {
	engine string
	oldest string // oldest API version served by default
}

// releaseOf tells which engine first served apiVersion as its newest.
func releaseOf(apiVersion string) (release, error) {
	releases := map[string]release{
		"1.41": {"20.10.24", "1.12"},
		"1.42": {"23.0.6", "1.12"},
		"1.43": {"24.0.9", "1.12"},
		"1.44": {"25.0.6", "1.24"},
		"1.45": {"26.1.5", "1.24"},
		"1.46": {"27.1.2", "1.24"},
		"1.47": {"27.5.1", "1.24"},
		"1.48": {"28.0.4", "1.24"},
		"1.49": {"28.1.1", "1.24"},
		"1.50": {"28.3.3", "1.24"},
		"1.51": {"28.5.2", "1.24"},
	}
	r, ok := releases[apiVersion]
	if !ok {
		return release{}, fmt.Errorf("no engine with API version %q is known: use %s to %s", apiVersion, OldestAPIVersion, LatestAPIVersion)
	}
	return r, nil
}

// serves reports whether the engine itself is new enough to know what came with
// apiVersion, whatever version a request speaks.
func (e *Engine) serves(apiVersion string) bool {
	return versions.GreaterThanOrEqualTo(e.apiVersion, apiVersion)
}

// speaks reports whether the request was made in apiVersion or a newer one.
func (r *request) speaks(apiVersion string) bool {
	return versions.GreaterThanOrEqualTo(r.version, apiVersion)
}

// checkVersion refuses API versions outside the engine's window.
func (e *Engine) checkVersion(version string) error {
	if versions.LessThan(version, e.minAPIVersion) {
		return invalid("client version %s is too old. Minimum supported API version is %s, please upgrade your client to a newer version", version, e.minAPIVersion)
	}
	if versions.GreaterThan(version, e.apiVersion) {
		return invalid("client version %s is too new. Maximum supported API version is %s", version, e.apiVersion)
	}
	return nil
}
