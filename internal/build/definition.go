package build

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/gocompose/gocompose/project"
)

// defaultDockerfile is read where a build section names none.
const defaultDockerfile = "Dockerfile"

// Definition is the build of one image, with all that the files leave to rules
// made definite.
type Definition struct {
	types.BuildConfig // as in the files

	Service  string
	Image    string            // the service's, where the files name one
	Tags     []string          // what the image is called, the service's own name last
	Labels   map[string]string // with those that say whose it is
	Args     map[string]string // those that have a value
	Contexts []NamedContext    // in name order
	Secrets  []Secret          // in the order of the files
	Platform []string          // none is the engine's own
	// Remote tells that the context is fetched by the engine; else it is a
	// directory on this machine.
	Remote bool
	// Dockerfile is a path on this machine, or one within a remote context. It is
	// empty where DockerfileInline holds the text.
	Dockerfile string
	// ignorefile is what holds the patterns for a Dockerfile whose text was changed.
	ignorefile string
}

// NamedContext is one of additional_contexts.
type NamedContext struct {
	Name    string
	Service string // whose image it is, or empty
	Image   string // reference of that image
	Dir     string // directory on this machine, or empty
	Source  string // anything else, in the builder's words: docker-image://…, https://…
}

// Secret is one that the build may read. Its value comes from a file or is here.
type Secret struct {
	ID, File, Variable string
	Value              string // where it is not from a file
}

// Define makes the build section of a service definite. With native, an image
// that is built for several platforms is built for the engine's own, or that of
// the service: containers need no other.
//
// Errors say which file or variable is missing, before anything is built.
func Define(p *project.Project, s project.Service, native bool) (Definition, error) {
	if s.Build == nil {
		return Definition{}, fmt.Errorf("service %q has no build section", s.Name)
	}
	d := Definition{
		BuildConfig: *s.Build,
		Service:     s.Name,
		Image:       s.Image,
		Tags:        s.ImageTags(),
		Args:        map[string]string{},
		// The version of docker compose's labels is left out: an image is the same,
		// whichever version of gocompose has built it.
		Labels: map[string]string{project.LabelProject: p.Name(), project.LabelService: s.Name},
		Remote: isRemote(s.Build.Context),
	}
	maps.Copy(d.Labels, s.Build.Labels)
	for name, value := range s.Build.Args {
		if value != nil {
			d.Args[name] = *value
		}
	}
	d.platforms(s, native)
	return d, errors.Join(d.context(), d.contexts(p, s), d.secrets(p))
}

// Check tells what the build would lack only once it runs: caches that cannot be
// read, an SSH agent.
func (d *Definition) Check() error {
	_, from := caches(d.CacheFrom)
	_, to := caches(d.CacheTo)
	_, agents := d.agents()
	return errors.Join(from, to, agents)
}

func (d *Definition) platforms(s project.Service, native bool) {
	d.Platform = slices.Clone([]string(s.Build.Platforms))
	switch {
	case s.Platform != "" && (native || len(d.Platform) == 0):
		d.Platform = []string{s.Platform}
	case native:
		d.Platform = nil
	}
}

// isRemote tells contexts that the engine fetches by itself: repositories and
// archives. They are left by the loader as they were written.
func isRemote(context string) bool {
	u, err := url.Parse(context)
	if err == nil && slices.Contains([]string{"http", "https", "git", "ssh"}, u.Scheme) {
		return true
	}
	return strings.HasPrefix(context, "git@") || strings.HasPrefix(context, "github.com/")
}

func (d *Definition) context() error {
	file := cmp.Or(d.BuildConfig.Dockerfile, defaultDockerfile)
	switch {
	case d.Remote:
		d.Dockerfile = file
	case !filepath.IsAbs(file):
		d.Dockerfile = filepath.Join(d.Context, file)
	default:
		d.Dockerfile = file
	}
	if d.DockerfileInline != "" {
		d.Dockerfile = ""
	}
	if d.Remote {
		return nil
	}
	info, err := os.Stat(d.Context)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return fmt.Errorf("unable to prepare context: path %q not found", d.Context)
	case err != nil:
		return fmt.Errorf("unable to prepare context: %w", err)
	case !info.IsDir():
		return fmt.Errorf("unable to prepare context: %q is not a directory", d.Context)
	}
	if d.Dockerfile == "" {
		return nil
	}
	if _, err := os.Stat(d.Dockerfile); err != nil {
		return fmt.Errorf("failed to read dockerfile: %w", err)
	}
	return nil
}

func (d *Definition) contexts(p *project.Project, s project.Service) error {
	for _, name := range slices.Sorted(maps.Keys(s.Build.AdditionalContexts)) {
		source := s.Build.AdditionalContexts[name]
		context := NamedContext{Name: name}
		base, ofService := strings.CutPrefix(source, types.ServicePrefix)
		info, err := os.Stat(source)
		switch {
		case ofService:
			from, ok := p.AnyService(base)
			if !ok {
				return fmt.Errorf("additional context %s: no such service: %s", name, base)
			}
			context.Service, context.Image = base, from.ImageRef()
		case strings.HasPrefix(source, "oci-layout://"):
			return fmt.Errorf("additional context %s: images in directories (%s) are not supported; load it into the engine and name it as docker-image://…", name, source)
		case isRemote(source) || strings.Contains(source, "://"):
			context.Source = source
		case err != nil:
			return fmt.Errorf("additional context %s: %w", name, err)
		case !info.IsDir():
			return fmt.Errorf("additional context %s: %q is not a directory", name, source)
		default:
			context.Dir = source
		}
		d.Contexts = append(d.Contexts, context)
	}
	return nil
}

func (d *Definition) secrets(p *project.Project) error {
	for _, use := range d.BuildConfig.Secrets {
		config, ok := p.Secret(use.Source)
		if !ok {
			return fmt.Errorf("undefined build secret %s", use.Source)
		}
		secret := Secret{ID: cmp.Or(use.Target, use.Source), File: config.File, Variable: config.Environment}
		switch {
		case bool(config.External):
			return fmt.Errorf("build secret %s is external, and builds read no secrets of an engine; give it a file or a variable", use.Source)
		case config.File != "":
			if _, err := os.Stat(config.File); err != nil {
				return fmt.Errorf("build secret %s: %w", use.Source, err)
			}
		case config.Environment != "":
			value, set := p.Environment()[config.Environment]
			if !set {
				return fmt.Errorf("build secret %s: environment variable %s is not set", use.Source, config.Environment)
			}
			secret.Value = value
		default:
			secret.Value = config.Content
		}
		d.Secrets = append(d.Secrets, secret)
	}
	return nil
}
