package project

import "github.com/compose-spec/compose-go/v2/override"

// extended merges services with those of the same file that they extend, by
// compose-go's own rules for a merge. It tells false for what it leaves to
// compose-go: another file, a service that is not there or empty, a circle.
func extended(config map[string]any) bool {
	services, ok := config["services"].(map[string]any)
	if !ok {
		_, there := config["services"]
		return !there
	}
	for name := range services {
		if !extendService(services, name, 0) {
			return false
		}
	}
	return true
}

func extendService(services map[string]any, name string, depth int) bool {
	service, ok := services[name].(map[string]any)
	if !ok || depth > len(services) {
		return false
	}
	extends, ok := service["extends"]
	if !ok {
		return true
	}
	base, ok := baseInFile(extends)
	if !ok || !extendService(services, base, depth+1) {
		return false
	}
	source, ok := deepCopy(services[base]).(map[string]any)
	if !ok {
		return false
	}
	merged, err := override.ExtendService(source, service)
	if err != nil {
		return false
	}
	delete(merged, "extends")
	services[name] = merged
	return true
}

// baseInFile is the service that extends names, unless it is in another file.
func baseInFile(extends any) (string, bool) {
	switch v := extends.(type) {
	case string:
		return v, true
	case map[string]any:
		name, ok := v["service"].(string)
		return name, ok && len(v) == 1
	default:
		return "", false
	}
}

func deepCopy(value any) any {
	switch v := value.(type) {
	case map[string]any:
		copied := make(map[string]any, len(v))
		for key, child := range v {
			copied[key] = deepCopy(child)
		}
		return copied
	case []any:
		copied := make([]any, len(v))
		for i, child := range v {
			copied[i] = deepCopy(child)
		}
		return copied
	default:
		return value
	}
}
