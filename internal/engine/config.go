package engine

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Config is what gocompose uses of the docker command's config.json.
type Config struct {
	Dir            string               `json:"-"` // where it and the contexts are kept
	CurrentContext string               `json:"currentContext"`
	HTTPHeaders    map[string]string    `json:"HttpHeaders"`
	PsFormat       string               `json:"psFormat"`
	StatsFormat    string               `json:"statsFormat"`
	DetachKeys     string               `json:"detachKeys"`
	Auths          map[string]AuthEntry `json:"auths"`
	GivenAuths     map[string]AuthEntry `json:"-"` // in DOCKER_AUTH_CONFIG, and before all others
	CredsStore     string               `json:"credsStore"`
	CredHelpers    map[string]string    `json:"credHelpers"`
	Proxies        map[string]Proxy     `json:"proxies"` // by engine address, or "default"
	PluginDirs     []string             `json:"cliPluginsExtraDirs"`
}

// AuthEntry is what docker login keeps for one registry where there is no
// credential helper.
type AuthEntry struct {
	Auth          string `json:"auth"` // base64 of user:password
	IdentityToken string `json:"identitytoken"`
	RegistryToken string `json:"registrytoken"`
}

// Proxy is what containers are to be told about proxies.
type Proxy struct {
	HTTP  string `json:"httpProxy"`
	HTTPS string `json:"httpsProxy"`
	No    string `json:"noProxy"`
	FTP   string `json:"ftpProxy"`
	All   string `json:"allProxy"`
}

// LoadConfig reads the docker command's configuration from a directory. Where
// none is given that is DOCKER_CONFIG or ~/.docker. Where there is no
// configuration, it is empty.
func LoadConfig(getenv func(string) string, dir string) (Config, error) {
	c := Config{Dir: cmp.Or(dir, configDir(getenv))}
	var err error
	if c.GivenAuths, err = givenAuths(getenv("DOCKER_AUTH_CONFIG")); err != nil {
		return c, err
	}
	path := filepath.Join(c.Dir, "config.json")
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) || c.Dir == "" {
		return c, nil
	}
	if err != nil {
		return c, fmt.Errorf("reading the docker configuration: %w", err)
	}
	if err := json.Unmarshal(data, &c); err != nil {
		return c, fmt.Errorf("docker configuration %s: %w; correct the file, or set DOCKER_CONFIG to another directory", path, err)
	}
	return c, nil
}

// givenAuths reads credentials from the environment, where they have the form of
// the configuration. They are not shown where that is wrong.
func givenAuths(text string) (map[string]AuthEntry, error) {
	if text == "" {
		return nil, nil
	}
	var given struct {
		Auths map[string]AuthEntry `json:"auths"`
	}
	if json.Unmarshal([]byte(text), &given) != nil {
		return nil, errors.New(`DOCKER_AUTH_CONFIG is not JSON of the form {"auths": {"registry.example.com": {"auth": "..."}}}; correct or unset it`)
	}
	return given.Auths, nil
}

func configDir(getenv func(string) string) string {
	if dir := getenv("DOCKER_CONFIG"); dir != "" {
		return dir
	}
	home := getenv("HOME")
	if home == "" {
		var err error
		if home, err = os.UserHomeDir(); err != nil {
			return ""
		}
	}
	return filepath.Join(home, ".docker")
}

// ProxyEnvironment is what containers get as default environment so that they
// find the proxies, in both spellings.
func (c Config) ProxyEnvironment(host string) map[string]string {
	proxy, ok := c.Proxies[host]
	if !ok {
		proxy = c.Proxies["default"]
	}
	env := map[string]string{}
	for _, v := range []struct{ upper, lower, value string }{
		{"HTTP_PROXY", "http_proxy", proxy.HTTP},
		{"HTTPS_PROXY", "https_proxy", proxy.HTTPS},
		{"NO_PROXY", "no_proxy", proxy.No},
		{"FTP_PROXY", "ftp_proxy", proxy.FTP},
		{"ALL_PROXY", "all_proxy", proxy.All},
	} {
		if v.value != "" {
			env[v.upper], env[v.lower] = v.value, v.value
		}
	}
	return env
}
