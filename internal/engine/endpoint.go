package engine

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/docker/docker/client"
)

// Endpoint is where an engine listens.
type Endpoint struct {
	Host    string // such as unix:///var/run/docker.sock
	Context string // docker context it comes from; "default" where it comes from none
	TLS     *TLSFiles
}

// TLSFiles name what secures a TCP connection. The empty name is no file.
type TLSFiles struct {
	Dir           string // where they are by default
	CA, Cert, Key string
	SkipVerify    bool // of the engine's certificate
}

const defaultContext = "default"

// Flags are the options of the docker command that choose an engine.
type Flags struct {
	ConfigDir      string // instead of DOCKER_CONFIG
	Context, Host  string
	TLS, TLSVerify bool
	CA, Cert, Key  string // files, instead of those in DOCKER_CERT_PATH
}

// Resolve finds the endpoint as the docker command does: flags, DOCKER_HOST,
// then DOCKER_CONTEXT, then the context last chosen by docker context use, then
// the platform's default socket.
func Resolve(f Flags, getenv func(string) string, c Config) (Endpoint, error) {
	if f.Host != "" && f.Context != "" {
		return Endpoint{}, errors.New("conflicting options: cannot specify both --host and --context")
	}
	host := cmp.Or(f.Host, getenv("DOCKER_HOST"))
	choice := choiceOf(f, getenv, c, host != "")
	if choice.context != defaultContext {
		return contextEndpoint(c.Dir, choice)
	}
	tls := tlsFiles(f, getenv, c)
	if host == "" {
		return Endpoint{Host: client.DefaultDockerHost, Context: defaultContext, TLS: tls}, nil
	}
	return Endpoint{Host: fullAddress(host, tls != nil), Context: defaultContext, TLS: tls}, nil
}

// choice is a docker context, and what to do if it is no good.
type choice struct{ context, remedy string }

func choiceOf(f Flags, getenv func(string) string, c Config, hostGiven bool) choice {
	named := getenv("DOCKER_CONTEXT")
	switch {
	case f.Context != "":
		return choice{f.Context, "give --context another"}
	case hostGiven:
		return choice{context: defaultContext}
	case named != "":
		return choice{named, "set DOCKER_CONTEXT to another, or unset it"}
	case c.CurrentContext != "":
		return choice{c.CurrentContext, "choose another with docker context use"}
	default:
		return choice{context: defaultContext}
	}
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

// tlsFiles is nil where the connection is not to be secured.
func tlsFiles(f Flags, getenv func(string) string, c Config) *TLSFiles {
	verify := f.TLSVerify || getenv("DOCKER_TLS_VERIFY") != ""
	if !verify && !f.TLS && getenv("DOCKER_TLS") == "" {
		return nil
	}
	files := tlsFilesIn(cmp.Or(getenv("DOCKER_CERT_PATH"), c.Dir))
	files.CA, files.Cert, files.Key = cmp.Or(f.CA, files.CA), cmp.Or(f.Cert, files.Cert), cmp.Or(f.Key, files.Key)
	files.SkipVerify = !verify
	return files
}

// tlsFilesIn has those that are there.
func tlsFilesIn(dir string) *TLSFiles {
	existing := func(name string) string {
		path := filepath.Join(dir, name)
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return ""
		}
		return path
	}
	return &TLSFiles{Dir: dir, CA: existing("ca.pem"), Cert: existing("cert.pem"), Key: existing("key.pem")}
}

// contextEndpoint reads a context from the docker command's store, where each
// is kept under the SHA-256 of its name.
func contextEndpoint(dir string, chosen choice) (Endpoint, error) {
	sum := sha256.Sum256([]byte(chosen.context))
	id := hex.EncodeToString(sum[:])
	path := filepath.Join(dir, "contexts", "meta", id, "meta.json")
	meta, err := readContext(path)
	switch docker := meta.Endpoints["docker"]; {
	case errors.Is(err, fs.ErrNotExist):
		return Endpoint{}, fmt.Errorf("docker context %q does not exist in %s: %s%s", chosen.context, dir, chosen.remedy, known(dir))
	case err != nil:
		return Endpoint{}, fmt.Errorf("docker context %q: %s: %w; make it anew with docker context create, or %s", chosen.context, path, err, chosen.remedy)
	case docker.Host == "":
		return Endpoint{}, fmt.Errorf("docker context %q names no docker endpoint: %s%s", chosen.context, chosen.remedy, known(dir))
	default:
		e := Endpoint{Host: docker.Host, Context: chosen.context}
		files := tlsFilesIn(filepath.Join(dir, "contexts", "tls", id, "docker"))
		if _, err := os.Stat(files.Dir); err == nil || docker.SkipTLSVerify {
			files.SkipVerify = docker.SkipTLSVerify
			e.TLS = files
		}
		return e, nil
	}
}

// contextMeta is what gocompose uses of a context's meta.json.
type contextMeta struct {
	Name      string
	Endpoints map[string]struct {
		Host          string
		SkipTLSVerify bool
	}
}

func readContext(path string) (contextMeta, error) {
	var meta contextMeta
	data, err := os.ReadFile(path)
	if err != nil {
		return meta, err
	}
	err = json.Unmarshal(data, &meta)
	return meta, err
}

// known lists the contexts that can be chosen, for a message.
func known(dir string) string {
	names := []string{defaultContext}
	files, err := filepath.Glob(filepath.Join(dir, "contexts", "meta", "*", "meta.json"))
	if err != nil {
		return "" // the pattern has a directory of an odd name in it
	}
	for _, file := range files {
		if meta, err := readContext(file); err == nil && meta.Endpoints["docker"].Host != "" {
			names = append(names, meta.Name)
		}
	}
	slices.Sort(names)
	return " (there are: " + strings.Join(names, ", ") + ")"
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
