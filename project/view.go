package project

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/template"
	"github.com/compose-spec/compose-go/v2/types"
	"gopkg.in/yaml.v3"
)

// Formats of Render.
const (
	YAML = "yaml"
	JSON = "json"
)

// Render is the project as a Compose file in compose-go's canonical form. A
// dollar sign is doubled, so that the text loads as the same project.
func (p *Project) Render(format string) ([]byte, error) {
	var text []byte
	var err error
	switch format {
	case YAML:
		text, err = p.shown().MarshalYAML()
	case JSON:
		text, err = p.shown().MarshalJSON()
	default:
		return nil, fmt.Errorf("unsupported format %q: give %s or %s", format, YAML, JSON)
	}
	return bytes.ReplaceAll(text, []byte("$"), []byte("$$")), err
}

// shown is the model without label files whose labels are in it. The model itself
// keeps them: docker compose's hash has them.
func (p *Project) shown() *types.Project {
	if !p.resolved {
		return p.model
	}
	model := p.copied()
	for name, service := range model.Services {
		service.LabelFiles = nil
		service.PreStart = slices.Clone(service.PreStart)
		for i := range service.PreStart {
			service.PreStart[i].LabelFiles = nil
		}
		model.Services[name] = service
	}
	return model
}

// WithImages is the project with other images: those of the map, by service.
func (p *Project) WithImages(images map[string]string) *Project {
	model := p.copied()
	for _, name := range names(images) {
		service := model.Services[name]
		service.Image = images[name]
		model.Services[name] = service
	}
	return newProject(model, *p)
}

// OnlyImages is the project without anything but its enabled services, and these
// without anything but their images. It is a file to put on top of others.
func (p *Project) OnlyImages() *Project {
	services := types.Services{}
	for _, name := range names(p.model.Services) {
		only := types.ServiceConfig{Name: name}
		only.Image = p.model.Services[name].Image
		services[name] = only
	}
	return newProject(&types.Project{Services: services}, *p)
}

// WrittenImages are the images that the files name, by enabled service.
func (p *Project) WrittenImages() map[string]string {
	images := map[string]string{}
	for name, service := range p.model.Services {
		if service.Image != "" {
			images[name] = service.Image
		}
	}
	return images
}

// Images lists what image each enabled service runs, in the order of the
// services' names, each followed by those of pre_start commands that have others.
func (p *Project) Images() []string {
	var images []string
	for service := range p.Services() {
		var own []string
		for _, runner := range service.Runners() {
			if ref := runner.ImageRef(); !slices.Contains(own, ref) {
				own = append(own, ref)
			}
		}
		images = append(images, own...)
	}
	return images
}

// Profiles lists all profiles that services, enabled or not, belong to.
func (p *Project) Profiles() []string {
	found := map[string]bool{}
	for _, service := range serviceConfigs(p.model) {
		for _, profile := range service.Profiles {
			found[profile] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// Models lists the AI models that the project names, in the order of their
// keys.
func (p *Project) Models() []string {
	var models []string
	for _, key := range names(p.model.Models) {
		if model := p.model.Models[key].Model; model != "" {
			models = append(models, model)
		}
	}
	return models
}

// Model is a project as a plain dictionary, for showing files without
// replacing their variables.
type Model map[string]any

// LoadModel loads the files as Load does, but stops before the model becomes
// a project, so that variables can stay in places that hold no text.
func LoadModel(ctx context.Context, o Options) (Model, *Sources, Diagnostics) {
	l, ds := newLoad(ctx, o)
	if l == nil {
		return nil, nil, ds
	}
	model := l.plainModel(ctx)
	forgetSecrets(model)
	l.noteMissing()
	ds = append(ds, l.found...)
	ds.place(l.sources)
	if ds.HasErrors() {
		model = nil
	}
	return model, l.sources, ds.sorted()
}

// forgetSecrets takes the values out that compose-go has put beside the names of
// environment variables: the dictionary is shown to people.
func forgetSecrets(model map[string]any) {
	secrets, _ := model["secrets"].(map[string]any)
	for _, value := range secrets {
		if secret, ok := value.(map[string]any); ok {
			delete(secret, types.SecretConfigXValue)
		}
	}
}

func (l *load) plainModel(ctx context.Context) map[string]any {
	defer l.recoverPanic()
	if !l.parse() {
		return nil
	}
	err := l.nameProject()
	if err != nil {
		l.report(err)
		return nil
	}
	model := l.model(ctx)
	if model == nil || l.options.NoNormalize {
		return model
	}
	model["name"] = l.name
	if model, err = loader.Normalize(model, l.env); err != nil {
		l.report(err)
		return nil
	}
	return model
}

// Render is the dictionary as text, with sorted keys.
func (m Model) Render(format string) ([]byte, error) {
	switch format {
	case JSON:
		return json.MarshalIndent(m, "", "  ")
	case YAML:
		var text bytes.Buffer
		encoder := yaml.NewEncoder(&text)
		encoder.SetIndent(2)
		if err := encoder.Encode(map[string]any(m)); err != nil {
			return nil, err
		}
		return text.Bytes(), encoder.Close()
	default:
		return nil, fmt.Errorf("unsupported format %q: give %s or %s", format, YAML, JSON)
	}
}

// WrittenImages are the images that the files name, by service, whatever their
// profiles.
func (m Model) WrittenImages() map[string]string {
	images := map[string]string{}
	for name, service := range m.services() {
		if image, ok := service["image"].(string); ok && image != "" {
			images[name] = image
		}
	}
	return images
}

// WithImages is the dictionary with other images: those of the map, by service.
func (m Model) WithImages(images map[string]string) Model {
	services := map[string]any{}
	for name, service := range m.services() {
		changed := maps.Clone(service)
		if image, ok := images[name]; ok {
			changed["image"] = image
		}
		services[name] = changed
	}
	changed := maps.Clone(m)
	changed["services"] = services
	return changed
}

// OnlyImages is what Project.OnlyImages is.
func (m Model) OnlyImages() Model {
	services := map[string]any{}
	images := m.WrittenImages()
	for name := range m.services() {
		only := map[string]any{}
		if image, ok := images[name]; ok {
			only["image"] = image
		}
		services[name] = only
	}
	return Model{"services": services}
}

func (m Model) services() map[string]map[string]any {
	services, _ := m["services"].(map[string]any)
	found := map[string]map[string]any{}
	for name, value := range services {
		found[name], _ = value.(map[string]any)
	}
	return found
}

// ServiceNames lists all services, whatever their profiles, in name order.
func (m Model) ServiceNames() []string {
	return names(m.services())
}

// Variable is one that the files use.
type Variable struct {
	Name     string `json:"name"`
	Required bool   `json:"required"`
	Default  string `json:"default_value,omitempty"`
	Presence string `json:"alternate_value,omitempty"` // used when the variable is set
}

// Variables lists the variables in the dictionary in name order. It must have
// been loaded with Options.NoInterpolate.
func (m Model) Variables() []Variable {
	found := template.ExtractVariables(m, template.DefaultPattern)
	var variables []Variable
	for _, name := range names(found) {
		v := found[name]
		variables = append(variables, Variable{v.Name, v.Required, v.DefaultValue, v.PresenceValue})
	}
	return variables
}
