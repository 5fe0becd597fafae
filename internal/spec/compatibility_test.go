package spec_test

import (
	"encoding/json"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/schema"
)

// TestCompatibilityOfKeys holds the table of docs/compatibility.md against the
// schema of Compose files and against what becomes of each key of a service.
func TestCompatibilityOfKeys(t *testing.T) {
	text, err := os.ReadFile("../../docs/compatibility.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(text), "\n## Keys of Compose files\n")
	section, _, _ = strings.Cut(section, "\n## ")
	told := map[string]string{}
	for _, row := range regexp.MustCompile("(?m)^\\| `([a-z0-9_.]+)` \\| (sent|used|noted|refused|unused)\\b.* \\|$").FindAllStringSubmatch(section, -1) {
		told[row[1]] = row[2]
	}
	keys := schemaKeys(t)
	for key := range keys {
		needed := strings.Count(key, ".") < 2 && !strings.HasPrefix(key, "jobs.")
		if _, ok := told[key]; needed && !ok {
			t.Errorf("%s has no line", key)
		}
	}
	sent := func(f fate) bool { return f == whole || f == unshown || f == unsent }
	fates := plainFates()
	for key, word := range told {
		if !keys[key] {
			t.Errorf("the schema has no %s", key)
		}
		if rest, ok := strings.CutPrefix(key, "services."); ok && sent(fateOf(rest, fates)) != (word == "sent") {
			t.Errorf("%s is said to be %s, and is %s", key, word, fateOf(rest, fates))
		}
	}
}

// plainFates are the fates by the path of a key alone, without the marks of
// lists and mappings.
func plainFates() map[string]fate {
	plain := map[string]fate{}
	for key, fate := range fates() {
		plain[strings.NewReplacer("[]", "", ".*", "").Replace(key)] = fate
	}
	return plain
}

// schemaKeys lists the keys of the schema by their paths, less the names that
// people choose.
func schemaKeys(t *testing.T) map[string]bool {
	t.Helper()
	var root map[string]any
	if err := json.Unmarshal([]byte(schema.Schema), &root); err != nil {
		t.Fatal(err)
	}
	w := schemaWalk{definitions: root["$defs"].(map[string]any), keys: map[string]bool{}}
	w.walk(root, "", nil)
	return w.keys
}

type schemaWalk struct {
	definitions map[string]any
	keys        map[string]bool
}

// walk adds what a node of the schema allows below a path. References that lead
// back to themselves are followed once.
func (w *schemaWalk) walk(node any, path string, seen []string) {
	switch n := node.(type) {
	case []any:
		for _, item := range n {
			w.walk(item, path, seen)
		}
	case map[string]any:
		if ref, ok := n["$ref"].(string); ok {
			name := ref[strings.LastIndex(ref, "/")+1:]
			if !slices.Contains(seen, name) {
				w.walk(w.definitions[name], path, append(slices.Clone(seen), name))
			}
			return
		}
		properties, _ := n["properties"].(map[string]any)
		for _, key := range slices.Sorted(maps.Keys(properties)) {
			w.keys[join(path, key)] = true
			w.walk(properties[key], join(path, key), seen)
		}
		for _, inside := range []string{"oneOf", "anyOf", "allOf", "items", "additionalProperties"} {
			w.walk(n[inside], path, seen)
		}
		patterns, _ := n["patternProperties"].(map[string]any)
		for _, pattern := range slices.Sorted(maps.Keys(patterns)) {
			if pattern != "^x-" {
				w.walk(patterns[pattern], path, seen)
			}
		}
	}
}
