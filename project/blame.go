package project

import (
	"fmt"

	"github.com/compose-spec/compose-go/v2/format"
	"github.com/compose-spec/compose-go/v2/types"
	"gopkg.in/yaml.v3"
)

// blame finds the short form of a port or mount that makes compose-go say the
// text, which names no place.
func (l *load) blame(text string) string {
	parsers := map[string]func(string) error{
		"ports": func(short string) error {
			_, err := types.ParsePortConfig(short)
			return err
		},
		"volumes": func(short string) error {
			_, err := format.ParseVolume(short)
			return err
		},
	}
	for _, section := range names(parsers) {
		for _, file := range l.sources.files {
			for _, doc := range file.documents() {
				if path := l.blameIn(doc, section, text, parsers[section]); path != "" {
					return path
				}
			}
		}
	}
	return ""
}

func (l *load) blameIn(doc *yaml.Node, section, text string, parse func(string) error) string {
	services := topLevel(doc, "services")
	if services == nil || services.Kind != yaml.MappingNode {
		return ""
	}
	for i := 0; i+1 < len(services.Content); i += 2 {
		list := valueAt(services.Content[i+1], section)
		if list == nil || list.Kind != yaml.SequenceNode {
			continue
		}
		for j, item := range list.Content {
			if item.Kind != yaml.ScalarNode {
				continue
			}
			var silent variables
			short, err := silent.substitute(item.Value, l.env.Resolve)
			if err != nil {
				continue
			}
			if err := parse(short); err != nil && err.Error() == text {
				return fmt.Sprintf("services.%s.%s.%d", services.Content[i].Value, section, j)
			}
		}
	}
	return ""
}

// keysOf lists the keys of a section in all files.
func (s *Sources) keysOf(section string) []string {
	found := map[string]bool{}
	for _, file := range s.files {
		for _, doc := range file.documents() {
			node := topLevel(doc, section)
			if node == nil || node.Kind != yaml.MappingNode {
				continue
			}
			for i := 0; i+1 < len(node.Content); i += 2 {
				found[node.Content[i].Value] = true
			}
		}
	}
	return names(found)
}
