package enginetest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"

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
		"1.50": {"28.2.2", "1.24"},
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

// wording picks between texts: that of engines from apiVersion on, and the older.
func (e *Engine) wording(apiVersion, text, older string) string {
	if e.serves(apiVersion) {
		return text
	}
	return older
}

// answer makes a JSON reply without the fields that only newer engines have.
func (e *Engine) answer(v any) (*reply, error) {
	unknown := map[string]bool{}
	for field, since := range map[string]string{"DNSNames": "1.44", "EnableIPv4": "1.48", "GwPriority": "1.48"} {
		if !e.serves(since) {
			unknown[field] = true
		}
	}
	rep, err := answer(http.StatusOK, v)
	if err != nil || len(unknown) == 0 {
		return rep, err
	}
	var parsed any
	dec := json.NewDecoder(bytes.NewReader(rep.body))
	dec.UseNumber()
	if err := dec.Decode(&parsed); err != nil {
		return nil, systemError("cannot encode the answer: %v", err)
	}
	return answer(http.StatusOK, without(parsed, unknown))
}

// without takes fields out of parsed JSON, at any depth.
func without(v any, fields map[string]bool) any {
	switch v := v.(type) {
	case map[string]any:
		for key := range v {
			if fields[key] {
				delete(v, key)
				continue
			}
			v[key] = without(v[key], fields)
		}
	case []any:
		for i := range v {
			v[i] = without(v[i], fields)
		}
	}
	return v
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
