package engine

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/docker/docker/client"
)

// Endpoint is where an engine listens.
type Endpoint struct {
	Host    string // such as unix:///var/run/docker.sock
	Context string // docker context it comes from; "default" where it comes from none
	TLS     *TLSFiles
}

// TLSFiles name what secures a TCP connection. Files that do not exist are
// left out.
type TLSFiles struct {
	Dir        string // holds ca.pem, cert.pem, key.pem
	SkipVerify bool   // of the engine's certificate
}

const defaultContext = "default"

// Resolve finds the endpoint as the docker command does: DOCKER_HOST, then
// DOCKER_CONTEXT, then the context last chosen by docker context use, then the
// platform's default socket.
func Resolve(getenv func(string) string, c Config) (Endpoint, error) {
	if host := getenv("DOCKER_HOST"); host != "" {
		tls := tlsFromEnvironment(getenv, c)
		return Endpoint{Host: fullAddress(host, tls != nil), Context: defaultContext, TLS: tls}, nil
	}
	name := getenv("DOCKER_CONTEXT")
	if name == "" {
		name = c.CurrentContext
	}
	if name != "" && name != defaultContext {
		return contextEndpoint(c.Dir, name)
	}
	return Endpoint{Host: client.DefaultDockerHost, Context: defaultContext, TLS: tlsFromEnvironment(getenv, c)}, nil
}

// fullAddress adds what the docker command lets people leave out of an address:
// tcp:// and the port.
func fullAddress(host string, tls bool) string {
	scheme, address, given := strings.Cut(host, "://")
	if !given {
		scheme, address = "tcp", host
	}
	if scheme == "tcp" && !strings.Contains(address, "/") && !hasPort(address) {
		port := "2375"
		if tls {
			port = "2376"
		}
		address = strings.TrimSuffix(address, ":") + ":" + port
	}
	return scheme + "://" + address
}

// hasPort looks behind the last colon that is not part of an IPv6 address.
func hasPort(address string) bool {
	_, port, found := strings.Cut(address[strings.LastIndexByte(address, ']')+1:], ":")
	return found && port != ""
}

func tlsFromEnvironment(getenv func(string) string, c Config) *TLSFiles {
	verify := getenv("DOCKER_TLS_VERIFY") != ""
	if !verify && getenv("DOCKER_TLS") == "" {
		return nil
	}
	dir := getenv("DOCKER_CERT_PATH")
	if dir == "" {
		dir = c.Dir
	}
	return &TLSFiles{Dir: dir, SkipVerify: !verify}
}

// contextEndpoint reads a context from the docker command's store, where each
// is kept under the SHA-256 of its name.
func contextEndpoint(dir, name string) (Endpoint, error) {
	sum := sha256.Sum256([]byte(name))
	id := hex.EncodeToString(sum[:])
	data, err := os.ReadFile(filepath.Join(dir, "contexts", "meta", id, "meta.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return Endpoint{}, fmt.Errorf("docker context %q does not exist: see docker context ls, or unset DOCKER_CONTEXT", name)
	}
	if err != nil {
		return Endpoint{}, fmt.Errorf("docker context %q: %w", name, err)
	}
	var meta struct {
		Endpoints map[string]struct {
			Host          string
			SkipTLSVerify bool
		}
	}
	if err := json.Unmarshal(data, &meta); err != nil {
		return Endpoint{}, fmt.Errorf("docker context %q: %w", name, err)
	}
	docker, ok := meta.Endpoints["docker"]
	if !ok || docker.Host == "" {
		return Endpoint{}, fmt.Errorf("docker context %q names no docker endpoint: choose another with docker context use", name)
	}
	e := Endpoint{Host: docker.Host, Context: name}
	files := &TLSFiles{Dir: filepath.Join(dir, "contexts", "tls", id, "docker"), SkipVerify: docker.SkipTLSVerify}
	if _, err := os.Stat(files.Dir); err == nil || docker.SkipTLSVerify {
		e.TLS = files
	}
	return e, nil
}

// scheme is the part of the address before "://".
func (e Endpoint) scheme() string {
	scheme, _, _ := strings.Cut(e.Host, "://")
	return scheme
}

// Local tells whether the engine runs on this machine, and so shares its clock
// and its ports.
func (e Endpoint) Local() bool {
	scheme := e.scheme()
	return scheme == "unix" || scheme == "npipe"
}
