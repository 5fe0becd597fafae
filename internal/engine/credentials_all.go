package engine

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os/exec"
	"slices"

	"github.com/docker/docker/api/types/registry"
)

// AllCredentials is a docker configuration with the credentials for every
// registry that this one has some for, as JSON. Where some cannot be had, the
// rest is returned with an error.
func (c Config) AllCredentials(ctx context.Context) (string, error) {
	known, missed := c.KnownCredentials(ctx)
	auths := map[string]storedAuth{}
	for server, auth := range known {
		auths[server] = store(auth)
	}
	text, err := json.MarshalIndent(map[string]any{"auths": auths}, "", "\t")
	return string(text), errors.Join(missed, err)
}

// KnownCredentials are those for every registry that the docker configuration
// has some for. Where some cannot be had, the rest is returned with an error.
func (c Config) KnownCredentials(ctx context.Context) (map[string]registry.AuthConfig, error) {
	servers, err := c.servers(ctx)
	errs := []error{err}
	known := map[string]registry.AuthConfig{}
	for _, server := range servers {
		auth, err := c.credentials(ctx, server)
		if err != nil {
			errs = append(errs, fmt.Errorf("credentials for %s: %w", server, err))
		} else if auth != (registry.AuthConfig{}) {
			known[server] = auth
		}
	}
	return known, errors.Join(errs...)
}

// servers lists the registries that there are credentials for, in name order.
func (c Config) servers(ctx context.Context) ([]string, error) {
	known := map[string]bool{}
	for server := range c.Auths {
		known[server] = true
	}
	for server := range c.GivenAuths {
		known[server] = true
	}
	for server := range c.CredHelpers {
		known[server] = true
	}
	var err error
	if c.CredsStore != "" {
		var list map[string]string
		if list, err = listHelper(ctx, c.CredsStore); err == nil {
			for server := range list {
				known[server] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(known)), err
}

// listHelper asks docker-credential-HELPER for the registries that it knows,
// with their users.
func listHelper(ctx context.Context, helper string) (map[string]string, error) {
	cmd := exec.CommandContext(ctx, "docker-credential-"+helper, "list")
	var stdout bytes.Buffer
	cmd.Stdout = &stdout
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("docker-credential-%s: %w", helper, err)
	}
	var list map[string]string
	if err := json.Unmarshal(stdout.Bytes(), &list); err != nil {
		return nil, fmt.Errorf("docker-credential-%s gave no JSON", helper)
	}
	return list, nil
}

// storedAuth is an [AuthEntry] as docker login writes it.
type storedAuth struct {
	Auth          string `json:"auth,omitempty"`
	IdentityToken string `json:"identitytoken,omitempty"`
	RegistryToken string `json:"registrytoken,omitempty"`
}

func store(auth registry.AuthConfig) storedAuth {
	stored := storedAuth{IdentityToken: auth.IdentityToken, RegistryToken: auth.RegistryToken}
	if auth.Username != "" || auth.Password != "" {
		stored.Auth = base64.StdEncoding.EncodeToString([]byte(auth.Username + ":" + auth.Password))
	}
	return stored
}
