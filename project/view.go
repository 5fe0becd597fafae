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
		text, err = p.MarshalYAML()
	case JSON:
		text, err = p.MarshalJSON()
	default:
		return nil, fmt.Errorf("unsupported format %q: give %s or %s", format, YAML, JSON)
	}
	return bytes.ReplaceAll(text, []byte("$"), []byte("$$")), err
}

// Images lists what image each enabled service runs, in the order of the
// services' names.
func (p *Project) Images() []string {
	var images []string
	for service := range p.Services() {
		images = append(images, service.ImageRef())
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
	l, ds := newLoad(o)
	if l == nil {
		return nil, nil, ds
	}
	model := l.plainModel(ctx)
	l.noteMissing()
	ds = append(ds, l.found...)
	ds.place(l.sources)
	if ds.HasErrors() {
		model = nil
	}
	return model, l.sources, ds.sorted()
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

// ServiceNames lists all services, whatever their profiles, in name order.
func (m Model) ServiceNames() []string {
	services, _ := m["services"].(map[string]any)
	return names(services)
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
