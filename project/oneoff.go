package project

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/format"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/mattn/go-shellwords"
)

// OneOff says in what a one-off container differs from its service (docker
// compose run). The zero value runs the service's own command, with no input,
// no terminal and no published port.
type OneOff struct {
	Name       string   // of the container
	Command    []string // empty keeps the service's, but see Entrypoint
	Entrypoint *string  // shell words; it takes the service's command away, and where it is empty the image's entrypoint
	User       string
	WorkingDir string
	// Env are NAME=VALUE, or NAME to pass a variable of the project's environment
	// on if it is there. They override those of EnvFiles, and these the service's.
	Env      []string
	EnvFiles []string
	Labels   []string // KEY=VALUE
	CapAdd   []string
	CapDrop  []string
	// Volumes and Publish are in the short syntax of the Compose Spec. Paths are
	// relative to Dir, which is absolute.
	Volumes []string
	Publish []string
	Dir     string
	// ServicePorts publishes the ports of the service.
	ServicePorts bool
	TTY          bool
	Input        bool // standard input is open
}

// WithOneOff returns the project with the service as its one-off container is
// to be. That one is never started again by itself, there is one whatever the
// scale of the service, and pre_start is not run for it. Its volumes may be any of the project's: load that
// with [Options.AllResources], and see [Project.Used].
//
// The error is an [*UnknownServiceError], or names the option that is no good.
func (p *Project) WithOneOff(service string, o OneOff) (*Project, error) {
	config, ok := p.model.Services[service]
	if !ok {
		return nil, &UnknownServiceError{Name: service, Hint: suggest(service, p.ServiceNames())}
	}
	for _, change := range []func(*types.ServiceConfig, *Project) error{
		o.process, o.environment, o.labels, o.volumes, o.ports,
	} {
		if err := change(&config, p); err != nil {
			return nil, err
		}
	}
	config = scaled(config, 1)
	config.Restart, config.PreStart = "", nil
	if config.Deploy != nil {
		config.Deploy.RestartPolicy = nil // scaled made a copy
	}
	model := p.copied()
	model.Services[service] = config
	return newProject(model, *p), nil
}

// process changes what runs in the container, and as whom.
func (o OneOff) process(s *types.ServiceConfig, _ *Project) error {
	s.ContainerName = o.Name
	s.Tty, s.StdinOpen = o.TTY, o.Input
	if o.User != "" {
		s.User = o.User
	}
	if o.WorkingDir != "" {
		s.WorkingDir = o.WorkingDir
	}
	s.CapAdd, s.CapDrop = moved(s.CapAdd, s.CapDrop, o.CapAdd)
	s.CapDrop, s.CapAdd = moved(s.CapDrop, s.CapAdd, o.CapDrop)
	if o.Entrypoint != nil {
		words, err := shellwords.Parse(*o.Entrypoint)
		if err != nil {
			return fmt.Errorf("--entrypoint %q: %w", *o.Entrypoint, err)
		}
		s.Entrypoint, s.Command = append(types.ShellCommand{}, words...), types.ShellCommand{}
	}
	if len(o.Command) > 0 {
		s.Command = o.Command
	}
	return nil
}

// moved adds names to one list and takes them out of the other.
func moved(to, from, names []string) (longer, shorter []string) {
	if len(names) == 0 {
		return to, from
	}
	return slices.Concat(to, names), slices.DeleteFunc(slices.Clone(from), func(name string) bool {
		return slices.Contains(names, name)
	})
}

func (o OneOff) environment(s *types.ServiceConfig, p *Project) error {
	environment := maps.Clone(s.Environment)
	if environment == nil {
		environment = types.MappingWithEquals{}
	}
	for _, file := range o.EnvFiles {
		values := types.Mapping{}
		if err := readEnvFile(o.path(file), "", values, p.model.Environment.Resolve); err != nil {
			return fmt.Errorf("--env-from-file: %w", err)
		}
		maps.Copy(environment, values.ToMappingWithEquals())
	}
	given := types.NewMappingWithEquals(o.Env).Resolve(p.model.Environment.Resolve)
	maps.Copy(environment, given.RemoveEmpty())
	s.Environment = environment
	return nil
}

func (o OneOff) labels(s *types.ServiceConfig, _ *Project) error {
	labels := maps.Clone(s.Labels)
	for _, label := range o.Labels {
		key, value, ok := strings.Cut(label, "=")
		if !ok {
			return fmt.Errorf("label must be set as KEY=VALUE, and %q is not", label)
		}
		labels = labels.Add(key, value)
	}
	s.Labels = labels
	return nil
}

// volumes lets those of the command take the place of the service's at the same
// path.
func (o OneOff) volumes(s *types.ServiceConfig, _ *Project) error {
	mounts := slices.Clone(s.Volumes)
	for _, spec := range o.Volumes {
		mount, err := format.ParseVolume(spec)
		if err != nil {
			return fmt.Errorf("--volume %q: %w", spec, err)
		}
		if mount.Type == types.VolumeTypeBind {
			mount.Source = o.path(mount.Source)
		}
		mounts = slices.DeleteFunc(mounts, func(m types.ServiceVolumeConfig) bool { return m.Target == mount.Target })
		mounts = append(mounts, mount)
	}
	s.Volumes = mounts
	return nil
}

// path makes a path of the command line absolute. One that starts with a slash
// is so for the engine, also where this program runs on Windows.
func (o OneOff) path(path string) string {
	if rest, ok := strings.CutPrefix(path, "~/"); ok {
		if home, err := os.UserHomeDir(); err == nil {
			return filepath.Join(home, rest)
		}
	}
	if filepath.IsAbs(path) || strings.HasPrefix(path, "/") {
		return path
	}
	return filepath.Join(o.Dir, path)
}

func (o OneOff) ports(s *types.ServiceConfig, _ *Project) error {
	if o.ServicePorts {
		return nil
	}
	s.Ports = nil
	for _, spec := range o.Publish {
		ports, err := types.ParsePortConfig(spec)
		if err != nil {
			return fmt.Errorf("--publish %q: %w", spec, err)
		}
		s.Ports = append(s.Ports, ports...)
	}
	return nil
}
