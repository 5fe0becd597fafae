package project

import (
	"cmp"
	"iter"
	"maps"
	"slices"
	"strconv"

	"github.com/compose-spec/compose-go/v2/types"
)

// Project is one Compose project as the files describe it. It is never
// changed after it was made and is safe for concurrent use.
type Project struct {
	model    *types.Project
	sources  *Sources
	sep      string
	version  string
	envFiles []string            // as given, for the labels of containers
	keepAll  bool                // selections keep resources that nobody uses
	keepFree bool                // selections keep resources that no service refers to, enabled or not
	written  map[string][]string // service -> depends_on as the files have it; nil: all
	strict   strictBinds
	included []string          // references to remote files in include
	resolved bool              // env and label files have been read
	out      map[string][]Edge // service -> what it needs, by target name
	in       map[string][]Edge // service -> what needs it, by source name
}

// New wraps a compose-go model, which the caller must not change afterwards.
// Sources may be nil where no file stands behind the model.
func New(model *types.Project, sources *Sources) *Project {
	return newProject(model, Project{sources: sources, sep: "-"})
}

// newProject makes a project of the model with the other fields of like.
func newProject(model *types.Project, like Project) *Project {
	like.model = model
	like.out, like.in = buildEdges(model, like.written)
	return &like
}

// copied is a copy of the model whose services may be replaced.
func (p *Project) copied() *types.Project {
	model := *p.model
	model.Services = maps.Clone(p.model.Services)
	return &model
}

// Name is the project name: the value of the com.docker.compose.project label.
func (p *Project) Name() string { return p.model.Name }

// Version is the value of the version label: that of the program.
func (p *Project) Version() string { return cmp.Or(p.version, DefaultVersion) }

// WorkingDir is the absolute directory that relative paths start from.
func (p *Project) WorkingDir() string { return p.model.WorkingDir }

// Separator stands between the parts of a container or image name: "-", or
// "_" in compatibility mode.
func (p *Project) Separator() string { return p.sep }

// ComposeFiles lists the files that were loaded, in the order given.
func (p *Project) ComposeFiles() []string { return slices.Clone(p.model.ComposeFiles) }

// RemoteIncludes lists the remote files that the project includes, in the order
// in which they were found.
func (p *Project) RemoteIncludes() []string { return slices.Clone(p.included) }

// Environment is the environment that the files were interpolated with.
func (p *Project) Environment() types.Mapping { return p.model.Environment }

// Sources maps model paths to file positions; nil where there are no files.
func (p *Project) Sources() *Sources { return p.sources }

// Services yields the enabled services in name order.
func (p *Project) Services() iter.Seq[Service] {
	return func(yield func(Service) bool) {
		for _, name := range p.ServiceNames() {
			if !yield(p.service(name)) {
				return
			}
		}
	}
}

// ServiceNames lists the enabled services in name order.
func (p *Project) ServiceNames() []string {
	return slices.Sorted(maps.Keys(p.model.Services))
}

// DisabledServiceNames lists, in name order, the services that profiles or a
// selection switch off.
func (p *Project) DisabledServiceNames() []string {
	return slices.Sorted(maps.Keys(p.model.DisabledServices))
}

// Service returns the enabled service of that name.
func (p *Project) Service(name string) (Service, bool) {
	if _, ok := p.model.Services[name]; !ok {
		return Service{}, false
	}
	return p.service(name), true
}

// AnyService returns the service of that name, enabled or not: its image may be
// needed though no container of it is.
func (p *Project) AnyService(name string) (Service, bool) {
	if s, ok := p.Service(name); ok {
		return s, true
	}
	config, ok := p.model.DisabledServices[name]
	config.Name = name
	return Service{ServiceConfig: config, project: p}, ok
}

// Knows tells whether the files define the service, enabled or not.
func (p *Project) Knows(name string) bool {
	_, enabled := p.model.Services[name]
	_, disabled := p.model.DisabledServices[name]
	return enabled || disabled
}

func (p *Project) service(name string) Service {
	config := p.model.Services[name]
	config.Name = name
	return Service{ServiceConfig: config, project: p}
}

// Networks yields the networks by key, in key order.
func (p *Project) Networks() iter.Seq2[string, types.NetworkConfig] {
	return sorted(p.model.Networks)
}

// Network returns the network of that key.
func (p *Project) Network(key string) (types.NetworkConfig, bool) {
	n, ok := p.model.Networks[key]
	return n, ok
}

// Volumes yields the named volumes by key, in key order.
func (p *Project) Volumes() iter.Seq2[string, types.VolumeConfig] {
	return sorted(p.model.Volumes)
}

// Volume returns the named volume of that key.
func (p *Project) Volume(key string) (types.VolumeConfig, bool) {
	v, ok := p.model.Volumes[key]
	return v, ok
}

// Secrets yields the secrets by key, in key order.
func (p *Project) Secrets() iter.Seq2[string, types.SecretConfig] {
	return sorted(p.model.Secrets)
}

// Secret returns the secret of that key.
func (p *Project) Secret(key string) (types.SecretConfig, bool) {
	s, ok := p.model.Secrets[key]
	return s, ok
}

// Configs yields the configs by key, in key order.
func (p *Project) Configs() iter.Seq2[string, types.ConfigObjConfig] {
	return sorted(p.model.Configs)
}

// Config returns the config of that key.
func (p *Project) Config(key string) (types.ConfigObjConfig, bool) {
	c, ok := p.model.Configs[key]
	return c, ok
}

// MarshalYAML renders the model in compose-go's canonical form.
func (p *Project) MarshalYAML() ([]byte, error) { return p.model.MarshalYAML() }

// MarshalJSON renders the model in compose-go's canonical form.
func (p *Project) MarshalJSON() ([]byte, error) { return p.model.MarshalJSON() }

func sorted[V any](m map[string]V) iter.Seq2[string, V] {
	return func(yield func(string, V) bool) {
		for _, key := range slices.Sorted(maps.Keys(m)) {
			if !yield(key, m[key]) {
				return
			}
		}
	}
}

// Service is one service of a project. Its embedded configuration is shared
// with the project and must not be changed.
type Service struct {
	types.ServiceConfig
	project *Project
}

// Replicas is how many containers the service wants: scale, deploy.replicas,
// or one.
func (s Service) Replicas() int { return s.GetScale() }

// ContainerNameFor is the name of the container with that number, from
// container_name or PROJECT-SERVICE-N.
func (s Service) ContainerNameFor(number int) string {
	if s.ContainerName != "" {
		return s.ContainerName
	}
	sep := s.project.Separator()
	return s.project.Name() + sep + s.Name + sep + strconv.Itoa(number)
}

// ImageRef is the image the service runs: image, or PROJECT-SERVICE for one
// that is built without a name.
func (s Service) ImageRef() string {
	if s.Image != "" {
		return s.Image
	}
	return s.project.Name() + s.project.Separator() + s.Name
}
