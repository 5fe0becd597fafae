package engine_test

import (
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/docker/docker/api/types/registry"

	"github.com/gocompose/gocompose/internal/engine"
)

// helpers puts credential helpers on the PATH. Each knows one registry.
func helpers(t *testing.T, answers map[string]string) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the helpers of this test are shell scripts")
	}
	dir := t.TempDir()
	for name, answer := range answers {
		script := "#!/bin/sh\nread -r server\ncase $server in\n" + answer + "\n*) echo 'credentials not found in native keychain'; exit 1 ;;\nesac\n"
		if err := os.WriteFile(filepath.Join(dir, "docker-credential-"+name), []byte(script), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
}

func TestRegistryAuth(t *testing.T) {
	helpers(t, map[string]string{
		"store":  `ghcr.io) echo '{"Username":"me","Secret":"s3"}' ;;` + "\n" + `https://index.docker.io/v1/) echo '{"Username":"<token>","Secret":"tok"}' ;;`,
		"broken": `*) echo oops >&2; exit 3 ;;`,
	})
	plain := func(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }
	for _, test := range []struct {
		name   string
		config engine.Config
		image  string
		want   registry.AuthConfig
		fails  string
	}{
		{name: "nothing known", image: "redis:7"},
		{
			name:   "from the file",
			config: engine.Config{Auths: map[string]engine.AuthEntry{"https://index.docker.io/v1/": {Auth: plain("me:p:w")}}},
			image:  "redis:7",
			want:   registry.AuthConfig{Username: "me", Password: "p:w", ServerAddress: "https://index.docker.io/v1/"},
		},
		{
			name:   "from the file, written with a scheme",
			config: engine.Config{Auths: map[string]engine.AuthEntry{"https://reg.example.com:5000/v2/": {IdentityToken: "tok"}}},
			image:  "reg.example.com:5000/app",
			want:   registry.AuthConfig{IdentityToken: "tok", ServerAddress: "reg.example.com:5000"},
		},
		{
			name:   "from the store",
			config: engine.Config{CredsStore: "store"},
			image:  "ghcr.io/acme/app:1",
			want:   registry.AuthConfig{Username: "me", Password: "s3", ServerAddress: "ghcr.io"},
		},
		{
			name:   "a token from the store",
			config: engine.Config{CredsStore: "store"},
			image:  "acme/app",
			want:   registry.AuthConfig{IdentityToken: "tok", ServerAddress: "https://index.docker.io/v1/"},
		},
		{
			name:   "a helper of its own",
			config: engine.Config{CredsStore: "broken", CredHelpers: map[string]string{"ghcr.io": "store"}},
			image:  "ghcr.io/acme/app:1",
			want:   registry.AuthConfig{Username: "me", Password: "s3", ServerAddress: "ghcr.io"},
		},
		{
			name: "a helper of Docker Hub by its address",
			config: engine.Config{CredsStore: "broken", CredHelpers: map[string]string{
				"https://index.docker.io/v1/": "store"}},
			image: "acme/app",
			want:  registry.AuthConfig{IdentityToken: "tok", ServerAddress: "https://index.docker.io/v1/"},
		},
		{
			name: "from the environment, before all others",
			config: engine.Config{CredsStore: "broken", GivenAuths: map[string]engine.AuthEntry{
				"ghcr.io": {Auth: plain("you:there")}}},
			image: "ghcr.io/acme/app:1",
			want:  registry.AuthConfig{Username: "you", Password: "there", ServerAddress: "ghcr.io"},
		},
		{name: "unknown to the store", config: engine.Config{CredsStore: "store"}, image: "quay.io/app"},
		{name: "helper fails", config: engine.Config{CredsStore: "broken"}, image: "app", fails: "oops"},
		{name: "no such helper", config: engine.Config{CredsStore: "none"}, image: "app", fails: "docker-credential-none"},
		{name: "not base64", config: engine.Config{Auths: map[string]engine.AuthEntry{"x.io": {Auth: "?"}}}, image: "x.io/a", fails: "docker login"},
		{name: "bad reference", image: "UPPER:case:x", fails: "image reference"},
	} {
		t.Run(test.name, func(t *testing.T) {
			header, err := test.config.RegistryAuth(t.Context(), test.image)
			if test.fails != "" {
				if err == nil || !strings.Contains(err.Error(), test.fails) {
					t.Fatalf("error %v, want %q", err, test.fails)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			var got registry.AuthConfig
			if header != "" {
				decoded, err := base64.URLEncoding.DecodeString(header)
				if err != nil {
					t.Fatal(err)
				}
				if err := json.Unmarshal(decoded, &got); err != nil {
					t.Fatal(err)
				}
			}
			if got != test.want {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestCredentialsInTheEnvironment(t *testing.T) {
	dir := dockerDir(t, map[string]string{"config.json": `{"auths": {"a.io": {"identitytoken": "file"}, "b.io": {"identitytoken": "file"}}}`})
	config, err := engine.LoadConfig(environment(t, map[string]string{
		"DOCKER_AUTH_CONFIG": `{"auths": {"a.io": {"identitytoken": "given"}}}`,
	}), dir)
	if err != nil {
		t.Fatal(err)
	}
	if config.GivenAuths["a.io"].IdentityToken != "given" || config.Auths["b.io"].IdentityToken != "file" {
		t.Errorf("got %+v", config)
	}
	_, err = engine.LoadConfig(environment(t, map[string]string{"DOCKER_AUTH_CONFIG": "secret{"}), dir)
	if err == nil || !strings.Contains(err.Error(), "DOCKER_AUTH_CONFIG is not JSON") || strings.Contains(err.Error(), "secret") {
		t.Errorf("error %v", err)
	}
}
