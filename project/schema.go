package project

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/schema"
)

// composeSchema interprets the JSON schema that compose-go embeds. compose-go
// compiles it on each run, which takes longer than all the rest of a load, so
// a model that this interpreter accepts is not checked again. What it rejects
// or has a keyword for that it does not know goes through compose-go.
//
// It accepts nothing that compose-go would reject; the tests hold the two
// against each other over the whole schema.
type composeSchema struct {
	definitions map[string]any
	nodes       map[string]*schemaNode // of definitions, made when first needed
	patterns    map[string]*regexp.Regexp
	root        *schemaNode
}

// schemaNode is one schema in a form that is quick to check.
type schemaNode struct {
	raw  map[string]any
	done bool // the fields below are filled in

	unknown     bool // has a keyword that is not interpreted: accepts nothing
	types       jsonTypes
	enum        []string
	pattern     *regexp.Regexp
	minimum     *float64
	maximum     *float64
	unique      bool
	items       *schemaNode
	properties  map[string]*schemaNode
	byPattern   []patternNode
	required    []string
	closed      bool // no properties but those named here
	closedWhole bool // no properties but those named here or by the parts
	ref         string
	allOf       []*schemaNode
	anyOf       []*schemaNode
	oneOf       []*schemaNode
}

type patternNode struct {
	pattern *regexp.Regexp
	node    *schemaNode
}

func loadSchema() (*composeSchema, error) {
	var raw map[string]any
	if err := json.Unmarshal([]byte(schema.Schema), &raw); err != nil {
		return nil, fmt.Errorf("reading the schema of compose-go: %w", err)
	}
	definitions, _ := raw["$defs"].(map[string]any)
	return &composeSchema{
		definitions: definitions,
		nodes:       map[string]*schemaNode{},
		patterns:    map[string]*regexp.Regexp{},
		root:        &schemaNode{raw: raw},
	}, nil
}

const definitionPrefix = "#/$defs/"

// definition is the schema a reference names; one that is not there accepts
// nothing.
func (s *composeSchema) definition(ref string) *schemaNode {
	if node, ok := s.nodes[ref]; ok {
		return node
	}
	name, local := strings.CutPrefix(ref, definitionPrefix)
	raw, ok := s.definitions[name].(map[string]any)
	node := &schemaNode{raw: raw}
	if !local || !ok {
		node = &schemaNode{done: true, unknown: true}
	}
	s.nodes[ref] = node
	return node
}

// resolve fills in the fields of the node. It is done when a value is first
// checked against it: most files use a small part of the schema.
func (s *composeSchema) resolve(n *schemaNode) {
	if n.done {
		return
	}
	n.done = true
	for _, keyword := range slices.Sorted(maps.Keys(n.raw)) {
		if !s.keyword(n, keyword, n.raw[keyword]) {
			n.unknown = true
		}
	}
}

// keyword interprets one keyword of JSON Schema 2020-12 and tells whether it
// knows the keyword and the form of its value.
func (s *composeSchema) keyword(n *schemaNode, name string, value any) (known bool) {
	switch name {
	case "$schema", "$id", "$defs", "title", "description", "deprecated", "default":
		return true
	case "type":
		n.types, known = parseTypes(value)
	case "enum":
		n.enum, known = texts(value)
	case "pattern":
		n.pattern, known = s.regexp(value)
	case "minimum":
		n.minimum, known = number(value)
	case "maximum":
		n.maximum, known = number(value)
	case "uniqueItems":
		n.unique, known = value.(bool)
	case "items":
		n.items, known = subschema(value)
	case "properties":
		n.properties, known = subschemas(value)
	case "patternProperties":
		n.byPattern, known = s.patternNodes(value)
	case "required":
		n.required, known = texts(value)
	case "additionalProperties":
		n.closed, known = true, value == false
	case "unevaluatedProperties":
		n.closedWhole, known = true, value == false
	case "$ref":
		n.ref, known = value.(string)
	case "allOf":
		n.allOf, known = subschemaList(value)
	case "anyOf":
		n.anyOf, known = subschemaList(value)
	case "oneOf":
		n.oneOf, known = subschemaList(value)
	}
	return known
}

// listOf converts every item of a list.
func listOf[T any](value any, convert func(any) (T, bool)) ([]T, bool) {
	raw, ok := value.([]any)
	if !ok {
		return nil, false
	}
	list := make([]T, 0, len(raw))
	for _, item := range raw {
		converted, ok := convert(item)
		if !ok {
			return nil, false
		}
		list = append(list, converted)
	}
	return list, true
}

func texts(value any) ([]string, bool) {
	return listOf(value, func(item any) (string, bool) {
		text, ok := item.(string)
		return text, ok
	})
}

func number(value any) (*float64, bool) {
	n, ok := value.(float64)
	return &n, ok
}

func (s *composeSchema) regexp(value any) (*regexp.Regexp, bool) {
	text, ok := value.(string)
	if !ok {
		return nil, false
	}
	if known, ok := s.patterns[text]; ok {
		return known, true
	}
	compiled, err := regexp.Compile(text)
	if err != nil {
		return nil, false
	}
	s.patterns[text] = compiled
	return compiled, true
}

func subschema(value any) (*schemaNode, bool) {
	raw, ok := value.(map[string]any)
	return &schemaNode{raw: raw}, ok
}

func subschemas(value any) (map[string]*schemaNode, bool) {
	raw, ok := value.(map[string]any)
	if !ok {
		return nil, false
	}
	nodes := make(map[string]*schemaNode, len(raw))
	for key, child := range raw {
		if nodes[key], ok = subschema(child); !ok {
			return nil, false
		}
	}
	return nodes, true
}

func subschemaList(value any) ([]*schemaNode, bool) { return listOf(value, subschema) }

func (s *composeSchema) patternNodes(value any) ([]patternNode, bool) {
	raw, ok := value.(map[string]any)
	if !ok {
		return nil, false
	}
	nodes := make([]patternNode, 0, len(raw))
	for _, text := range slices.Sorted(maps.Keys(raw)) {
		pattern, ok := s.regexp(text)
		if !ok {
			return nil, false
		}
		node, ok := subschema(raw[text])
		if !ok {
			return nil, false
		}
		nodes = append(nodes, patternNode{pattern, node})
	}
	return nodes, true
}
