package project_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/gocompose/gocompose/project"
)

// show renders one aspect of a project: model [PATH], services, disabled,
// edges, layers, labels SERVICE, hash, bundle, images, name, resources, diagnostics.
func show(p *project.Project, what string) (string, error) {
	verb, argument, _ := strings.Cut(what, " ")
	switch verb {
	case "model":
		return showModel(p, argument)
	case "services":
		return lines(p.ServiceNames()), nil
	case "disabled":
		return lines(p.DisabledServiceNames()), nil
	case "edges":
		return showEdges(p), nil
	case "layers":
		layers, err := p.Layers()
		var text strings.Builder
		for i, layer := range layers {
			fmt.Fprintf(&text, "%d: %s\n", i, strings.Join(layer, " "))
		}
		return text.String(), err
	case "labels":
		return showLabels(p, argument)
	case "hash":
		return showHashes(p)
	case "images":
		return lines(p.Images()), nil
	case "bundle":
		return showBundle(p), nil
	case "profiles":
		return lines(p.Profiles()), nil
	case "names":
		return showNames(p), nil
	case "scale":
		return showScale(p, argument)
	case "platform":
		scaled, err := p.WithDefaultPlatform()
		if err != nil {
			return "", err
		}
		return showModel(scaled, argument)
	default:
		return "", fmt.Errorf("unknown show %q", what)
	}
}

func showBundle(p *project.Project) string {
	bundle, err := p.Bundle()
	if err != nil {
		return "error: " + err.Error() + "\n"
	}
	var text strings.Builder
	for _, part := range []struct {
		kind  string
		files []project.BundledFile
	}{{"compose", bundle.Compose}, {"extended", bundle.Extended}, {"env", bundle.Env}} {
		for _, file := range part.files {
			fmt.Fprintf(&text, "%s %s: %s\n%s", part.kind, file.Path, file.Name, file.Content)
		}
	}
	return text.String()
}

func lines(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return strings.Join(list, "\n") + "\n"
}

func showModel(p *project.Project, path string) (string, error) {
	text, err := p.MarshalYAML()
	if err != nil || path == "" {
		return string(text), err
	}
	var node any
	if err := yaml.Unmarshal(text, &node); err != nil {
		return "", err
	}
	for key := range strings.SplitSeq(path, ".") {
		object, _ := node.(map[string]any)
		node = object[key]
	}
	text, err = yaml.Marshal(node)
	return string(text), err
}

func showEdges(p *project.Project) string {
	var text strings.Builder
	for _, name := range p.ServiceNames() {
		for _, e := range p.Edges(name) {
			var why []string
			for _, link := range e.Why {
				why = append(why, link.String())
			}
			fmt.Fprintf(&text, "%s -> %s: %s condition=%s restart=%t required=%t shares=%t\n",
				e.From, e.To, strings.Join(why, ","), e.Condition, e.Restart, e.Required, e.Shares())
		}
	}
	return text.String()
}

func showLabels(p *project.Project, name string) (string, error) {
	s, ok := p.Service(name)
	if !ok {
		return "", fmt.Errorf("no such service: %s", name)
	}
	labels := s.ContainerLabels(1, false)
	var text strings.Builder
	for _, key := range slices.Sorted(maps.Keys(labels)) {
		fmt.Fprintf(&text, "%s=%s\n", key, labels[key])
	}
	return text.String(), nil
}

func showHashes(p *project.Project) (string, error) {
	var text strings.Builder
	for s := range p.Services() {
		hash, err := s.ConfigHash(nil)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&text, "%s %s\n", s.Name, hash)
	}
	return text.String(), nil
}

func showNames(p *project.Project) string {
	var text strings.Builder
	fmt.Fprintf(&text, "project %s in %s\n", p.Name(), p.WorkingDir())
	for s := range p.Services() {
		fmt.Fprintf(&text, "service %s: %s\n", s.Name, s.ContainerNameFor(1))
	}
	for key, network := range p.Networks() {
		fmt.Fprintf(&text, "network %s: %s\n", key, network.Name)
	}
	for key, volume := range p.Volumes() {
		fmt.Fprintf(&text, "volume %s: %s\n", key, volume.Name)
	}
	for key, secret := range p.Secrets() {
		fmt.Fprintf(&text, "secret %s: %s\n", key, secret.Name)
	}
	for key, config := range p.Configs() {
		fmt.Fprintf(&text, "config %s: %s\n", key, config.Name)
	}
	return text.String()
}

func showScale(p *project.Project, argument string) (string, error) {
	replicas := map[string]int{}
	if err := json.Unmarshal([]byte(argument), &replicas); err != nil {
		return "", err
	}
	scaled, err := p.WithScale(replicas)
	if err != nil {
		return "", err
	}
	var text strings.Builder
	for s := range scaled.Services() {
		fmt.Fprintf(&text, "%s: %d\n", s.Name, s.Replicas())
	}
	return text.String(), nil
}
