package build

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	dockerbuild "github.com/docker/docker/api/types/build"
	"github.com/docker/docker/api/types/container"

	"github.com/gocompose/gocompose/internal/engine"
)

// buildClassic builds by POST /build of the engine, which takes the whole context
// as an archive.
func buildClassic(ctx context.Context, e *engine.Client, d Definition, o Options, report func(Progress)) (string, error) {
	if err := d.needsBuildKit(); err != nil {
		return "", err
	}
	if len(d.Contexts) > 0 {
		plain, err := d.withoutContexts()
		if err != nil {
			return "", err
		}
		d = plain
	}
	options := d.classicOptions(o)
	var missed error // credentials that could not be had, and may not be needed
	options.AuthConfigs, missed = e.Config().KnownCredentials(ctx)
	if !d.Remote {
		archive, name, err := d.archive(ctx)
		if err != nil {
			return "", err
		}
		defer func() { _ = archive.Close() }() // read to its end, or given up
		options.Context, options.Dockerfile = archive, name
	}
	response, err := e.API().ImageBuild(ctx, options.Context, options)
	if err != nil {
		return "", errors.Join(engine.Classify(err), missed)
	}
	defer func() { _ = response.Body.Close() }() // read to its end, or broken
	id, err := followClassic(response.Body, report)
	if err != nil {
		return "", errors.Join(err, missed)
	}
	return id, nil
}

// needsBuildKit names what the classic builder cannot do.
func (d *Definition) needsBuildKit() error {
	var key string
	switch {
	case len(d.Secrets) > 0:
		key = "secrets"
	case len(d.SSH) > 0:
		key = "ssh"
	case len(d.CacheTo) > 0:
		key = "cache_to"
	case len(d.Platform) > 1:
		key = "several platforms"
	case d.Privileged:
		key = "privileged"
	case len(d.Entitlements) > 0:
		key = "entitlements"
	case len(d.attestations()) > 0:
		key = "provenance and sbom"
	case d.Remote && d.DockerfileInline != "":
		key = "dockerfile_inline beside a remote context"
	default:
		return nil
	}
	return fmt.Errorf("the classic builder doesn't support %s; use an engine with BuildKit, and set DOCKER_BUILDKIT=1 where it is 0", key)
}

func (d *Definition) classicOptions(o Options) dockerbuild.ImageBuildOptions {
	options := dockerbuild.ImageBuildOptions{
		Version: dockerbuild.BuilderV1, Tags: d.Tags, Labels: d.Labels, Target: d.Target,
		NoCache: d.NoCache, PullParent: d.Pull, Remove: true, ForceRemove: true,
		NetworkMode: d.Network, ShmSize: int64(d.ShmSize), Isolation: container.Isolation(d.Isolation),
		Platform: strings.Join(d.Platform, ","), CacheFrom: d.cacheImages(), Memory: o.Memory,
		ExtraHosts: d.ExtraHosts.AsList(":"), BuildArgs: map[string]*string{}, Dockerfile: d.filename(),
	}
	if d.Remote {
		options.RemoteContext = d.Context
	}
	for name, value := range d.Args {
		options.BuildArgs[name] = &value
	}
	for _, name := range slices.Sorted(maps.Keys(d.Ulimits)) {
		limit := d.Ulimits[name]
		soft, hard := int64(limit.Soft), int64(limit.Hard)
		if limit.Single != 0 {
			soft, hard = int64(limit.Single), int64(limit.Single)
		}
		options.Ulimits = append(options.Ulimits, &container.Ulimit{Name: name, Soft: soft, Hard: hard})
	}
	return options
}

// cacheImages are the images of cache_from; the classic builder knows no other
// caches, and does without.
func (d *Definition) cacheImages() []string {
	entries, _ := caches(d.CacheFrom) // checked before the build
	var images []string
	for _, entry := range entries {
		if entry.Type == "registry" && entry.Attrs["ref"] != "" {
			images = append(images, entry.Attrs["ref"])
		}
	}
	return images
}

// classicMessage is one line of the engine's answer.
type classicMessage struct {
	Stream string `json:"stream"`
	Status string `json:"status"`
	ID     string `json:"id"`
	Error  string `json:"error"`
	Aux    struct {
		ID string `json:"ID"`
	} `json:"aux"`
}

// followClassic reads the engine's answer. A failure comes as the last message,
// after a status of 200.
func followClassic(answer io.Reader, report func(Progress)) (id string, err error) {
	for decoder := json.NewDecoder(answer); ; {
		var m classicMessage
		switch err := decoder.Decode(&m); {
		case errors.Is(err, io.EOF) && id == "":
			return "", errors.New("the engine's progress of the build ended before the build did")
		case errors.Is(err, io.EOF):
			return id, nil
		case err != nil:
			return "", fmt.Errorf("the engine's progress of the build: %w", err)
		case m.Error != "":
			return "", errors.New(m.Error)
		case m.Aux.ID != "":
			id = m.Aux.ID
		case m.Stream != "":
			report(Progress{Text: m.Stream})
		}
	}
}
