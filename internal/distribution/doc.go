// Package distribution talks to OCI registries, by the OCI Distribution
// Specification and Docker's token authentication: it fetches manifests and
// blobs that fit into memory, and pushes and copies such and larger ones.
//
// What is fetched is read up to a bound and compared with its digest, so a
// registry can refuse, stall or break off, but neither pass something else off
// nor fill the memory.
package distribution

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"slices"
	"time"

	"github.com/distribution/reference"
)

// Client has what is common to all repositories.
type Client struct {
	// Credentials are those for a registry, by its name as in references
	// ("docker.io"). Nil, and an empty answer, mean none.
	Credentials func(ctx context.Context, registry string) (Credentials, error)
	// Insecure are registries whose certificate is not verified, or that speak
	// plain HTTP.
	Insecure  []string
	UserAgent string
	// Stall is how long a registry may be silent; by default a minute.
	Stall time.Duration
}

// Credentials are what a registry takes for a proof of who asks. At most one
// of the three ways is used, the first that is there.
type Credentials struct {
	RegistryToken  string // for the registry itself
	IdentityToken  string // to get such a one
	User, Password string
}

const defaultStall = time.Minute

// Repository is one repository of a registry. It remembers what it has learned
// about how to reach and to convince the registry, and is for one goroutine.
type Repository struct {
	client  *Client
	named   reference.Named
	actions string // what tokens are asked for
	http    *http.Client
	schemes []string // left to try, the first is in use
	auth    string   // the Authorization header that was taken last
}

// Docker Hub is reached under another name than it has in references.
const (
	hub     = "docker.io"
	hubHost = "registry-1.docker.io"
)

// Puller is the repository of that reference, to be read.
func (c *Client) Puller(named reference.Named) *Repository { return c.repository(named, "pull") }

// Pusher is the repository of that reference, to be read and written.
func (c *Client) Pusher(named reference.Named) *Repository { return c.repository(named, "pull,push") }

func (c *Client) repository(named reference.Named, actions string) *Repository {
	domain := reference.Domain(named)
	insecure := slices.Contains(c.Insecure, domain)
	transport := &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         (&net.Dialer{Timeout: c.stall()}).DialContext,
		TLSHandshakeTimeout: c.stall(),
		TLSClientConfig:     &tls.Config{InsecureSkipVerify: insecure}, //nolint:gosec // as the user asked for this registry
		ForceAttemptHTTP2:   true,
		DisableCompression:  true, // a blob is as large as it is said to be
		MaxIdleConnsPerHost: 2,
		IdleConnTimeout:     c.stall(),
	}
	schemes := []string{"https"}
	if insecure || isLoopback(domain) {
		schemes = append(schemes, "http")
	}
	return &Repository{
		client: c, named: named, actions: actions, schemes: schemes,
		http: &http.Client{Transport: transport},
	}
}

func (c *Client) stall() time.Duration {
	if c.Stall > 0 {
		return c.Stall
	}
	return defaultStall
}

// isLoopback tells of registries on this machine, which like the engine's may
// speak plain HTTP.
func isLoopback(domain string) bool {
	host, _, err := net.SplitHostPort(domain)
	if err != nil {
		host = domain
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// VersionOf is the digest or tag of a reference, or else the usual tag.
func VersionOf(named reference.Named) string {
	if digested, ok := named.(reference.Digested); ok {
		return digested.Digest().String()
	}
	if tagged, ok := named.(reference.Tagged); ok {
		return tagged.Tag()
	}
	return "latest"
}

// Name is the repository as in references: "docker.io/library/redis".
func (r *Repository) Name() string { return r.named.Name() }

// Close lets go of the connections.
func (r *Repository) Close() { r.http.CloseIdleConnections() }

func (r *Repository) host() string {
	if domain := reference.Domain(r.named); domain != hub {
		return domain
	}
	return hubHost
}
