package project

import "slices"

// compose-go's steps compare the path of each value they walk over with each
// path they know, which makes up most of the time of a load. Here each step
// gets only the parts of the model that it has rules for. The tests hold the
// result against that of the whole model.

// stepKeys tells which parts of the model a step has rules for.
type stepKeys struct {
	top     []string                         // sections besides services
	service []string                         // keys of a service
	needs   func(key string, value any) bool // refines service; nil: always
}

// canonicalKeys are those with a short form.
func canonicalKeys() stepKeys {
	return stepKeys{
		top: []string{"jobs", "networks", "volumes", "secrets", "configs", "include"},
		service: []string{
			"build", "configs", "depends_on", "develop", "devices", "dns", "env_file", "extends", "gpus", "label_file",
			"models", "networks", "ports", "pre_start", "secrets", "ulimits", "volumes",
		},
		needs: func(key string, value any) bool {
			_, list := value.([]any)
			return list || key != "networks" && key != "models"
		},
	}
}

// defaultKeys are those with default values.
func defaultKeys() stepKeys {
	return stepKeys{
		top:     []string{"jobs"},
		service: []string{"build", "deploy", "gpus", "ports", "secrets", "volumes"},
		needs:   needsDefaults,
	}
}

func needsDefaults(key string, value any) bool {
	switch key {
	case "deploy":
		return reservesDevices(value)
	case "volumes":
		list, _ := value.([]any)
		return slices.ContainsFunc(list, func(item any) bool {
			mount, _ := item.(map[string]any)
			return mount["bind"] != nil
		})
	default:
		return true
	}
}

func reservesDevices(deploy any) bool {
	at := deploy
	for _, key := range []string{"resources", "reservations", "devices"} {
		object, _ := at.(map[string]any)
		at = object[key]
	}
	return at != nil
}

// checkedKeys are those with rules besides the schema.
func checkedKeys() stepKeys {
	return stepKeys{
		top:     []string{"volumes", "configs", "secrets"},
		service: []string{"deploy", "develop", "gpus", "ports"},
		needs:   func(key string, value any) bool { return key != "deploy" || reservesDevices(value) },
	}
}

// pathKeys are those that hold paths.
func pathKeys() stepKeys {
	return stepKeys{
		top:     []string{"jobs", "configs", "secrets", "include", "volumes"},
		service: []string{"build", "develop", "env_file", "extends", "label_file", "pre_start", "volumes"},
	}
}

// uniqueLists are those in which a later entry replaces an earlier one of the
// same key. Lists of a single text have no two.
func uniqueLists() stepKeys {
	return stepKeys{
		top: []string{"networks"},
		service: []string{
			"annotations", "build", "cap_add", "cap_drop", "configs", "deploy", "devices", "dns", "dns_opt",
			"dns_search", "env_file", "environment", "expose", "labels", "links", "networks", "ports", "profiles",
			"secrets", "sysctls", "tmpfs", "volumes",
		},
		needs: func(_ string, value any) bool { return holdsList(value) },
	}
}

func holdsList(value any) bool {
	switch v := value.(type) {
	case []any:
		if len(v) == 1 {
			_, text := v[0].(string)
			return !text
		}
		return len(v) > 1
	case map[string]any:
		for _, child := range v {
			if holdsList(child) {
				return true
			}
		}
	}
	return false
}

// onPart runs a step on the parts of the model that it has rules for and puts
// the results in their places.
func onPart(model map[string]any, keys func() stepKeys, step func(map[string]any) (map[string]any, error)) bool {
	wanted := keys()
	part := map[string]any{}
	for _, key := range wanted.top {
		if value, ok := model[key]; ok {
			part[key] = value
		}
	}
	services, _ := model["services"].(map[string]any)
	if picked := wanted.pick(services); len(picked) > 0 {
		part["services"] = picked
	}
	if len(part) == 0 {
		return true
	}
	done, err := step(part)
	if err != nil {
		return false
	}
	return putBack(model, done)
}

func (k stepKeys) pick(services map[string]any) map[string]any {
	picked := map[string]any{}
	for name, value := range services {
		service, _ := value.(map[string]any)
		kept := map[string]any{}
		for _, key := range k.service {
			if value, ok := service[key]; ok && (k.needs == nil || k.needs(key, value)) {
				kept[key] = value
			}
		}
		if len(kept) > 0 {
			picked[name] = kept
		}
	}
	return picked
}

func putBack(model, done map[string]any) bool {
	services, _ := model["services"].(map[string]any)
	for key, value := range done {
		if key != "services" {
			model[key] = value
			continue
		}
		changed, ok := value.(map[string]any)
		if !ok {
			return false
		}
		for name, value := range changed {
			from, ok := value.(map[string]any)
			to, there := services[name].(map[string]any)
			if !ok || !there {
				return false
			}
			for key, value := range from {
				to[key] = value
			}
		}
	}
	return true
}
