package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/gocompose/gocompose/internal/engine"
	"github.com/gocompose/gocompose/project"
)

// withAPISocket gives services with use_api_socket what they ask for. Who only
// looks at a plan needs no credentials for that.
func (p *program) withAPISocket(ctx context.Context, loaded *project.Project, e *engine.Client) (*project.Project, error) {
	if !loaded.UsesAPISocket() {
		return loaded, nil
	}
	path, local := strings.CutPrefix(e.Host(), "unix://")
	if !local {
		return nil, fmt.Errorf("use_api_socket can only be used with unix sockets: docker endpoint %s is incompatible", e.Host())
	}
	if p.onlyShow() {
		return loaded.WithAPISocket(path, ""), nil
	}
	configuration, err := e.Config().AllCredentials(ctx)
	if err != nil {
		p.warn("use_api_socket: " + strings.ReplaceAll(err.Error(), "\n", "; "))
	}
	return loaded.WithAPISocket(path, configuration), nil
}
