package project

import (
	"context"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
)

// DefaultVersion is the com.docker.compose.version label when Options.Version
// is empty.
const DefaultVersion = "dev"

// Options say what to load and how. The zero value loads the project of the
// current directory with an empty environment.
type Options struct {
	// Files are the Compose files, later ones overriding earlier ones; "-" is
	// Stdin. When empty, COMPOSE_FILE names them, or else they are looked for
	// in the project directory and its parents.
	Files []string
	// Stdin is read for the file "-".
	Stdin io.Reader
	// ProjectDirectory is what relative paths start from; by default the
	// directory of the first file.
	ProjectDirectory string
	// Name is the project name; by default COMPOSE_PROJECT_NAME, the name in
	// the files, or that of the project directory.
	Name string
	// Profiles are the active profiles; by default those in COMPOSE_PROFILES.
	Profiles []string
	// EnvFiles replace the .env file of the project directory; by default
	// those in COMPOSE_ENV_FILES.
	EnvFiles []string
	// Env is the environment in the form of os.Environ.
	Env []string

	// Fetch brings a remote Compose file (see [IsRemote]) to this machine, and
	// returns the absolute path of the local copy. Relative paths in the file
	// start from there. Where it is nil, remote files are refused.
	Fetch func(ctx context.Context, reference string) (string, error)

	// Services are the services a command is about: they are enabled whatever
	// their profiles and selected by Mode, and the env files of the others
	// are not read. Empty means all enabled services.
	Services []string
	Mode     SelectMode
	// AllResources keeps networks, volumes, secrets and configs that no
	// selected service uses.
	AllResources bool
	// FreeResources keeps those that no service refers to, also none that is
	// disabled.
	FreeResources bool

	// SharedNames lets selected services share a container name, which is an
	// error where containers are to be created.
	SharedNames bool

	// Compatibility makes names with "_" as docker-compose v1 did; so does
	// COMPOSE_COMPATIBILITY.
	Compatibility bool
	// Version is the value of the com.docker.compose.version label.
	Version string

	// The rest switch off one step of loading each, for showing a model that
	// is not meant to be run.
	NoInterpolate    bool
	NoNormalize      bool
	NoConsistency    bool
	NoPathResolution bool
	NoEnvResolution  bool
}

// lookup is the value of a variable in Options.Env; the last entry wins, as
// for a process that is started with it.
func (o Options) lookup(name string) (string, bool) {
	for _, entry := range slices.Backward(o.Env) {
		if key, value, ok := strings.Cut(entry, "="); ok && key == name {
			return value, true
		}
	}
	return "", false
}

func (o Options) mapping() types.Mapping {
	env := make(types.Mapping, len(o.Env))
	for _, entry := range o.Env {
		if key, value, ok := strings.Cut(entry, "="); ok && key != "" {
			env[key] = value
		}
	}
	return env
}

// isTrue reads a boolean variable; what is no boolean is false.
func isTrue(value string) bool {
	on, err := strconv.ParseBool(strings.ToLower(strings.TrimSpace(value)))
	return err == nil && on
}
