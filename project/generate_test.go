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
			delete(object, "extends") // of all its forms, most name files
			if rapid.IntRange(0, 4).Draw(t, "extends") == 0 {
				object["extends"] = g.extends(t)
			}
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
				entries[name] = g.resource(t, section, definition)
			}
		}
		if len(entries) > 0 {
			file[section] = entries
		}
	}
	for _, key := range []string{"name", "version", "x-extra"} {
		if rapid.IntRange(0, 4).Draw(t, key) == 0 {
			file[key] = g.text(t, key)
		}
	}
	return file
}

// resource draws one entry of a section. Most are of a simple form: the rules
// about what excludes what would refuse nearly all others.
func (g generator) resource(t *rapid.T, section, definition string) any {
	if rapid.IntRange(0, 9).Draw(t, "free") == 0 {
		return g.value(t, g.definitions[definition].(map[string]any), section, 1)
	}
	var forms []any
	switch section {
	case "secrets":
		forms = []any{map[string]any{"file": "./f"}, map[string]any{"environment": "ONE"}, map[string]any{"external": true}}
	case "configs":
		forms = []any{map[string]any{"file": "./f"}, map[string]any{"environment": "ONE"}, map[string]any{"content": "${ONE}"}}
	case "models":
		forms = []any{map[string]any{"model": "m", "context_size": 5}}
	default:
		forms = []any{
			nil, map[string]any{}, map[string]any{"external": true}, map[string]any{"labels": []any{"K=V", "K=W", "L"}},
			map[string]any{"driver": "local", "driver_opts": map[string]any{"o": "bind", "device": "./d"}},
		}
	}
	return rapid.SampledFrom(forms).Draw(t, "form")
}

func (g generator) extends(t *rapid.T) any {
	base := rapid.SampledFrom(serviceNames()).Draw(t, "base")
	if rapid.Bool().Draw(t, "long") {
		return map[string]any{"service": base}
	}
	return base
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
		return g.text(t, key)
	case "integer":
		if _, only := node["type"].(string); only && !g.wrong {
			return rapid.SampledFrom([]int{0, 1, 2, 80, -1, 101, 1001, 1 << 33}).Draw(t, "integer")
		}
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
			object[g.text(t, key)] = g.value(t, patterns[pattern].(map[string]any), key, depth+1)
		}
	}
	if depth == 0 && rapid.IntRange(0, 15).Draw(t, "extension") == 0 {
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

// text draws a text that is valid for the key; a wrong generator also draws
// texts that are not.
func (g generator) text(t *rapid.T, key string) string {
	pool := pools()[key]
	if pool == nil {
		pool = []string{"a", "b=c", "${ONE}", "${UNSET}", "x${UNSET:-d}", "$$", "./p", "/abs"}
	}
	if g.wrong {
		pool = append(pool, "", ":", "none", "a:b", "1zz", "missing:/m", "trailing =x", "same")
	}
	return rapid.SampledFrom(pool).Draw(t, key)
}

func pools() map[string][]string {
	found := map[string][]string{
		"depends_on":     serviceNames(),
		"links":          append(serviceNames(), "db:alias"),
		"volumes_from":   append(serviceNames(), "db:ro", "container:x"),
		"networks":       resourceKeys(),
		"secrets":        resourceKeys(),
		"configs":        resourceKeys(),
		"models":         resourceKeys(),
		"source":         append(resourceKeys(), "./src"),
		"volumes":        {"one:/one", "two:/two:ro", "./src:/src", "/abs:/abs:z", "/anon", "one:/one"},
		"ports":          {"80", "8080:80", "127.0.0.1:9000:90/udp", "8000-8002:80-82", "6000-6003:70", "${ONE}"},
		"published":      {"8080", "8080-8090"},
		"expose":         {"80", "90/tcp", "100-101"},
		"network_mode":   {"host", "none", "service:db", "container:x"},
		"condition":      {"service_started", "service_healthy", "service_completed_successfully"},
		"devices":        {"/dev/null:/dev/x:rwm", "/dev/zero", "vendor.com/class=dev"},
		"tmpfs":          {"/run", "/tmp:size=1m", "/var"},
		"target":         {"/run", "/one", "rel"},
		"host_ip":        {"127.0.0.1", "::1"},
		"profiles":       {"debug", "dev"},
		"test":           {"CMD", "CMD-SHELL", "NONE"},
		"platform":       {"linux/amd64", "linux/arm64"},
		"platforms":      {"linux/amd64", "linux/arm64"},
		"pull_policy":    {"always", "if_not_present", "every_2d", "never"},
		"env_file":       {"./a.env", "/abs.env"},
		"label_file":     {"./a.labels", "/abs.labels"},
		"container_name": {"same", "other", "c${ONE}"},
		"extra_hosts":    {"h:1.2.3.4", "h=::1", "other:host-gateway"},
		"mode":           {"0440", "292", "ingress"},
		"pid":            {"host", "service:db", "container:x"},
		"ipc":            {"host", "shareable", "service:db"},
	}
	for _, key := range []string{"environment", "labels", "args", "sysctls", "annotations", "driver_opts", "options"} {
		found[key] = []string{"K=V", "K", "K=W", "L=${UNSET}", "M"}
	}
	for _, key := range []string{
		"interval", "timeout", "start_period", "start_interval", "stop_grace_period", "delay", "monitor", "window", "period",
	} {
		found[key] = []string{"10s", "1m30s", "0"}
	}
	for _, key := range []string{
		"mem_limit", "mem_reservation", "mem_swappiness", "memswap_limit", "shm_size", "memory", "size", "limit",
	} {
		found[key] = []string{"64m", "1gb", "512"}
	}
	for _, key := range []string{
		"cpus", "cpu_count", "cpu_percent", "cpu_period", "cpu_quota", "cpu_rt_period", "cpu_rt_runtime", "cpu_shares",
		"oom_score_adj", "pids_limit", "pids", "retries", "replicas", "scale", "parallelism", "max_attempts", "ulimits",
		"soft", "hard", "umask", "count", "weight", "rate", "priority", "max_replicas_per_node", "max_failure_ratio",
		"nofile", "gw_priority", "value",
	} {
		found[key] = []string{"1", "2", "${ONE}"}
	}
	for _, key := range []string{
		"init", "privileged", "read_only", "oom_kill_disable", "stdin_open", "tty", "external", "internal", "attachable",
		"attach", "enable_ipv4", "enable_ipv6", "disable", "required", "restart", "nocopy", "no_cache", "pull", "create_host_path",
	} {
		found[key] = []string{"true", "false", "no", "${NO}"}
	}
	return found
}
