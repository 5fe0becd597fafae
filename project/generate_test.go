package project

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/compose-spec/compose-go/v2/schema"
	"pgregory.net/rapid"
)

// generator draws Compose files from compose-go's own schema, so that every
// key it knows turns up. A few values are drawn against the schema.
type generator struct {
	definitions map[string]any
	root        map[string]any
	wrong       bool // now and then draw what the schema forbids
}

func newGenerator(wrong bool) generator {
	var raw map[string]any
	if err := json.Unmarshal([]byte(schema.Schema), &raw); err != nil {
		panic(err)
	}
	return generator{raw["$defs"].(map[string]any), raw, wrong}
}

// file draws a file with a few services that refer to each other and to a few
// networks, volumes, secrets and configs.
func (g generator) file(t *rapid.T) map[string]any {
	file := map[string]any{}
	services := map[string]any{}
	for _, name := range serviceNames()[:rapid.IntRange(1, 3).Draw(t, "services")] {
		service := g.object(t, g.definitions["service"].(map[string]any), "service", 0)
		if object, ok := service.(map[string]any); ok {
			if _, ok := object["image"]; !ok && rapid.IntRange(0, 9).Draw(t, "image") > 0 {
				object["image"] = "nginx"
			}
			delete(object, "extends")
		}
		services[name] = service
	}
	file["services"] = services
	definitions := map[string]string{
		"networks": "network", "volumes": "volume", "secrets": "secret", "configs": "config", "models": "model",
	}
	for _, section := range names(definitions) {
		definition := definitions[section]
		entries := map[string]any{}
		for _, name := range resourceKeys() {
			if rapid.Bool().Draw(t, section+name) {
				entries[name] = g.value(t, g.definitions[definition].(map[string]any), section, 1)
			}
		}
		if len(entries) > 0 {
			file[section] = entries
		}
	}
	for _, key := range []string{"name", "version", "x-extra"} {
		if rapid.IntRange(0, 4).Draw(t, key) == 0 {
			file[key] = text(t, key)
		}
	}
	return file
}

func serviceNames() []string { return []string{"app", "db", "we.b"} }
func resourceKeys() []string { return []string{"one", "two"} }

func (g generator) value(t *rapid.T, node map[string]any, key string, depth int) any {
	if g.wrong && rapid.IntRange(0, 40).Draw(t, "wrong") == 0 {
		return rapid.SampledFrom([]any{nil, 7, -1.5, true, "odd", []any{}, []any{1, 1}, map[string]any{"odd": 1}}).Draw(t, "odd")
	}
	if ref, ok := node["$ref"].(string); ok {
		return g.value(t, g.definitions[strings.TrimPrefix(ref, definitionPrefix)].(map[string]any), key, depth)
	}
	for _, keyword := range []string{"oneOf", "anyOf"} {
		if options, ok := node[keyword].([]any); ok {
			option := rapid.SampledFrom(options).Draw(t, keyword).(map[string]any)
			return g.value(t, option, key, depth)
		}
	}
	types := []any{node["type"]}
	if list, ok := node["type"].([]any); ok {
		types = list
	}
	return g.typed(t, node, fmt.Sprint(rapid.SampledFrom(types).Draw(t, "type")), key, depth)
}

func (g generator) typed(t *rapid.T, node map[string]any, kind, key string, depth int) any {
	switch kind {
	case "array":
		items, _ := node["items"].(map[string]any)
		list := []any{}
		for range rapid.IntRange(0, 3).Draw(t, "length") {
			list = append(list, g.value(t, items, key, depth+1))
		}
		return list
	case "string":
		if enum, ok := node["enum"].([]any); ok {
			return rapid.SampledFrom(enum).Draw(t, "enum")
		}
		return text(t, key)
	case "integer":
		return rapid.SampledFrom([]any{0, 1, 2, 80, 1000, "1", "${ONE}"}).Draw(t, "integer")
	case "number":
		return rapid.SampledFrom([]any{0, 1, 0.5, 2.25, "1", "${ONE}"}).Draw(t, "number")
	case "boolean":
		return rapid.SampledFrom([]any{true, false, "true", "yes", "${NO}"}).Draw(t, "boolean")
	case "null":
		return nil
	default:
		return g.object(t, node, key, depth)
	}
}

func (g generator) object(t *rapid.T, node map[string]any, key string, depth int) any {
	properties := g.properties(node)
	object := map[string]any{}
	known := names(properties)
	most := 6
	if depth > 0 {
		most = 3
	}
	if len(known) > 0 {
		for range rapid.IntRange(0, most).Draw(t, "properties") {
			name := rapid.SampledFrom(known).Draw(t, "property")
			object[name] = g.value(t, properties[name], name, depth+1)
		}
	}
	required, _ := node["required"].([]any)
	for _, name := range required {
		if _, ok := object[name.(string)]; !ok {
			object[name.(string)] = g.value(t, properties[name.(string)], name.(string), depth+1)
		}
	}
	patterns, _ := node["patternProperties"].(map[string]any)
	for _, pattern := range names(patterns) {
		if pattern == "^x-" || depth > 4 {
			continue
		}
		for range rapid.IntRange(0, 2).Draw(t, "entries") {
			object[text(t, key)] = g.value(t, patterns[pattern].(map[string]any), key, depth+1)
		}
	}
	if rapid.IntRange(0, 15).Draw(t, "extension") == 0 {
		object["x-note"] = map[string]any{"any": []any{1, "two"}}
	}
	return object
}

// properties are those of the node and of the parts it is made of.
func (g generator) properties(node map[string]any) map[string]map[string]any {
	found := map[string]map[string]any{}
	if all, ok := node["allOf"].([]any); ok {
		for _, part := range all {
			ref := part.(map[string]any)["$ref"].(string)
			for name, child := range g.properties(g.definitions[strings.TrimPrefix(ref, definitionPrefix)].(map[string]any)) {
				found[name] = child
			}
		}
	}
	own, _ := node["properties"].(map[string]any)
	for name, child := range own {
		found[name] = child.(map[string]any)
	}
	return found
}

// text draws a text that may well be valid for the key, and at times is not.
func text(t *rapid.T, key string) string {
	pool := []string{"a", "b=c", "${ONE}", "${UNSET}", "x${UNSET:-d}", "$$", "10s", "1m30s", "64m", "0.5", "./p", "/abs", ""}
	switch key {
	case "depends_on", "links", "volumes_from":
		pool = append(serviceNames(), "db:ro", "container:x", "none")
	case "networks", "secrets", "configs", "source", "models":
		pool = append(resourceKeys(), "missing", "./src")
	case "volumes":
		pool = []string{"one:/one", "two:/two:ro", "./src:/src", "/abs:/abs:z", "/anon", "missing:/m", ":", "one:/one"}
	case "ports":
		pool = []string{"80", "8080:80", "127.0.0.1:9000:90/udp", "8000-8002:80-82", "6000-6003:70", "a:b", "${ONE}"}
	case "expose":
		pool = []string{"80", "90/tcp", "100-101"}
	case "network_mode", "ipc", "pid", "uts", "cgroup":
		pool = []string{"host", "none", "service:db", "service:none", "container:x", "private"}
	case "condition":
		pool = []string{"service_started", "service_healthy", "service_completed_successfully"}
	case "devices":
		pool = []string{"/dev/null:/dev/x:rwm", "/dev/zero", "vendor.com/class=dev"}
	case "tmpfs", "target":
		pool = []string{"/run", "/tmp:size=1m", "/one", "rel"}
	case "environment", "labels", "args", "sysctls", "annotations", "extra_hosts", "driver_opts", "options":
		pool = append(pool, "K=V", "K", "K=W", "h:1.2.3.4", "h=::1", "trailing =x")
	case "host_ip":
		pool = []string{"127.0.0.1", "::1", "nonsense"}
	case "profiles":
		pool = []string{"debug", "dev"}
	case "test":
		pool = []string{"CMD", "CMD-SHELL", "NONE", "true", "odd"}
	case "platform", "platforms":
		pool = []string{"linux/amd64", "linux/arm64"}
	case "pull_policy":
		pool = []string{"always", "if_not_present", "every_2d", "never", "odd"}
	case "env_file", "label_file":
		pool = []string{"./a.env", "/abs.env"}
	case "container_name":
		pool = []string{"same", "other", "${UNSET}"}
	}
	return rapid.SampledFrom(pool).Draw(t, key)
}
