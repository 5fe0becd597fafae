package project

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// violation is one place where a model breaks the schema.
type violation struct {
	path    []string
	message string   // what compose-go would say after the path
	unknown string   // the key that is not allowed there, if that is what is wrong
	allowed []string // the keys that are allowed there
	wanted  jsonTypes
}

// schemaCheck checks one model. It finds all violations, or only whether
// there is one.
type schemaCheck struct {
	schema *composeSchema
	all    bool
}

// accepts tells whether the model surely satisfies the schema.
func (s *composeSchema) accepts(model map[string]any) bool {
	return len(schemaCheck{schema: s}.check(s.root, model, nil)) == 0
}

// violations lists what is wrong with the model, in the order of the paths.
func (s *composeSchema) violations(model map[string]any) []violation {
	found := schemaCheck{schema: s, all: true}.check(s.root, model, nil)
	slices.SortStableFunc(found, func(a, b violation) int { return slices.Compare(a.path, b.path) })
	return found
}

func (c schemaCheck) check(n *schemaNode, value any, path []string) []violation {
	c.schema.resolve(n)
	if n.unknown {
		return []violation{c.at(path, "cannot be checked")}
	}
	found := c.checkType(n, value, path)
	if len(found) > 0 {
		return found
	}
	for _, part := range c.parts(n) {
		if found = append(found, c.check(part, value, path)...); c.enough(found) {
			return found
		}
	}
	switch v := value.(type) {
	case map[string]any:
		found = append(found, c.checkObject(n, v, path)...)
	case []any:
		found = append(found, c.checkArray(n, v, path)...)
	}
	if c.enough(found) {
		return found
	}
	return append(found, c.checkAlternatives(n, value, path)...)
}

func (c schemaCheck) enough(found []violation) bool { return len(found) > 0 && !c.all }

func (c schemaCheck) at(path []string, format string, args ...any) violation {
	return violation{path: slices.Clone(path), message: fmt.Sprintf(format, args...)}
}

// parts are the schemas that must hold as well as the node itself.
func (c schemaCheck) parts(n *schemaNode) []*schemaNode {
	if n.ref == "" {
		return n.allOf
	}
	return append([]*schemaNode{c.schema.definition(n.ref)}, n.allOf...)
}

func (c schemaCheck) checkType(n *schemaNode, value any, path []string) []violation {
	actual := typeOf(value)
	if actual == 0 {
		return []violation{c.at(path, "is no value of JSON")}
	}
	if n.types != 0 && n.types&actual == 0 {
		wrong := c.at(path, "must be a %s", n.types.words())
		wrong.wanted = n.types
		return []violation{wrong}
	}
	text, isText := value.(string)
	if n.enum != nil && (!isText || !slices.Contains(n.enum, text)) {
		return []violation{c.at(path, "value must be %s", oneOfWords(n.enum))}
	}
	if n.pattern != nil && actual == isString && (!isText || !n.pattern.MatchString(text)) {
		return []violation{c.at(path, "'%s' does not match pattern '%s'", text, n.pattern)}
	}
	if number, ok := numeric(value); ok {
		switch {
		case n.minimum != nil && number < *n.minimum:
			return []violation{c.at(path, "must be greater than or equal to %v", *n.minimum)}
		case n.maximum != nil && number > *n.maximum:
			return []violation{c.at(path, "must be less than or equal to %v", *n.maximum)}
		}
	}
	return nil
}

func oneOfWords(values []string) string {
	if len(values) == 1 {
		return "'" + values[0] + "'"
	}
	return "one of '" + strings.Join(values, "', '") + "'"
}

func (c schemaCheck) checkObject(n *schemaNode, object map[string]any, path []string) (found []violation) {
	for _, key := range n.required {
		if _, ok := object[key]; !ok {
			found = append(found, c.at(path, "missing property '%s'", key))
		}
	}
	for key, value := range object {
		if c.enough(found) {
			return found
		}
		at := append(path, key) //nolint:gocritic // path is copied where it is kept
		matched := false
		if property, ok := n.properties[key]; ok {
			matched = true
			found = append(found, c.check(property, value, at)...)
		}
		for _, byPattern := range n.byPattern {
			if byPattern.pattern.MatchString(key) {
				matched = true
				found = append(found, c.check(byPattern.node, value, at)...)
			}
		}
		if !matched && (n.closed || n.closedWhole && !c.evaluated(n, key)) {
			found = append(found, c.unknownKey(n, key, path))
		}
	}
	return found
}

func (c schemaCheck) unknownKey(n *schemaNode, key string, path []string) violation {
	wrong := c.at(path, "additional properties '%s' not allowed", key)
	wrong.unknown = key
	if c.all {
		wrong.allowed = c.keys(n)
	}
	return wrong
}

// evaluated tells whether a part of the node speaks about the key. Parts
// under anyOf and oneOf are not asked: to miss one is safe.
func (c schemaCheck) evaluated(n *schemaNode, key string) bool {
	for _, part := range c.parts(n) {
		c.schema.resolve(part)
		if _, ok := part.properties[key]; ok {
			return true
		}
		if slices.ContainsFunc(part.byPattern, func(p patternNode) bool { return p.pattern.MatchString(key) }) {
			return true
		}
		if c.evaluated(part, key) {
			return true
		}
	}
	return false
}

// keys are the names that the node and its parts know.
func (c schemaCheck) keys(n *schemaNode) []string {
	known := slices.Collect(maps.Keys(n.properties))
	for _, part := range c.parts(n) {
		c.schema.resolve(part)
		known = append(known, c.keys(part)...)
	}
	slices.Sort(known)
	return slices.Compact(known)
}

func (c schemaCheck) checkArray(n *schemaNode, list []any, path []string) (found []violation) {
	seen := map[string]int{}
	for i, item := range list {
		if c.enough(found) {
			return found
		}
		at := append(path, fmt.Sprint(i)) //nolint:gocritic // path is copied where it is kept
		if n.items != nil {
			found = append(found, c.check(n.items, item, at)...)
		}
		if !n.unique {
			continue
		}
		text, ok := identity(item)
		if first, twice := seen[text]; twice || !ok {
			found = append(found, c.at(path, "items at %d and %d are equal", first, i))
		}
		seen[text] = i
	}
	return found
}

// checkAlternatives handles anyOf and oneOf. Of alternatives that all fail it
// reports the one that got farthest, which is the one that was meant.
func (c schemaCheck) checkAlternatives(n *schemaNode, value any, path []string) []violation {
	if found := c.checkCount(n.anyOf, value, path, false); len(found) > 0 {
		return found
	}
	return c.checkCount(n.oneOf, value, path, true)
}

func (c schemaCheck) checkCount(options []*schemaNode, value any, path []string, exactlyOne bool) []violation {
	if len(options) == 0 {
		return nil
	}
	matches := 0
	var failures [][]violation
	for _, option := range options {
		failure := c.check(option, value, path)
		if len(failure) > 0 {
			failures = append(failures, failure)
			continue
		}
		if matches++; !exactlyOne {
			return nil
		}
	}
	switch {
	case matches == 1:
		return nil
	case matches > 1:
		return []violation{c.at(path, "oneOf failed, several matched")}
	default:
		return c.nearest(failures, path)
	}
}

func (c schemaCheck) nearest(failures [][]violation, path []string) []violation {
	var wanted jsonTypes
	var best []violation
	for _, failure := range failures {
		if first := failure[0]; first.wanted != 0 && len(first.path) == len(path) {
			wanted |= first.wanted
			continue
		}
		if best == nil || deepest(failure) > deepest(best) {
			best = failure
		}
	}
	if best != nil {
		return best
	}
	wrong := c.at(path, "must be a %s", wanted.words())
	wrong.wanted = wanted
	return []violation{wrong}
}

func deepest(found []violation) int {
	depth := 0
	for _, v := range found {
		depth = max(depth, len(v.path))
	}
	return depth
}
