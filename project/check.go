package project

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
)

// check finds what is wrong between the parts of the model. It knows every
// rule of compose-go's own check and refuses the same models, but reports all
// findings, in a stable order, and takes time linear in the size of the
// model: compose-go follows every path through the dependencies.
func (p *Project) check() Diagnostics {
	c := checker{Project: p}
	for _, name := range p.ServiceNames() {
		service := p.model.Services[name]
		for _, rules := range []func(string, types.ServiceConfig){
			c.checkImage, c.checkBuild, c.checkNetworks, c.checkHealthcheck, c.checkDependencies,
			c.checkVolumes, c.checkFiles, c.checkScale, c.checkLimits, c.checkWatch, c.checkMounts, c.checkPullPolicy,
		} {
			rules(name, service)
		}
	}
	c.checkJobs()
	c.checkSecrets()
	c.found = append(c.found, p.checkCycle()...)
	c.checkPorts()
	return c.found
}

type checker struct {
	*Project
	found Diagnostics
}

// invalidSuffix ends most of compose-go's messages.
const invalidSuffix = ": invalid compose project"

func (c *checker) invalid(path, format string, args ...any) {
	c.found.add(Diagnostic{Path: path, Summary: fmt.Sprintf(format, args...) + invalidSuffix})
}

func (c *checker) wrong(path, format string, args ...any) {
	c.found.add(Diagnostic{Path: path, Summary: fmt.Sprintf(format, args...)})
}

// undefined reports a reference to what none of the candidates is.
func (c *checker) undefined(path, name string, candidates []string, format string, args ...any) {
	c.found.add(Diagnostic{
		Code: CodeUndefined, Path: path,
		Summary: fmt.Sprintf(format, args...),
		Hint:    suggest(name, candidates),
	})
}

func (c *checker) checkImage(name string, s types.ServiceConfig) {
	if s.Build == nil && s.Image == "" && s.Provider == nil {
		c.invalid(dotted("services", name), "service %q has neither an image nor a build context specified", name)
	}
}

func (c *checker) checkBuild(name string, s types.ServiceConfig) {
	if s.Build == nil {
		return
	}
	path := dotted("services", name, "build")
	if s.Build.DockerfileInline != "" && s.Build.Dockerfile != "" {
		c.invalid(path, "service %q declares mutualy exclusive dockerfile and dockerfile_inline", name)
	}
	for _, key := range slices.Sorted(maps.Keys(s.Build.AdditionalContexts)) {
		target, ok := strings.CutPrefix(s.Build.AdditionalContexts[key], types.ServicePrefix)
		if !ok {
			continue
		}
		at := dotted(path, "additional_contexts", key)
		switch other, known := c.any(target); {
		case !known:
			c.undefined(at, target, c.knownNames(), "service %q declares unknown service %q as additional contexts %s", name, target, key)
		case other.Build == nil:
			c.wrong(at, "service %q declares non-buildable service %q as additional contexts %s", name, target, key)
		}
	}
	if len(s.Build.Platforms) > 0 && s.Platform != "" && !slices.Contains(s.Build.Platforms, s.Platform) {
		c.invalid(dotted(path, "platforms"), "service.build.platforms MUST include service.platform %q", s.Platform)
	}
	for _, secret := range s.Build.Secrets {
		if _, ok := c.model.Secrets[secret.Source]; !ok {
			c.undefined(dotted(path, "secrets", secret.Source), secret.Source, names(c.model.Secrets),
				"service %q refers to undefined build secret %s"+invalidSuffix, name, secret.Source)
		}
	}
}

// any is the service of that name, enabled or not.
func (c *checker) any(name string) (types.ServiceConfig, bool) {
	if s, ok := c.model.Services[name]; ok {
		return s, true
	}
	s, ok := c.model.DisabledServices[name]
	return s, ok
}

func names[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

func (c *checker) checkNetworks(name string, s types.ServiceConfig) {
	path := dotted("services", name)
	if s.NetworkMode != "" && len(s.Networks) > 0 {
		c.invalid(dotted(path, "network_mode"), "service %s declares mutually exclusive `network_mode` and `networks`", name)
	}
	for _, network := range names(s.Networks) {
		if _, ok := c.model.Networks[network]; !ok {
			c.undefined(dotted(path, "networks", network), network, names(c.model.Networks),
				"service %q refers to undefined network %s"+invalidSuffix, name, network)
		}
	}
	if target, ok := strings.CutPrefix(s.NetworkMode, types.ServicePrefix); ok {
		if _, enabled := c.model.Services[target]; !enabled {
			c.undefined(dotted(path, "network_mode"), target, c.ServiceNames(),
				"service %q not found for network_mode 'service:%s'", target, target)
		}
	}
}

func (c *checker) checkHealthcheck(name string, s types.ServiceConfig) {
	if s.HealthCheck == nil || len(s.HealthCheck.Test) == 0 {
		return
	}
	switch s.HealthCheck.Test[0] {
	case "CMD", "CMD-SHELL", "NONE":
	default:
		c.wrong(dotted("services", name, "healthcheck", "test"),
			`healthcheck.test must start either by "CMD", "CMD-SHELL" or "NONE"`)
	}
}

func (c *checker) checkDependencies(name string, s types.ServiceConfig) {
	for _, edge := range edgesOf(name, s, c.written) {
		dependency, ok := s.DependsOn[edge.To]
		_, enabled := c.model.Services[edge.To]
		if !ok || enabled || edge.Why[0] == SharesNetwork { // checkNetworks says so of network_mode
			continue
		}
		disabled, known := c.model.DisabledServices[edge.To]
		switch {
		case known && !dependency.Required:
		case known:
			c.found.add(Diagnostic{
				Code: CodeUndefined, Path: edge.path(),
				Summary: fmt.Sprintf("service %q depends on undefined service %q"+invalidSuffix, name, edge.To),
				Hint: fmt.Sprintf("%s is defined, but none of its profiles is active: %s",
					edge.To, strings.Join(disabled.Profiles, ", ")),
			})
		case c.isJob(edge.To):
			c.invalid(edge.path(), "service %q cannot depend on job %q: services can only depend on other services", name, edge.To)
		default:
			c.undefined(edge.path(), edge.To, slices.DeleteFunc(c.knownNames(), func(n string) bool { return n == name }),
				"service %q depends on undefined service %q"+invalidSuffix, name, edge.To)
		}
	}
}

func (c *checker) isJob(name string) bool { _, ok := c.model.Jobs[name]; return ok }

func (c *checker) checkVolumes(name string, s types.ServiceConfig) {
	for _, mount := range s.Volumes {
		if mount.Type != types.VolumeTypeVolume || mount.Source == "" {
			continue
		}
		if _, ok := c.model.Volumes[mount.Source]; !ok {
			c.undefined(dotted("services", name, "volumes", mount.Source), mount.Source, names(c.model.Volumes),
				"service %q refers to undefined volume %s"+invalidSuffix, name, mount.Source)
		}
	}
}

// checkFiles looks at configs, secrets and models.
func (c *checker) checkFiles(name string, s types.ServiceConfig) {
	path := dotted("services", name)
	for _, config := range s.Configs {
		if _, ok := c.model.Configs[config.Source]; !ok {
			c.undefined(dotted(path, "configs", config.Source), config.Source, names(c.model.Configs),
				"service %q refers to undefined config %s"+invalidSuffix, name, config.Source)
		}
	}
	for _, model := range names(s.Models) {
		if _, ok := c.model.Models[model]; !ok {
			c.undefined(dotted(path, "models", model), model, names(c.model.Models),
				"service %q refers to undefined model %s"+invalidSuffix, name, model)
		}
	}
	for _, secret := range s.Secrets {
		if _, ok := c.model.Secrets[secret.Source]; !ok {
			c.undefined(dotted(path, "secrets", secret.Source), secret.Source, names(c.model.Secrets),
				"service %q refers to undefined secret %s"+invalidSuffix, name, secret.Source)
		}
	}
}
