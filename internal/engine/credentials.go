package engine

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strings"

	"github.com/distribution/reference"
	"github.com/docker/docker/api/types/registry"
)

// Docker Hub is known under its old address in the configuration.
const (
	hubDomain = "docker.io"
	hubServer = "https://index.docker.io/v1/"
)

// RegistryAuth is the X-Registry-Auth header for pulling the image: what docker
// login left for its registry. It is empty where there is nothing.
func (c Config) RegistryAuth(ctx context.Context, image string) (string, error) {
	ref, err := reference.ParseNormalizedNamed(image)
	if err != nil {
		return "", fmt.Errorf("image reference %q: %w", image, err)
	}
	auth, err := c.Credentials(ctx, reference.Domain(ref))
	if err != nil || auth == (registry.AuthConfig{}) {
		return "", err
	}
	return registry.EncodeAuthConfig(auth)
}

// Credentials are what docker login left for a registry, given by host; zero
// where there is nothing.
func (c Config) Credentials(ctx context.Context, host string) (registry.AuthConfig, error) {
	server := host
	if slices.Contains([]string{hubDomain, "registry-1." + hubDomain, "index." + hubDomain}, host) {
		server = hubServer
	}
	auth, err := c.credentials(ctx, server)
	if err != nil {
		return registry.AuthConfig{}, fmt.Errorf("credentials for %s: %w", server, err)
	}
	if auth != (registry.AuthConfig{}) {
		auth.ServerAddress = server
	}
	return auth, nil
}

// credentials looks into DOCKER_AUTH_CONFIG, then asks the helper for that
// registry, then the common one, then looks into the file.
func (c Config) credentials(ctx context.Context, server string) (registry.AuthConfig, error) {
	if entry, ok := find(c.GivenAuths, server); ok {
		return entry.decode()
	}
	if helper := cmp.Or(c.CredHelpers[server], c.CredHelpers[hostOf(server)]); helper != "" {
		return askHelper(ctx, helper, server)
	}
	if c.CredsStore != "" {
		return askHelper(ctx, c.CredsStore, server)
	}
	if entry, ok := find(c.Auths, server); ok {
		return entry.decode()
	}
	return registry.AuthConfig{}, nil
}

// find also takes entries that were written with a scheme or a path.
func find(auths map[string]AuthEntry, server string) (AuthEntry, bool) {
	host := hostOf(server)
	for _, form := range []string{server, host, "https://" + host, "http://" + host, "https://" + host + "/v1/", "https://" + host + "/v2/", host + "/v1/"} {
		if entry, ok := auths[form]; ok {
			return entry, true
		}
	}
	return AuthEntry{}, false
}

func hostOf(server string) string {
	server = strings.TrimPrefix(strings.TrimPrefix(server, "https://"), "http://")
	host, _, _ := strings.Cut(server, "/")
	return host
}

func (e AuthEntry) decode() (registry.AuthConfig, error) {
	auth := registry.AuthConfig{IdentityToken: e.IdentityToken, RegistryToken: e.RegistryToken}
	if e.Auth == "" {
		return auth, nil
	}
	decoded, err := base64.StdEncoding.DecodeString(e.Auth)
	if err != nil {
		return auth, errors.New("the docker configuration holds an entry that is not base64; run docker login again")
	}
	user, password, ok := strings.Cut(strings.TrimRight(string(decoded), "\x00"), ":")
	if !ok {
		return auth, errors.New("the docker configuration holds an entry without a password; run docker login again")
	}
	auth.Username, auth.Password = user, password
	return auth, nil
}

// Words of the credential helper protocol (docker-credential-helpers).
const (
	helperNotFound  = "credentials not found"
	helperTokenUser = "<token>"
)

// askHelper asks docker-credential-HELPER for the credentials of a registry.
func askHelper(ctx context.Context, helper, server string) (registry.AuthConfig, error) {
	cmd := exec.CommandContext(ctx, "docker-credential-"+helper, "get")
	cmd.Stdin = strings.NewReader(server)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		said := strings.TrimSpace(stdout.String() + stderr.String())
		if strings.Contains(said, helperNotFound) {
			return registry.AuthConfig{}, nil
		}
		return registry.AuthConfig{}, fmt.Errorf("docker-credential-%s: %w %s", helper, err, said)
	}
	var answer struct{ Username, Secret string }
	if err := json.Unmarshal(stdout.Bytes(), &answer); err != nil {
		return registry.AuthConfig{}, fmt.Errorf("docker-credential-%s gave no JSON", helper)
	}
	if answer.Username == helperTokenUser {
		return registry.AuthConfig{IdentityToken: answer.Secret}, nil
	}
	return registry.AuthConfig{Username: answer.Username, Password: answer.Secret}, nil
}
