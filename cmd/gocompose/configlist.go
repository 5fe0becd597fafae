package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/gocompose/gocompose/internal/ui"
	"github.com/gocompose/gocompose/project"
)

// listing is what config shows instead of the whole application, the first of
// those that are asked for; nil shows the whole.
func (o configOptions) listing() func(io.Writer, *project.Project) error {
	lines := func(list func(*project.Project) []string) func(io.Writer, *project.Project) error {
		return func(w io.Writer, p *project.Project) error { return writeLines(w, list(p)) }
	}
	switch {
	case o.listServices:
		return lines((*project.Project).ServiceNames)
	case o.listVolumes:
		return lines(volumeKeys)
	case o.listNetworks:
		return lines(networkKeys)
	case o.listModels:
		return lines((*project.Project).Models)
	case o.hash != "":
		return o.writeHashes
	case o.listProfiles:
		return lines((*project.Project).Profiles)
	case o.listImages:
		return lines((*project.Project).Images)
	case o.environment && !o.variables:
		return lines(environment)
	default:
		return nil
	}
}

func volumeKeys(p *project.Project) []string {
	var keys []string
	for key := range p.Volumes() {
		keys = append(keys, key)
	}
	return keys
}

func networkKeys(p *project.Project) []string {
	var keys []string
	for key := range p.Networks() {
		keys = append(keys, key)
	}
	return keys
}

func environment(p *project.Project) []string {
	variables := p.Environment()
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(variables)) {
		lines = append(lines, name+"="+variables[name])
	}
	return lines
}

// writeHashes writes SERVICE HASH, in the order of the names.
func (o configOptions) writeHashes(w io.Writer, p *project.Project) error {
	names := p.ServiceNames()
	if o.hash != "*" {
		names = slices.Sorted(slices.Values(strings.Split(o.hash, ",")))
	}
	for _, name := range names {
		service, ok := p.Service(name)
		if !ok {
			return &project.UnknownServiceError{Name: name}
		}
		hash, err := service.ConfigHash(nil)
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(w, "%s %s\n", name, hash); err != nil {
			return err
		}
	}
	return nil
}

// variable has the names that docker compose's formats have.
type variable struct {
	Name          string `yaml:"name"`
	DefaultValue  string `yaml:"defaultvalue"`
	PresenceValue string `yaml:"presencevalue"`
	Required      bool   `yaml:"required"`
}

// variables writes the variables of the files as a table, JSON or YAML.
func (p *program) variables(o configOptions, model project.Model) error {
	found := map[string]variable{}
	rows := [][]string{{"NAME", "REQUIRED", "DEFAULT VALUE", "ALTERNATE VALUE"}}
	for _, v := range model.Variables() {
		found[v.Name] = variable{v.Name, v.Default, v.Presence, v.Required}
		rows = append(rows, []string{v.Name, strconv.FormatBool(v.Required), v.Default, v.Presence})
	}
	var text []byte
	var err error
	switch o.format {
	case "":
		const minWidth = 20
		return ui.WriteTable(p.Stdout, minWidth, rows)
	case project.JSON:
		text, err = json.MarshalIndent(found, "", "    ")
	case project.YAML:
		text, err = yaml.Marshal(found)
	default:
		err = usage(fmt.Sprintf("unsupported format %q", o.format))
	}
	if err != nil {
		return err
	}
	return p.writeConfig(o, text)
}
