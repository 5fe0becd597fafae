package engine

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/docker/docker/api/types/versions"
	"github.com/docker/docker/client"

	"github.com/gocompose/gocompose/internal/spec"
)

// MinAPIVersion is the oldest API that gocompose speaks: Engine 20.10.
const MinAPIVersion = "1.41"

// Options say which engine to connect to. The zero Options follow the
// environment: DOCKER_HOST, DOCKER_CONTEXT, the docker command's configuration.
type Options struct {
	// Getenv looks up environment variables; nil means os.Getenv.
	Getenv func(string) string
	// Flags go before the environment.
	Flags Flags
	// UserAgent is sent with every request.
	UserAgent string
	// Connections is how many idle connections are kept, at least as many as
	// requests are made at a time; 0 means 64.
	Connections int
}

// Client is a connection to one engine.
type Client struct {
	api      *client.Client
	features spec.Features
	endpoint Endpoint
	config   Config
}

// Connect finds the engine and negotiates the API version, once: the newest
// that both sides know, or the one in DOCKER_API_VERSION.
func Connect(ctx context.Context, o Options) (*Client, error) {
	if o.Getenv == nil {
		o.Getenv = os.Getenv
	}
	config, err := LoadConfig(o.Getenv, o.Flags.ConfigDir)
	if err != nil {
		return nil, err
	}
	endpoint, err := Resolve(o.Flags, o.Getenv, config)
	if err != nil {
		return nil, err
	}
	opts, err := dialOptions(endpoint, max(o.Connections, 64))
	if err != nil {
		return nil, err
	}
	opts = append(opts, client.WithVersion(o.Getenv("DOCKER_API_VERSION")), client.WithHTTPHeaders(config.HTTPHeaders))
	if o.UserAgent != "" {
		opts = append(opts, client.WithUserAgent(o.UserAgent))
	}
	api, err := client.NewClientWithOpts(opts...)
	if err != nil {
		return nil, fmt.Errorf("engine address %q: %w", endpoint.Host, err)
	}
	c := &Client{api: api, endpoint: endpoint, config: config}
	if err := c.negotiate(ctx); err != nil {
		_ = api.Close() // nothing was asked yet
		return nil, err
	}
	return c, nil
}

// FromAPI wraps a client that was made elsewhere and negotiates its API
// version. It has no registry credentials.
func FromAPI(ctx context.Context, api *client.Client) (*Client, error) {
	c := &Client{api: api, endpoint: Endpoint{Host: api.DaemonHost(), Context: defaultContext}}
	if err := c.negotiate(ctx); err != nil {
		return nil, err
	}
	return c, nil
}

// negotiate asks the engine for its version, which also tells early and
// clearly that it cannot be reached.
func (c *Client) negotiate(ctx context.Context) error {
	ping, err := c.api.Ping(ctx)
	if err != nil {
		return c.endpoint.unreachable(err)
	}
	c.api.NegotiateAPIVersionPing(ping)
	version := c.api.ClientVersion()
	if versions.LessThan(version, MinAPIVersion) {
		return &Error{Kind: TooOld, Err: fmt.Errorf("the engine at %s speaks API version %s, and gocompose needs %s (Docker Engine 20.10) or newer", c.Host(), version, MinAPIVersion)}
	}
	c.features = spec.FeaturesOf(version)
	return nil
}

// dialOptions set up one transport, which keeps its connections.
func dialOptions(e Endpoint, connections int) ([]client.Opt, error) {
	transport := &http.Transport{
		MaxIdleConns:        connections,
		MaxIdleConnsPerHost: connections,
		IdleConnTimeout:     30 * time.Second,
		ReadBufferSize:      64 << 10, // long logs come in small frames
	}
	httpClient := client.WithHTTPClient(&http.Client{Transport: transport, CheckRedirect: client.CheckRedirect})
	dialer := &net.Dialer{Timeout: 10 * time.Second}
	scheme, address, _ := strings.Cut(e.Host, "://")
	switch scheme {
	case "unix":
		return []client.Opt{httpClient, client.WithHost(e.Host), client.WithDialContext(
			func(ctx context.Context, _, _ string) (net.Conn, error) {
				return dialer.DialContext(ctx, "unix", address)
			},
		)}, nil
	case "npipe":
		return []client.Opt{httpClient, client.WithHost(e.Host)}, nil
	case "ssh":
		command, err := sshCommand(e.Host)
		if err != nil {
			return nil, err
		}
		return []client.Opt{httpClient, client.WithHost("tcp://ssh.invalid:2375"), client.WithDialContext(
			func(ctx context.Context, _, _ string) (net.Conn, error) { return dialCommand(ctx, command) },
		)}, nil
	case "tcp", "http", "https":
		if e.TLS != nil || scheme == "https" {
			files := e.TLS
			if files == nil {
				files = &TLSFiles{}
			}
			config, err := files.config()
			if err != nil {
				return nil, err
			}
			transport.TLSClientConfig = config
		}
		return []client.Opt{httpClient, client.WithHost("tcp://" + address)}, nil
	default:
		return nil, fmt.Errorf("engine address %q%s: unknown scheme; use unix://, tcp://, ssh:// or npipe://", e.Host, e.origin())
	}
}

// API is the client to make requests with.
func (c *Client) API() *client.Client { return c.api }

// Features is what the engine can do at the negotiated API version.
func (c *Client) Features() spec.Features { return c.features }

// Host is the address of the engine, as in DOCKER_HOST.
func (c *Client) Host() string { return c.endpoint.Host }

// Local tells whether the engine runs on this machine.
func (c *Client) Local() bool { return c.endpoint.Local() }

// Config is the docker command's configuration.
func (c *Client) Config() Config { return c.config }

// Proxy is what containers get as default environment so that they find the
// proxies of the docker command's configuration.
func (c *Client) Proxy() map[string]string { return c.config.ProxyEnvironment(c.endpoint.Host) }

// Close closes idle connections.
func (c *Client) Close() error { return c.api.Close() }
