package build

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	clitypes "github.com/docker/cli/cli/config/types"
	"github.com/moby/buildkit/session"
	"github.com/moby/buildkit/session/auth/authprovider"
	"github.com/moby/buildkit/session/secrets/secretsprovider"
	"github.com/moby/buildkit/session/sshforward/sshprovider"

	"github.com/gocompose/gocompose/internal/engine"
)

// attachables are what the builder may ask this machine for: credentials of
// registries, secrets and agents. It fails early where one of them is not there.
func (d *Definition) attachables(config engine.Config) ([]session.Attachable, error) {
	attached := []session.Attachable{credentialsOf(config)}
	if len(d.Secrets) > 0 {
		values := map[string][]byte{}
		for _, secret := range d.Secrets {
			value, err := secret.read()
			if err != nil {
				return nil, fmt.Errorf("build secret %s: %w", secret.ID, err)
			}
			values[secret.ID] = value
		}
		attached = append(attached, secretsprovider.FromMap(values))
	}
	agents, err := d.agents()
	if err != nil {
		return nil, err
	}
	if len(agents) > 0 {
		provider, err := sshprovider.NewSSHAgentProvider(agents)
		if err != nil {
			return nil, fmt.Errorf("ssh for the build: %w", err)
		}
		attached = append(attached, provider)
	}
	return attached, nil
}

func (s Secret) read() ([]byte, error) {
	if s.File == "" {
		return []byte(s.Value), nil
	}
	return os.ReadFile(s.File)
}

// agents are the SSH agents and keys; the last of a name is the one that counts.
func (d *Definition) agents() ([]sshprovider.AgentConfig, error) {
	var agents []sshprovider.AgentConfig
	for _, key := range d.SSH {
		agent := sshprovider.AgentConfig{ID: key.ID}
		switch {
		case key.Path != "":
			agent.Paths = strings.Split(key.Path, ",")
		case os.Getenv("SSH_AUTH_SOCK") == "":
			return nil, fmt.Errorf("ssh for the build: %s needs an SSH agent, and SSH_AUTH_SOCK is not set; start one, or give a key: %s=PATH", key.ID, key.ID)
		}
		agents = slices.DeleteFunc(agents, func(a sshprovider.AgentConfig) bool { return a.ID == agent.ID })
		agents = append(agents, agent)
	}
	return agents, nil
}

// credentialsOf lets the builder pull and push with what docker login left.
func credentialsOf(config engine.Config) session.Attachable {
	return authprovider.NewDockerAuthProvider(authprovider.DockerAuthProviderConfig{
		AuthConfigProvider: func(ctx context.Context, host string, _ []string, _ authprovider.ExpireCachedAuthCheck) (clitypes.AuthConfig, error) {
			found, err := config.Credentials(ctx, host)
			return clitypes.AuthConfig{
				Username: found.Username, Password: found.Password, ServerAddress: host,
				IdentityToken: found.IdentityToken, RegistryToken: found.RegistryToken,
			}, err
		},
	})
}
