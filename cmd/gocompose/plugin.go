package main

import (
	"context"
	"encoding/json"
	"io"
	"net"

	"github.com/urfave/cli/v2"
)

// socketVariable is where the docker command tells a plugin the address of a
// socket. It closes the connection to have the plugin end.
const socketVariable = "DOCKER_CLI_PLUGIN_SOCKET"

// pluginCommands are what the docker command asks each of its plugins.
func (p *program) pluginCommands() []*cli.Command {
	return []*cli.Command{
		{Name: "docker-cli-plugin-metadata", Hidden: true, Action: p.describePlugin},
		// After a command that failed, hooks may print advice. There is none.
		{Name: "docker-cli-plugin-hooks", Hidden: true, ArgsUsage: "[JSON]", Action: func(*cli.Context) error { return nil }},
	}
}

// describePlugin writes what makes the docker command take the program for a
// plugin, and what docker info and docker --help say of it.
func (p *program) describePlugin(*cli.Context) error {
	out := json.NewEncoder(p.Stdout)
	out.SetIndent("", "  ")
	return out.Encode(struct {
		SchemaVersion    string
		Vendor           string
		Version          string
		ShortDescription string
		URL              string
	}{"0.1.0", ownName, tagName(versionString()), appUsage, "https://github.com/gocompose/gocompose"})
}

// heedDocker calls hangUp when the docker command that called the program wants
// it to end, or has ended itself. The returned function ends the listening.
func (p *program) heedDocker(ctx context.Context, hangUp func()) (stop func()) {
	address := p.getenv(socketVariable)
	if !p.calling.plugin || address == "" {
		return func() {}
	}
	conn, err := new(net.Dialer).DialContext(ctx, "unix", address)
	if err != nil {
		return func() {} // then signals have to do
	}
	go func() {
		_, _ = io.Copy(io.Discard, conn) // however it ends
		hangUp()
	}()
	return func() { _ = conn.Close() }
}
