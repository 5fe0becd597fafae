package main

import (
	"context"

	"github.com/gocompose/gocompose/internal/engine"
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
			Getenv: p.getenv, UserAgent: "gocompose/" + versionString(),
		})
	}()
	return d
}

// engine waits for the connection.
func (d *dialing) engine() (*engine.Client, error) {
	<-d.done
	return d.client, d.err
}
