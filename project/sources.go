package project

import (
	"strconv"
	"strings"
	"sync"

	"gopkg.in/yaml.v3"
)

// Sources maps paths of the model to the places in the files that set them.
// It is safe for concurrent use; files are parsed on the first question.
type Sources struct {
	files []*source // later ones override earlier ones
}

// source is one file that took part in a load.
type source struct {
	name    string // as shown: absolute path, or "-"
	content []byte
	under   bool // found through include or extends: asked after the others

	once sync.Once
	docs []*yaml.Node
}

// documents are the parsed documents, as far as the file can be parsed.
func (s *source) documents() []*yaml.Node {
	s.once.Do(func() {
		if s.docs == nil {
			s.docs, _ = parseDocuments(s.content) // a broken file has no positions
		}
	})
	return s.docs
}

// Position is the place that sets the model path, as in services.web.image:
// the last file that does wins. Where the very path stands in no file, it is
// the place of the nearest parent that does.
func (s *Sources) Position(path string) (Pos, bool) {
	if s == nil || path == "" {
		return Pos{}, false
	}
	var best Pos
	depth := 0
	for _, under := range []bool{false, true} {
		for i := len(s.files) - 1; i >= 0; i-- {
			file := s.files[i]
			if file.under != under {
				continue
			}
			for _, doc := range file.documents() {
				node, found := locate(doc, path, 0)
				if found > depth {
					best, depth = Pos{file.name, node.Line, node.Column}, found
				}
			}
		}
	}
	return best, depth > 0
}

// scalar finds the first scalar with that text: where a variable was used.
func (s *Sources) scalar(text string) (Pos, bool) {
	for _, file := range s.files {
		for _, doc := range file.documents() {
			if node := findScalar(doc, text, 0); node != nil {
				return Pos{file.name, node.Line, node.Column}, true
			}
		}
	}
	return Pos{}, false
}

// line is the text of one line of a file, without its end.
func (s *Sources) line(pos Pos) (string, bool) {
	if s == nil || pos.Line == 0 {
		return "", false
	}
	for _, file := range s.files {
		if file.name != pos.File {
			continue
		}
		text := string(file.content)
		for range pos.Line - 1 {
			_, rest, ok := strings.Cut(text, "\n")
			if !ok {
				return "", false
			}
			text = rest
		}
		text, _, _ = strings.Cut(text, "\n")
		return strings.TrimSuffix(text, "\r"), true
	}
	return "", false
}

// maxLocateDepth ends the descent into aliases that contain themselves.
const maxLocateDepth = 100

// locate follows a dotted path and returns the deepest node on it and how
// much of the path that node covers. Keys may themselves hold dots.
func locate(node *yaml.Node, path string, depth int) (*yaml.Node, int) {
	if depth > maxLocateDepth {
		return nil, 0
	}
	switch node.Kind {
	case yaml.DocumentNode:
		if len(node.Content) > 0 {
			return locate(node.Content[0], path, depth+1)
		}
	case yaml.AliasNode:
		return locate(node.Alias, path, depth+1)
	case yaml.MappingNode:
		return locateKey(node, path, depth)
	case yaml.SequenceNode:
		return locateItem(node, path, depth)
	default: // a scalar has nothing below it
	}
	return nil, 0
}

func locateKey(node *yaml.Node, path string, depth int) (*yaml.Node, int) {
	var best *yaml.Node
	covered := 0
	keep := func(n *yaml.Node, c int) {
		if c > covered {
			best, covered = n, c
		}
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		if key.Value == "<<" {
			keep(locate(value, path, depth+1))
			continue
		}
		rest, ok := cutKey(path, key.Value)
		if !ok {
			continue
		}
		at, used := key, len(path)-len(rest)
		if rest != "" {
			if deeper, more := locate(value, rest, depth+1); more > 0 {
				at, used = deeper, used+more
			}
		}
		keep(at, used)
	}
	return best, covered
}

// locateItem finds a list item by number, by its text (as db or db:alias or
// KEY=value), or by the attribute that names it in the long form. Under a
// merge key a list holds mappings that are merged.
func locateItem(node *yaml.Node, path string, depth int) (*yaml.Node, int) {
	var best *yaml.Node
	covered := 0
	for i, item := range node.Content {
		rest, ok := cutKey(path, strconv.Itoa(i))
		if !ok {
			rest, ok = cutItem(path, item)
		}
		at, used := item, len(path)-len(rest)
		if !ok {
			at, used = locate(item, path, depth+1)
		} else if rest != "" {
			if deeper, more := locate(item, rest, depth+1); more > 0 {
				at, used = deeper, used+more
			}
		}
		if used > covered {
			best, covered = at, used
		}
	}
	return best, covered
}

// cutKey takes one key off the front of a dotted path.
func cutKey(path, key string) (string, bool) {
	rest, ok := strings.CutPrefix(path, key)
	if !ok || key == "" {
		return path, false
	}
	if rest == "" {
		return "", true
	}
	if rest[0] != '.' {
		return path, false
	}
	return rest[1:], true
}

func cutItem(path string, item *yaml.Node) (string, bool) {
	switch item.Kind {
	case yaml.ScalarNode:
		name := item.Value
		if strings.HasPrefix(path, "/") && strings.HasSuffix(path, "/"+strings.TrimPrefix(name, "./")) {
			return "", name != "" // a relative path that was made absolute
		}
		if i := strings.IndexAny(name, ":="); i >= 0 {
			if rest, ok := cutKey(path, name); ok {
				return rest, true
			}
			name = name[:i]
		}
		return cutKey(path, name)
	case yaml.MappingNode:
		for i := 0; i+1 < len(item.Content); i += 2 {
			switch item.Content[i].Value {
			case "source", "target", "path", "name":
				if rest, ok := cutKey(path, item.Content[i+1].Value); ok {
					return rest, true
				}
			}
		}
	default: // a list in a list has no name
	}
	return path, false
}

func findScalar(node *yaml.Node, text string, depth int) *yaml.Node {
	if depth > maxLocateDepth {
		return nil
	}
	if node.Kind == yaml.ScalarNode && node.Value == text {
		return node
	}
	for _, child := range node.Content { // aliases have no content: each place is seen once
		if found := findScalar(child, text, depth+1); found != nil {
			return found
		}
	}
	return nil
}
