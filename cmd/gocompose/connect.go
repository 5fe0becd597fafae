package main

import (
	"context"

	"github.com/gocompose/gocompose/internal/engine"
	"github.com/gocompose/gocompose/project"
	"github.com/gocompose/gocompose/runtime"
)

// dialing is a connection to the engine that is being made.
type dialing struct {
	done   chan struct{}
	client *engine.Client
	err    error
}

// dial starts to connect, so that the files can be read meanwhile.
func (p *program) dial(ctx context.Context) *dialing {
	d := &dialing{done: make(chan struct{})}
	go func() {
		defer close(d.done)
		d.client, d.err = engine.Connect(ctx, engine.Options{
			Getenv: p.getenv, Flags: p.globals.docker.Flags, UserAgent: "gocompose/" + versionString(),
		})
	}()
	return d
}

// engine waits for the connection.
func (d *dialing) engine() (*engine.Client, error) {
	<-d.done
	return d.client, d.err
}

// reach finds the project and connects to the engine, side by side. Services
// that the project's files lack are refused.
func (p *program) reach(ctx context.Context, services ...string) (target, *engine.Client, error) {
	dialing := p.dial(ctx)
	found, err := p.locate(ctx, services, project.WithoutDependencies)
	if err != nil {
		return target{}, nil, err
	}
	e, err := dialing.engine()
	return found, e, err
}

// running finds the running container of a service that a command is about.
func (p *program) running(ctx context.Context, service string, index int) (*engine.Client, runtime.Listed, error) {
	found, e, err := p.reach(ctx)
	if err != nil {
		return nil, runtime.Listed{}, err
	}
	c, err := runtime.FindRunning(ctx, e, runtime.Member{Project: found.name, Service: service, Number: index})
	return e, c, err
}
