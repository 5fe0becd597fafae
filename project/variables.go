package project

import (
	"maps"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
)

// Variables are what providers and models set, by service and name.
type Variables map[string]map[string]string

// Set notes a variable of a service.
func (v Variables) Set(service, name, value string) {
	if v[service] == nil {
		v[service] = map[string]string{}
	}
	v[service][name] = value
}

// WithVariables returns the project with more variables in the environment of
// its services. They outrank those in the files, as in docker compose.
func (p *Project) WithVariables(set Variables) *Project {
	model := p.copied()
	for _, name := range slices.Sorted(maps.Keys(set)) {
		service, ok := model.Services[name]
		if !ok {
			continue
		}
		service.Environment = merged(service.Environment, set[name])
		service.PreStart = withVariables(service.PreStart, set[name])
		model.Services[name] = service
	}
	return newProject(model, *p)
}

// merged is the environment with more variables.
func merged(environment types.MappingWithEquals, set map[string]string) types.MappingWithEquals {
	all := types.MappingWithEquals{}
	maps.Copy(all, environment)
	for variable, value := range set {
		all[variable] = &value
	}
	return all
}

// Model returns the AI model of that key; its name is the key where the files
// give it none.
func (p *Project) Model(key string) (types.ModelConfig, bool) {
	model, ok := p.model.Models[key]
	if model.Name == "" {
		model.Name = key
	}
	return model, ok
}

// UsedModels lists the keys of the models that enabled services use.
func (p *Project) UsedModels() []string {
	used := map[string]bool{}
	for service := range p.Services() {
		for key := range service.Models {
			used[key] = true
		}
	}
	return slices.Sorted(maps.Keys(used))
}

// ModelVariables lists the names of the variables that tell the service of its
// models.
func (s Service) ModelVariables() []string {
	var list []string
	for _, key := range names(s.Models) {
		endpoint, model := modelVariables(key, s.Models[key])
		list = append(list, endpoint, model)
	}
	return list
}

// SetModel notes the variables by which a service finds a model: where it is
// served, and what it is (Compose Spec, services: models).
func (v Variables) SetModel(s Service, key, endpoint, model string) {
	endpointVar, modelVar := modelVariables(key, s.Models[key])
	v.Set(s.Name, endpointVar, endpoint)
	v.Set(s.Name, modelVar, model)
}

func modelVariables(key string, config *types.ServiceModelConfig) (endpoint, model string) {
	prefix := strings.ReplaceAll(strings.ToUpper(key), "-", "_")
	endpoint, model = prefix+"_URL", prefix+"_MODEL"
	if config != nil && config.EndpointVariable != "" {
		endpoint = config.EndpointVariable
	}
	if config != nil && config.ModelVariable != "" {
		model = config.ModelVariable
	}
	return endpoint, model
}
