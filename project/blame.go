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
	for name, service := range pairs(topLevel(doc, "services")) {
		list := valueAt(service, section)
		if list == nil || list.Kind != yaml.SequenceNode {
			continue
		}
		for i, item := range list.Content {
			if item.Kind != yaml.ScalarNode {
				continue
			}
			var silent variables
			short, err := silent.substitute(item.Value, l.env.Resolve)
			if err != nil {
				continue
			}
			if err := parse(short); err != nil && err.Error() == text {
				return fmt.Sprintf("services.%s.%s.%d", name.Value, section, i)
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
			for key := range pairs(topLevel(doc, section)) {
				found[key.Value] = true
			}
		}
	}
	return names(found)
}
