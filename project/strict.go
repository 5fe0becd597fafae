package project

import (
	"context"
	"slices"

	"github.com/compose-spec/compose-go/v2/loader"
)

// strictBinds are the targets, by service, of bind mounts with a bind section
// that says nothing of create_host_path. docker compose 2.40.3 takes it for
// false there, and hashes it so; since then its default is true.
type strictBinds map[string][]string

// strictBindsOf reads a model in which default values are not set yet.
func strictBindsOf(model map[string]any) strictBinds {
	found := strictBinds{}
	forBinds(model, func(service, target string, bind map[string]any) {
		if _, stated := bind["create_host_path"]; !stated {
			found[service] = append(found[service], target)
		}
	})
	return found
}

// findStrictBinds is for a model in which default values are set: it loads
// the files once more without them, if there is something to find.
func (l *load) findStrictBinds(ctx context.Context, model map[string]any) strictBinds {
	some := false
	forBinds(model, func(string, string, map[string]any) { some = true })
	if !some {
		return nil
	}
	bare, err := loader.LoadModelWithContext(ctx, l.details(), l.slowOptions, func(o *loader.Options) {
		o.SkipDefaultValues = true
	})
	if err != nil {
		return nil // with default values it loads, and a hash is not worth an error
	}
	found := strictBindsOf(bare)
	l.addIncluded(found)
	return found
}

// addIncluded adds what only included files say, in which compose-go sets
// default values at once. They are taken as they are written.
func (l *load) addIncluded(found strictBinds) {
	main := map[string]bool{}
	for _, file := range l.sources.files {
		for _, doc := range file.documents() {
			var model map[string]any
			if err := doc.Decode(&model); err != nil {
				continue // compose-go took it all the same
			}
			services, _ := model["services"].(map[string]any)
			for name := range services {
				main[name] = main[name] || !file.under
			}
			for name, targets := range strictBindsOf(model) {
				if !main[name] {
					found[name] = append(found[name], targets...)
				}
			}
		}
	}
}

// forBinds visits the bind sections of the services' mounts.
func forBinds(model map[string]any, visit func(service, target string, bind map[string]any)) {
	services, _ := model["services"].(map[string]any)
	for name, value := range services {
		service, _ := value.(map[string]any)
		volumes, _ := service["volumes"].([]any)
		for _, value := range volumes {
			mount, _ := value.(map[string]any)
			target, _ := mount["target"].(string)
			if bind, ok := mount["bind"].(map[string]any); ok {
				visit(name, target, bind)
			}
		}
	}
}

func (s strictBinds) has(service, target string) bool { return slices.Contains(s[service], target) }
