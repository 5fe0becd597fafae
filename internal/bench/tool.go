//go:build linux

package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

// tool is a contestant that is a program: gocompose or docker-compose.
type tool struct {
	name string
	path string
	// config is a docker configuration to use; empty means the user's. docker-compose finds its buildx
	// there.
	config string
}

// run runs the program against the engine at host and returns how long it took, from before it is
// started until it has ended.
func (t tool) run(ctx context.Context, host string, args ...string) (time.Duration, error) {
	return timeCommand(t.command(ctx, host, t.path, args...))
}

func (t tool) command(ctx context.Context, host, path string, args ...string) *exec.Cmd {
	command := exec.CommandContext(ctx, path, args...)
	command.Env = append(os.Environ(), "DOCKER_HOST="+host, "COMPOSE_FILE=", "COMPOSE_PROJECT_NAME=", "COMPOSE_PROFILES=")
	if t.config != "" {
		command.Env = append(command.Env, "DOCKER_CONFIG="+t.config)
	}
	return command
}

func timeCommand(command *exec.Cmd) (time.Duration, error) {
	var output bytes.Buffer
	command.Stdout = &output
	return timeErrors(command, &output)
}

// timeDiscarding is timeCommand for output that is too much to keep.
func timeDiscarding(command *exec.Cmd) (time.Duration, error) {
	return timeErrors(command, &bytes.Buffer{})
}

func timeErrors(command *exec.Cmd, output *bytes.Buffer) (time.Duration, error) {
	command.Stderr = output
	start := time.Now()
	err := command.Run()
	took := time.Since(start)
	if err != nil {
		return took, fmt.Errorf("%s: %w\n%s", strings.Join(command.Args, " "), err, output.String())
	}
	return took, nil
}
