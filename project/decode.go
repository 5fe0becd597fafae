package project

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"gopkg.in/yaml.v3"
)

// Limits on one file. They keep memory bounded on hostile input and are far
// above real files: 5,000 services of 60 keys are 600,000 nodes.
const (
	maxFileSize = 16 << 20  // bytes
	maxNodes    = 2_000_000 // after aliases are expanded
	maxDepth    = 200       // mappings and lists within each other
)

// limitError says why a file that may well be YAML is not read.
type limitError struct {
	line int // 0: the whole file
	text string
}

func (e *limitError) Error() string {
	if e.line == 0 {
		return e.text
	}
	return fmt.Sprintf("line %d: %s", e.line, e.text)
}

func refuse(line int, format string, args ...any) error {
	return &limitError{line, fmt.Sprintf(format, args...)}
}

// checkSize refuses a file that would need too much memory to parse. Every
// node has at least one of these characters next to it.
func checkSize(content []byte) error {
	if len(content) > maxFileSize {
		return refuse(0, "file is too large: at most %d bytes are read", maxFileSize)
	}
	nodes := 1
	for _, c := range content {
		switch c {
		case '\n', ',', ':', '-', '[', '{', '?':
			nodes++
		}
	}
	if nodes > 2*maxNodes {
		return refuse(0, "file has too many elements: at most %d are read", maxNodes)
	}
	return nil
}

// parseDocuments parses all documents of a file. The error is a [*limitError]
// for what would grow without bound when it is decoded, or else the parser's.
func parseDocuments(content []byte) (docs []*yaml.Node, err error) {
	if err := checkSize(content); err != nil {
		return nil, err
	}
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	budget := nodeBudget{size: map[*yaml.Node]int{}}
	for {
		doc := &yaml.Node{}
		if err := decoder.Decode(doc); errors.Is(err, io.EOF) {
			return docs, nil
		} else if err != nil {
			return docs, err
		}
		if n, err := budget.count(doc, 0); err != nil {
			return docs, err
		} else if budget.total += n; budget.total > maxNodes {
			return docs, refuse(0, "file has too many elements once its aliases are expanded: at most %d are read", maxNodes)
		}
		docs = append(docs, doc)
	}
}

// nodeBudget counts nodes as they will be after aliases are expanded, without
// expanding them.
type nodeBudget struct {
	size  map[*yaml.Node]int // of anchored nodes; inProgress while counting
	total int
}

const inProgress = -1

func (b *nodeBudget) count(node *yaml.Node, depth int) (int, error) {
	if depth > maxDepth {
		return 0, refuse(node.Line, "nested too deeply: at most %d levels are read", maxDepth)
	}
	if node.Kind == yaml.AliasNode {
		return b.count(node.Alias, depth+1)
	}
	if node.Anchor != "" {
		switch known, ok := b.size[node]; {
		case ok && known == inProgress:
			return 0, refuse(node.Line, "anchor %q contains itself", node.Anchor)
		case ok:
			return known, nil
		}
		b.size[node] = inProgress
	}
	if err := checkKeys(node); err != nil {
		return 0, err
	}
	total := 1
	for _, child := range node.Content {
		n, err := b.count(child, depth+1)
		if err != nil {
			return 0, err
		}
		total = min(total+n, maxNodes+1)
	}
	if node.Anchor != "" {
		b.size[node] = total
	}
	return total, nil
}

// checkKeys refuses a mapping that has a key twice.
func checkKeys(node *yaml.Node) error {
	if node.Kind != yaml.MappingNode {
		return nil
	}
	lines := make(map[string]int, len(node.Content)/2)
	for i := 0; i+1 < len(node.Content); i += 2 {
		key := node.Content[i]
		if key.Kind != yaml.ScalarNode {
			continue
		}
		if first, ok := lines[key.Value]; ok {
			return refuse(key.Line, "mapping key %q already defined at line %d", key.Value, first)
		}
		lines[key.Value] = key.Line
	}
	return nil
}

// plainValue decodes a document for the quick way of loading: string keys
// only and no tags that compose-go gives a meaning to.
func plainValue(doc *yaml.Node) (map[string]any, bool) {
	if hasComposeTag(doc) {
		return nil, false
	}
	var value map[string]any
	if err := doc.Decode(&value); err != nil || !stringKeys(value) {
		return nil, false
	}
	return value, true
}

func hasComposeTag(node *yaml.Node) bool {
	if node.Tag == "!reset" || node.Tag == "!override" {
		return true
	}
	for _, child := range node.Content {
		if hasComposeTag(child) {
			return true
		}
	}
	return false
}

func stringKeys(value any) bool {
	switch v := value.(type) {
	case map[string]any:
		for _, child := range v {
			if !stringKeys(child) {
				return false
			}
		}
	case map[any]any:
		return false
	case []any:
		for _, child := range v {
			if !stringKeys(child) {
				return false
			}
		}
	}
	return true
}
