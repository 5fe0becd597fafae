package project

import "gopkg.in/yaml.v3"

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

// valueAt is the value at a key of a mapping, through aliases and merges, or
// nil.
func valueAt(node *yaml.Node, key string) *yaml.Node {
	node = aliased(node)
	if node.Kind != yaml.MappingNode {
		return nil
	}
	var merged *yaml.Node
	for i := 0; i+1 < len(node.Content); i += 2 {
		switch node.Content[i].Value {
		case key:
			return aliased(node.Content[i+1])
		case "<<":
			merged = aliased(node.Content[i+1])
		}
	}
	if merged == nil {
		return nil
	}
	if merged.Kind != yaml.SequenceNode {
		return valueAt(merged, key)
	}
	for _, part := range merged.Content {
		if value := valueAt(part, key); value != nil {
			return value
		}
	}
	return nil
}

func aliased(node *yaml.Node) *yaml.Node {
	for node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	return node
}

// pairs yields the keys and values of a mapping, through aliases but not
// through merges.
func pairs(node *yaml.Node) func(yield func(key, value *yaml.Node) bool) {
	return func(yield func(key, value *yaml.Node) bool) {
		if node == nil {
			return
		}
		node := aliased(node)
		if node.Kind != yaml.MappingNode {
			return
		}
		for i := 0; i+1 < len(node.Content); i += 2 {
			if !yield(node.Content[i], node.Content[i+1]) {
				return
			}
		}
	}
}
