package project

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
)

// BuildOptions go over the build sections of all services, and of what these start
// from: the flags of build.
type BuildOptions struct {
	Args       map[string]string // build arguments
	SSH        []types.SSHKey    // agents and keys
	NoCache    bool
	Pull       bool   // look for newer images to start from
	Provenance string // where the files say nothing
	SBOM       string // where the files say nothing
}

// WithBuildOptions returns the project with the options put over its build
// sections.
func (p *Project) WithBuildOptions(o BuildOptions) *Project {
	changed, _ := p.changeBuilt(func(s *types.ServiceConfig) error { // it never fails
		s.Build = o.over(*s.Build)
		return nil
	})
	return changed
}

// changeBuilt returns the project with a change to the services that are built, and
// to those that their builds start from, enabled or not.
func (p *Project) changeBuilt(change func(*types.ServiceConfig) error) (*Project, error) {
	model := p.copied()
	model.DisabledServices = maps.Clone(p.model.DisabledServices)
	for _, name := range slices.Sorted(maps.Keys(p.BuildClosure(p.ServiceNames()))) {
		services := model.Services
		if _, enabled := services[name]; !enabled {
			services = model.DisabledServices
		}
		service := services[name]
		if err := change(&service); err != nil {
			return nil, err
		}
		services[name] = service
	}
	return newProject(model, *p), nil
}

// over is a build section with the options put over it.
func (o BuildOptions) over(build types.BuildConfig) *types.BuildConfig {
	build.Args = maps.Clone(build.Args)
	if build.Args == nil {
		build.Args = types.MappingWithEquals{}
	}
	for key, value := range o.Args {
		build.Args[key] = &value
	}
	build.SSH = append(slices.Clip(build.SSH), o.SSH...)
	build.NoCache = build.NoCache || o.NoCache
	build.Pull = build.Pull || o.Pull
	build.Provenance = cmp.Or(build.Provenance, o.Provenance)
	build.SBOM = cmp.Or(build.SBOM, o.SBOM)
	return &build
}

// BuiltFrom lists the services whose images the build starts from or copies out
// of, in name order (Compose Spec, build: additional_contexts, service:NAME).
func (s Service) BuiltFrom() []string {
	if s.Build == nil {
		return nil
	}
	var from []string
	for _, context := range s.Build.AdditionalContexts {
		if name, ok := strings.CutPrefix(context, types.ServicePrefix); ok && !slices.Contains(from, name) {
			from = append(from, name)
		}
	}
	slices.Sort(from)
	return from
}

// ImageTags are the references that a built image gets: build.tags, then the
// service's own.
func (s Service) ImageTags() []string {
	tags := slices.Clone([]string(s.Build.Tags))
	if !slices.Contains(tags, s.ImageRef()) {
		tags = append(tags, s.ImageRef())
	}
	return tags
}

// ImagesPushed are the references that are pushed after a build: those that the
// files name.
func (s Service) ImagesPushed() []string {
	if s.Image == "" {
		return slices.Clone([]string(s.Build.Tags))
	}
	return s.ImageTags()
}

// BuildClosure is the named services that are built, and those that their builds
// start from, enabled or not.
func (p *Project) BuildClosure(services []string) map[string]bool {
	closure := map[string]bool{}
	for queue := slices.Clone(services); len(queue) > 0; queue = queue[1:] {
		s, ok := p.AnyService(queue[0])
		if ok && s.Build != nil && !closure[s.Name] {
			closure[s.Name] = true
			queue = append(queue, s.BuiltFrom()...)
		}
	}
	return closure
}
