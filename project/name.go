package project

import (
	"fmt"
	"path/filepath"

	"github.com/compose-spec/compose-go/v2/interpolation"
	"github.com/compose-spec/compose-go/v2/loader"
	"gopkg.in/yaml.v3"
)

// nameProject settles the project name: the one asked for, that of
// COMPOSE_PROJECT_NAME, the name in the last file that has one, or that of
// the project directory. The files can use it as COMPOSE_PROJECT_NAME.
func (l *load) nameProject() error {
	name, err := l.projectName()
	if err != nil {
		return err
	}
	if name == "" {
		return fmt.Errorf("project name must not be empty")
	}
	l.name = name
	l.env[envProjectName] = name
	return nil
}

func (l *load) projectName() (string, error) {
	for _, asked := range []string{l.options.Name, l.env[envProjectName]} {
		if asked == "" {
			continue
		}
		if loader.NormalizeProjectName(asked) != asked {
			return "", loader.InvalidProjectNameErr(asked)
		}
		return asked, nil
	}
	written := ""
	for _, file := range l.sources.files {
		for _, doc := range file.documents() {
			if name := topLevelText(doc, "name"); name != "" {
				written = name
			}
		}
	}
	if written == "" {
		return loader.NormalizeProjectName(filepath.Base(l.dir)), nil
	}
	return l.writtenName(written)
}

func (l *load) writtenName(name string) (string, error) {
	if !l.options.NoInterpolate {
		replaced, err := interpolation.Interpolate(map[string]any{"name": name}, interpolation.Options{
			LookupValue: l.env.Resolve,
			Substitute:  l.variables.substitute,
		})
		if err != nil {
			return "", err
		}
		name, _ = replaced["name"].(string)
	}
	if l.options.NoNormalize {
		return name, nil
	}
	return loader.NormalizeProjectName(name), nil
}

// topLevelText is the text at a key of the document's top level.
func topLevelText(doc *yaml.Node, key string) string {
	if node := topLevel(doc, key); node != nil && node.Kind == yaml.ScalarNode && node.Tag != "!!null" {
		return node.Value
	}
	return ""
}

// topLevel is the value at a key of the document's top level, or nil.
func topLevel(doc *yaml.Node, key string) *yaml.Node {
	if len(doc.Content) == 0 {
		return nil
	}
	return valueAt(doc.Content[0], key)
}

// valueAt is the value at a key of a mapping, through aliases, or nil.
func valueAt(node *yaml.Node, key string) *yaml.Node {
	for node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	if node.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value == key {
			value := node.Content[i+1]
			for value.Kind == yaml.AliasNode {
				value = value.Alias
			}
			return value
		}
	}
	return nil
}
