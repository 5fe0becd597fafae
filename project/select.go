package project

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
)

// SelectMode says which services come along with the selected ones.
type SelectMode uint8

// The modes of a selection.
const (
	WithDependencies SelectMode = iota // all that the selected services need
	WithoutDependencies
	WithDependents // all that need the selected services
)

// UnknownServiceError says that the files define no service of that name.
type UnknownServiceError struct {
	Name string
	Hint string // a near name, or empty
}

func (e *UnknownServiceError) Error() string {
	if e.Hint == "" {
		return "no such service: " + e.Name
	}
	return fmt.Sprintf("no such service: %s (%s)", e.Name, e.Hint)
}

// Select returns the project with the named services enabled, and others as
// the mode has it. Names may hold the wildcards of [path.Match]. Naming a
// service activates its profiles, and thereby other services with them that
// the named ones need. All other services become disabled, but stay known.
// Without names it returns all enabled services.
//
// The error is an [*UnknownServiceError], or says which profile a dependency
// lacks.
func (p *Project) Select(names []string, mode SelectMode) (*Project, error) {
	selected := *p
	if len(names) > 0 {
		enabled := p.activate(names)
		set, err := enabled.closure(names, mode)
		if err != nil {
			return nil, err
		}
		selected = *enabled.only(set)
	}
	if p.keepAll {
		return &selected, nil
	}
	return newProject(selected.usedResources(), selected), nil
}

// activate enables the named services and all others that share a profile
// with one of them that was disabled.
func (p *Project) activate(names []string) *Project {
	profiles := slices.Clone(p.model.Profiles)
	for _, name := range names {
		if _, ok := p.model.Services[name]; !ok {
			profiles = append(profiles, p.model.DisabledServices[name].Profiles...)
		}
	}
	if len(profiles) == len(p.model.Profiles) {
		return p
	}
	model := *p.model
	model.Profiles = profiles
	model.Services, model.DisabledServices = types.Services{}, types.Services{}
	for name, service := range serviceConfigs(p.model) {
		if service.HasProfile(profiles) {
			model.Services[name] = service
		} else {
			model.DisabledServices[name] = service
		}
	}
	return newProject(&model, *p)
}

// closure is the set of services that the names and the mode select.
func (p *Project) closure(names []string, mode SelectMode) (map[string]bool, error) {
	set := map[string]bool{}
	var queue []string
	for _, name := range names {
		matched := p.matching(name)
		if len(matched) == 0 {
			return nil, &UnknownServiceError{Name: name, Hint: suggest(name, p.knownNames())}
		}
		queue = append(queue, matched...)
	}
	for len(queue) > 0 {
		name := queue[0]
		queue = queue[1:]
		if set[name] {
			continue
		}
		set[name] = true
		if mode == WithDependencies {
			if err := p.missingDependency(name); err != nil {
				return nil, err
			}
			for _, edge := range p.Edges(name) {
				queue = append(queue, edge.To)
			}
		}
		if mode == WithDependents {
			for _, edge := range p.Dependents(name) {
				queue = append(queue, edge.From)
			}
		}
	}
	return set, nil
}

func (p *Project) matching(name string) []string {
	if _, ok := p.model.Services[name]; ok {
		return []string{name}
	}
	var matched []string
	for _, candidate := range p.ServiceNames() {
		if ok, err := path.Match(name, candidate); ok && err == nil {
			matched = append(matched, candidate)
		}
	}
	return matched
}

// Expand replaces names with wildcards by the names of the enabled services that
// they match. What matches none stays as it is.
func (p *Project) Expand(names []string) []string {
	var expanded []string
	for _, name := range names {
		matched := p.matching(name)
		if len(matched) == 0 {
			matched = []string{name}
		}
		for _, service := range matched {
			if !slices.Contains(expanded, service) {
				expanded = append(expanded, service)
			}
		}
	}
	return expanded
}

// missingDependency looks for a required dependency that is not enabled.
func (p *Project) missingDependency(name string) error {
	for _, edge := range edgesOf(name, p.model.Services[name], p.written) {
		if _, ok := p.model.Services[edge.To]; ok || !edge.Required {
			continue
		}
		err := &UnknownServiceError{Name: edge.To, Hint: suggest(edge.To, p.knownNames())}
		if profiles := p.model.DisabledServices[edge.To].Profiles; len(profiles) > 0 {
			err.Hint = fmt.Sprintf("%s needs it; enable one of its profiles: %s", name, strings.Join(profiles, ", "))
		}
		return err
	}
	return nil
}

func (p *Project) knownNames() []string {
	return slices.Sorted(maps.Keys(serviceConfigs(p.model)))
}

// only disables every service that is not in the set. References to services
// outside of it stay in the model: they say what the files say.
func (p *Project) only(set map[string]bool) *Project {
	model := *p.model
	model.Services, model.DisabledServices = types.Services{}, types.Services{}
	for name, service := range serviceConfigs(p.model) {
		if set[name] {
			model.Services[name] = service
		} else {
			model.DisabledServices[name] = service
		}
	}
	return newProject(&model, *p)
}

// Used returns the project without the networks, volumes, secrets, configs and
// models that no enabled service refers to.
func (p *Project) Used() *Project { return newProject(p.usedResources(), *p) }

// usedResources is the model without the networks, volumes, secrets, configs
// and models that no enabled service refers to; with keepFree, without those
// that only disabled ones do.
func (p *Project) usedResources() *types.Project {
	model := *p.model
	used := resourcesOf(model.Services)
	used.addBuilds(p)
	if p.keepFree {
		used.free(&model, resourcesOf(model.DisabledServices))
	}
	model.Networks = keep(model.Networks, used.networks)
	model.Volumes = keep(model.Volumes, used.volumes)
	model.Secrets = keep(model.Secrets, used.secrets)
	model.Configs = keep(model.Configs, used.configs)
	model.Models = keep(model.Models, used.models)
	return &model
}

type resourceNames struct{ networks, volumes, secrets, configs, models map[string]bool }

// free adds what the model has and no other service uses.
func (r resourceNames) free(model *types.Project, others resourceNames) {
	addFree(r.networks, model.Networks, others.networks)
	addFree(r.volumes, model.Volumes, others.volumes)
	addFree(r.secrets, model.Secrets, others.secrets)
	addFree(r.configs, model.Configs, others.configs)
	addFree(r.models, model.Models, others.models)
}

func addFree[V any](used map[string]bool, declared map[string]V, others map[string]bool) {
	for key := range declared {
		if !others[key] {
			used[key] = true
		}
	}
}

func resourcesOf(services types.Services) resourceNames {
	used := resourceNames{
		map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{},
	}
	for _, s := range services {
		used.add(s.ContainerSpec)
		for _, hook := range s.PreStart {
			used.add(hook.ContainerSpec)
		}
		used.addBuild(s.Build)
	}
	return used
}

// addBuilds adds what the builds use that those of enabled services start from.
func (r resourceNames) addBuilds(p *Project) {
	for name := range p.BuildClosure(p.ServiceNames()) {
		s, _ := p.AnyService(name)
		r.addBuild(s.Build)
	}
}

func (r resourceNames) addBuild(build *types.BuildConfig) {
	if build == nil {
		return
	}
	for _, secret := range build.Secrets {
		r.secrets[secret.Source] = true
	}
}

// add adds what a container of that specification uses.
func (r resourceNames) add(s types.ContainerSpec) {
	for key := range s.Networks {
		r.networks[key] = true
	}
	for _, mount := range s.Volumes {
		if mount.Type == types.VolumeTypeVolume {
			r.volumes[mount.Source] = true
		}
	}
	for _, secret := range s.Secrets {
		r.secrets[secret.Source] = true
	}
	for _, config := range s.Configs {
		r.configs[config.Source] = true
	}
	for key := range s.Models {
		r.models[key] = true
	}
}

func keep[M ~map[string]V, V any](all M, used map[string]bool) M {
	kept := M{}
	for key, value := range all {
		if used[key] {
			kept[key] = value
		}
	}
	return kept
}
