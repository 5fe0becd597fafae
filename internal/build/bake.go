package build

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
)

// bakeFile is a file of docker buildx bake
// (docs.docker.com/build/bake/reference).
type bakeFile struct {
	Group  map[string]bakeGroup  `json:"group"`
	Target map[string]bakeTarget `json:"target"`
}

type bakeGroup struct {
	Targets []string `json:"targets"`
}

type bakeTarget struct {
	Context       string            `json:"context,omitempty"`
	Contexts      map[string]string `json:"contexts,omitempty"`
	Dockerfile    string            `json:"dockerfile,omitempty"`
	Inline        string            `json:"dockerfile-inline,omitempty"`
	Args          map[string]string `json:"args,omitempty"`
	Labels        map[string]string `json:"labels,omitempty"`
	Tags          []string          `json:"tags,omitempty"`
	CacheFrom     []string          `json:"cache-from,omitempty"`
	CacheTo       []string          `json:"cache-to,omitempty"`
	Target        string            `json:"target,omitempty"`
	Secrets       []string          `json:"secret,omitempty"`
	SSH           []string          `json:"ssh,omitempty"`
	Platforms     []string          `json:"platforms,omitempty"`
	Pull          bool              `json:"pull,omitempty"`
	NoCache       bool              `json:"no-cache,omitempty"`
	NoCacheFilter []string          `json:"no-cache-filter,omitempty"`
	Network       string            `json:"network,omitempty"`
	ShmSize       types.UnitBytes   `json:"shm-size,omitempty"`
	Ulimits       []string          `json:"ulimits,omitempty"`
	Entitlements  []string          `json:"entitlements,omitempty"`
	ExtraHosts    map[string]string `json:"extra-hosts,omitempty"`
	Outputs       []string          `json:"output,omitempty"`
	Attest        []string          `json:"attest,omitempty"`
}

// Bake writes builds as a file for docker buildx bake. Build arguments are in it as
// they are, secrets by the names of their files and variables. A secret that has
// neither cannot be written, and is an error.
func Bake(definitions []Definition, push bool) ([]byte, error) {
	file := bakeFile{Group: map[string]bakeGroup{}, Target: map[string]bakeTarget{}}
	var targets []string
	for _, d := range definitions {
		for _, secret := range d.Secrets {
			if secret.File == "" && secret.Variable == "" {
				return nil, fmt.Errorf("service %q: build secret %s has its content in the files, which bake has no place for; give it a file or a variable", d.Service, secret.ID)
			}
		}
		target := bakeName(d.Service)
		targets = append(targets, target)
		file.Target[target] = d.bake(push)
	}
	file.Group["default"] = bakeGroup{Targets: targets}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	err := encoder.Encode(file)
	return text.Bytes(), err
}

// bakeName is the target of a service: bake takes no dots in names.
func bakeName(service string) string { return strings.ReplaceAll(service, ".", "_") }

func (d *Definition) bake(push bool) bakeTarget {
	t := bakeTarget{
		Context: d.Context, Dockerfile: d.Dockerfile, Inline: d.DockerfileInline, Args: d.Args, Labels: d.Labels,
		Tags: d.Tags, CacheFrom: d.CacheFrom, CacheTo: d.CacheTo, Target: d.Target, Platforms: d.Platform,
		Pull: d.Pull, NoCache: d.NoCache, NoCacheFilter: d.NoCacheFilter, Network: d.Network, ShmSize: d.ShmSize,
		Ulimits: d.ulimits(), Entitlements: d.entitlements(), Outputs: []string{"type=docker"},
		Contexts: map[string]string{}, ExtraHosts: map[string]string{},
	}
	push = push && d.Image != ""
	switch {
	case len(d.Platform) > 1:
		t.Outputs = []string{fmt.Sprintf("type=image,push=%t", push)}
	case push:
		t.Outputs = []string{"type=registry"}
	}
	for _, context := range d.Contexts {
		switch {
		case context.Service != "":
			t.Contexts[context.Name] = "target:" + bakeName(context.Service)
		case context.Dir != "":
			t.Contexts[context.Name] = context.Dir
		default:
			t.Contexts[context.Name] = context.Source
		}
	}
	for host, addresses := range d.ExtraHosts {
		t.ExtraHosts[host] = strings.Join(addresses, ",")
	}
	for _, secret := range d.Secrets {
		switch {
		case secret.File != "":
			t.Secrets = append(t.Secrets, "id="+secret.ID+",type=file,src="+secret.File)
		case secret.Variable != "":
			t.Secrets = append(t.Secrets, "id="+secret.ID+",type=env,env="+secret.Variable)
		}
	}
	for _, key := range d.SSH {
		t.SSH = append(t.SSH, fmt.Sprintf("%s=%s", key.ID, key.Path))
	}
	slices.Sort(t.SSH)
	attest := d.attestations()
	for _, kind := range slices.Sorted(maps.Keys(attest)) {
		t.Attest = append(t.Attest, strings.TrimSuffix("type="+kind+","+attest[kind], ","))
	}
	return t
}
