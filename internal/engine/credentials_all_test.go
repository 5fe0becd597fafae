package engine_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gocompose/gocompose/internal/engine"
)

// TestAllCredentials collects what the file, the common helper and those of
// single registries have. One that fails keeps the others from nothing.
func TestAllCredentials(t *testing.T) {
	helpers(t, map[string]string{
		"store":  `{}) echo '{"in.store":"me"}' ;;` + "\n" + `in.store) echo '{"Username":"<token>","Secret":"tok"}' ;;`,
		"one":    `own.helper) echo '{"Username":"me","Secret":"s3"}' ;;`,
		"broken": `*) echo oops >&2; exit 3 ;;`,
	})
	for _, test := range []struct {
		name    string
		config  engine.Config
		want    map[string]any
		failing string
	}{
		{"nothing", engine.Config{}, map[string]any{}, ""},
		{
			"file and helpers",
			engine.Config{
				Auths:       map[string]engine.AuthEntry{"in.file": {Auth: "bWU6cHc="}, "empty.file": {}},
				CredHelpers: map[string]string{"own.helper": "one", "fails": "broken"},
			},
			map[string]any{"in.file": map[string]any{"auth": "bWU6cHc="}, "own.helper": map[string]any{"auth": "bWU6czM="}},
			"credentials for fails: docker-credential-broken: exit status 3 oops",
		},
		{"store", engine.Config{CredsStore: "missing"}, map[string]any{}, "docker-credential-missing"},
	} {
		t.Run(test.name, func(t *testing.T) {
			text, err := test.config.AllCredentials(t.Context())
			if (err != nil) != (test.failing != "") || err != nil && !strings.Contains(err.Error(), test.failing) {
				t.Errorf("error %v, want %q", err, test.failing)
			}
			var got struct{ Auths map[string]any }
			if err := json.Unmarshal([]byte(text), &got); err != nil {
				t.Fatal(err, text)
			}
			if diff := cmp.Diff(test.want, got.Auths); diff != "" {
				t.Error(diff)
			}
		})
	}
}
