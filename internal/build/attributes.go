package build

import (
	"encoding/csv"
	"fmt"
	"maps"
	"net"
	"slices"
	"strconv"
	"strings"

	"github.com/moby/buildkit/client"
	"github.com/moby/buildkit/solver/pb"
)

// Names of the directories that the Dockerfile frontend asks for.
const (
	localContext    = "context"
	localDockerfile = "dockerfile"
)

// Entitlements that a build needs the engine's leave for.
const (
	entitlementInsecure = "security.insecure"
	entitlementHost     = "network.host"
)

// attributes are what BuildKit's Dockerfile frontend is told
// (docs.docker.com, build; moby/buildkit frontend/dockerui).
func (d *Definition) attributes() map[string]string {
	attrs := map[string]string{
		"filename": d.filename(),
		// An image of the engine's own goes before a registry's of that name.
		"image-resolve-mode": pb.AttrImageResolveModePreferLocal,
	}
	set := func(key, value string) {
		if value != "" {
			attrs[key] = value
		}
	}
	set("target", d.Target)
	set("platform", strings.Join(d.Platform, ","))
	if len(d.Platform) > 1 {
		attrs["multi-platform"] = "true"
	}
	if d.Pull {
		attrs["image-resolve-mode"] = pb.AttrImageResolveModeForcePull
	}
	switch {
	case d.NoCache:
		attrs["no-cache"] = ""
	case len(d.NoCacheFilter) > 0:
		attrs["no-cache"] = strings.Join(d.NoCacheFilter, ",")
	}
	if d.Network != "default" {
		set("force-network-mode", d.Network)
	}
	set("add-hosts", d.hosts())
	if d.ShmSize > 0 {
		attrs["shm-size"] = strconv.FormatInt(int64(d.ShmSize), 10)
	}
	set("ulimit", strings.Join(d.ulimits(), ","))
	for name, value := range d.Args {
		attrs["build-arg:"+name] = value
	}
	for name, value := range d.Labels {
		attrs["label:"+name] = value
	}
	for kind, value := range d.attestations() {
		attrs["attest:"+kind] = value
	}
	if d.Remote {
		attrs[localContext] = d.Context
	}
	if d.Remote && d.DockerfileInline != "" {
		attrs["dockerfilekey"] = localDockerfile
	}
	for _, context := range d.Contexts {
		attrs["context:"+context.Name] = context.attribute()
		attrs["frontend.caps"] = "moby.buildkit.frontend.contexts+forward" // so that one without says so
	}
	return attrs
}

// local is the name under which the builder asks for a directory.
func (c NamedContext) local() string {
	if c.Name == localContext || c.Name == localDockerfile {
		return "_" + c.Name
	}
	return c.Name
}

func (c NamedContext) attribute() string {
	switch {
	case c.Service != "":
		return "docker-image://" + c.Image
	case c.Dir != "":
		return "local:" + c.local()
	default:
		return c.Source
	}
}

func (d *Definition) hosts() string {
	var hosts []string
	for _, host := range slices.Sorted(maps.Keys(d.ExtraHosts)) {
		for _, address := range d.ExtraHosts[host] {
			if ip := net.ParseIP(address); ip != nil && ip.To4() == nil {
				address = "[" + ip.String() + "]"
			}
			hosts = append(hosts, host+"="+address)
		}
	}
	return strings.Join(hosts, ",")
}

func (d *Definition) ulimits() []string {
	limits := make([]string, 0, len(d.Ulimits))
	for _, name := range slices.Sorted(maps.Keys(d.Ulimits)) {
		limit := d.Ulimits[name]
		if limit.Single != 0 {
			limits = append(limits, fmt.Sprintf("%s=%d", name, limit.Single))
			continue
		}
		limits = append(limits, fmt.Sprintf("%s=%d:%d", name, limit.Soft, limit.Hard))
	}
	return limits
}

// attestations are provenance and sbom, with their parameters; those that are
// switched off are left out. None is made unless asked for: a time in it would
// make an image of the same content another one.
func (d *Definition) attestations() map[string]string {
	wanted := map[string]string{}
	for kind, value := range map[string]string{"provenance": d.Provenance, "sbom": d.SBOM} {
		switch on, err := strconv.ParseBool(value); {
		case value == "" || err == nil && !on:
		case err == nil:
			wanted[kind] = ""
		default:
			wanted[kind] = value
		}
	}
	return wanted
}

// entitlements are those of the files, and those that other keys imply.
func (d *Definition) entitlements() []string {
	wanted := slices.Clone(d.Entitlements)
	if d.Network == "host" && !slices.Contains(wanted, entitlementHost) {
		wanted = append(wanted, entitlementHost)
	}
	if d.Privileged && !slices.Contains(wanted, entitlementInsecure) {
		wanted = append(wanted, entitlementInsecure)
	}
	return wanted
}

// caches reads cache_from or cache_to: references, or key=value,… with a type.
func caches(entries []string) ([]client.CacheOptionsEntry, error) {
	list := make([]client.CacheOptionsEntry, 0, len(entries))
	for _, entry := range entries {
		if !strings.Contains(entry, "=") {
			list = append(list, client.CacheOptionsEntry{Type: "registry", Attrs: map[string]string{"ref": entry}})
			continue
		}
		fields, err := csv.NewReader(strings.NewReader(entry)).Read()
		if err != nil {
			return nil, fmt.Errorf("invalid cache %q: %w", entry, err)
		}
		cache := client.CacheOptionsEntry{Attrs: map[string]string{}}
		for _, field := range fields {
			key, value, ok := strings.Cut(field, "=")
			switch {
			case !ok:
				return nil, fmt.Errorf("invalid cache %q: %q is not KEY=VALUE", entry, field)
			case key == "type":
				cache.Type = value
			default:
				cache.Attrs[key] = value
			}
		}
		if cache.Type == "" {
			return nil, fmt.Errorf("invalid cache %q: it has no type", entry)
		}
		list = append(list, cache)
	}
	return list, nil
}
