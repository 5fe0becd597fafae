package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"

	"github.com/gocompose/gocompose/internal/distribution"
	"github.com/gocompose/gocompose/internal/engine"
	"github.com/gocompose/gocompose/internal/git"
	"github.com/gocompose/gocompose/internal/remote"
)

// envRemote says when registries and repositories are asked, for all commands.
const envRemote = "GOCOMPOSE_REMOTE"

// fetch brings a remote Compose file to this machine.
func (p *program) fetch(ctx context.Context, reference string) (string, error) {
	p.remotesOnce.Do(func() { p.remotes, p.remotesErr = p.newRemotes() })
	if p.remotesErr != nil {
		return "", p.remotesErr
	}
	path, err := p.remotes.Fetch(ctx, reference)
	if errors.Is(err, remote.ErrNotCached) {
		return "", fmt.Errorf("%w, and this command fetches none: run config -q with the same files first, or set %s=fetch", err, envRemote)
	}
	return path, err
}

func (p *program) newRemotes() (*remote.Loader, error) {
	policy, err := p.remotePolicy()
	if err != nil {
		return nil, err
	}
	return &remote.Loader{
		Cache:    remote.CacheDir(runtime.GOOS, p.getenv),
		Registry: p.registry(p.globals.insecure.Value()...),
		Git:      git.Program{Env: p.Env},
		Policy:   policy,
		Getenv:   p.getenv,
	}, nil
}

// remotePolicy is the one that the user chooses, or that of the command. What
// makes or checks an application asks what a tag stands for now. What works on
// containers that are there takes what it stood for last. What only looks at
// them fetches nothing.
func (p *program) remotePolicy() (remote.Policy, error) {
	switch value := p.getenv(envRemote); value {
	case "":
	case "fetch":
		return remote.Ask, nil
	case "cache":
		return remote.OnlyCache, nil
	default:
		return 0, usage(fmt.Sprintf("%s=%s: there are fetch and cache", envRemote, value))
	}
	if p.verb == "" {
		return remote.OnlyCache, nil // for completion
	}
	switch {
	case slices.Contains(looking(), p.verb):
		return remote.OnlyCache, nil
	case slices.Contains(handling(), p.verb):
		return remote.PreferCache, nil
	default:
		return remote.Ask, nil
	}
}

// looking are the commands that only look at what is there.
func looking() []string {
	return []string{"events", "images", "logs", "ls", "port", "ps", "stats", "top", "volumes"}
}

// handling are the commands on containers that are there.
func handling() []string {
	return []string{
		"attach", "commit", "cp", "down", "exec", "export", "kill", "pause", "restart", "rm", "start", "stop",
		"unpause", "wait",
	}
}

// registry makes a client with the credentials of docker login.
func (p *program) registry(insecure ...string) *distribution.Client {
	return &distribution.Client{
		Credentials: p.credentials,
		Insecure:    insecure,
		UserAgent:   "gocompose/" + versionString(),
	}
}

func (p *program) credentials(ctx context.Context, domain string) (distribution.Credentials, error) {
	config, err := engine.LoadConfig(p.getenv, p.globals.docker.ConfigDir)
	if err != nil {
		return distribution.Credentials{}, err
	}
	auth, err := config.Credentials(ctx, domain)
	return distribution.Credentials{
		User: auth.Username, Password: auth.Password,
		IdentityToken: auth.IdentityToken, RegistryToken: auth.RegistryToken,
	}, err
}
