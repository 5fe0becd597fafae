package engine

import (
	"context"

	"github.com/docker/docker/client"

	"github.com/gocompose/gocompose/internal/spec"
)

// Options say which engine to connect to. The zero Options follow the
// environment: DOCKER_HOST, DOCKER_CONTEXT, the docker command's configuration.
type Options struct {
	// Getenv looks up environment variables; nil means os.Getenv.
	Getenv func(string) string
	// UserAgent is sent with every request.
	UserAgent string
	// Connections is how many idle connections are kept, at least as many as
	// requests are made at a time; 0 means 32.
	Connections int
}

// Client is a connection to one engine.
type Client struct {
	api      *client.Client
	features spec.Features
	host     string
}

// Connect finds the engine and negotiates the API version.
func Connect(ctx context.Context, o Options) (*Client, error) {
	return nil, ctx.Err()
}

// API is the client to make requests with.
func (c *Client) API() *client.Client { return c.api }

// Features is what the engine can do at the negotiated API version.
func (c *Client) Features() spec.Features { return c.features }

// Host is the address of the engine, as in DOCKER_HOST.
func (c *Client) Host() string { return c.host }

// Close closes idle connections.
func (c *Client) Close() error { return c.api.Close() }
