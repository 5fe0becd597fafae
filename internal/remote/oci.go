package remote

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/distribution/reference"
	"github.com/opencontainers/go-digest"
	v1 "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/gocompose/gocompose/internal/artifact"
	"github.com/gocompose/gocompose/internal/distribution"
	"github.com/gocompose/gocompose/project"
)

// oci returns the path of the Compose file of an artifact.
func (l *Loader) oci(ctx context.Context, c cache, text string) (string, error) {
	named, err := reference.ParseDockerRef(strings.TrimPrefix(text, project.OCIScheme))
	if err != nil {
		return "", fmt.Errorf("remote Compose file %s: %w", text, err)
	}
	version, fixed := distribution.VersionOf(named), ""
	if _, ok := named.(reference.Digested); ok {
		fixed = version
	}
	repository := l.Registry.Puller(named)
	defer repository.Close()
	var found v1.Descriptor
	id, err := l.settle(c, text, fixed,
		func(id string) bool { entry, ok := ociEntry(id); return ok && c.has(entry) },
		func() (string, error) {
			found, err = repository.Manifest(ctx, version)
			return found.Digest.String(), pullError(named, err)
		})
	if err != nil {
		return "", err
	}
	entry, _ := ociEntry(id)
	if !c.has(entry) {
		if err := download(ctx, c, entry, repository, found); err != nil {
			return "", pullError(named, err)
		}
	}
	return c.path(entry + "/" + artifact.MainFile), l.keep(c, text, id)
}

// ociEntry is the place of an artifact; ok tells whether the ID is a digest.
func ociEntry(id string) (entry string, ok bool) {
	d := digest.Digest(id)
	if d.Validate() != nil {
		return "", false
	}
	return "oci/" + d.Algorithm().String() + "/" + d.Encoded(), true
}

// download makes the entry of an artifact.
func download(ctx context.Context, c cache, entry string, repository *distribution.Repository, found v1.Descriptor) error {
	manifest := found.Data
	if artifact.IsIndex(found.MediaType) {
		inside, err := artifact.InIndex(manifest)
		if err != nil {
			return err
		}
		if found, err = repository.Manifest(ctx, inside.String()); err != nil {
			return err
		}
		manifest = found.Data
	}
	layers, err := artifact.Read(manifest)
	if err != nil {
		return err
	}
	contents := make([][]byte, len(layers))
	for i, layer := range layers {
		if contents[i] = layer.Data; int64(len(layer.Data)) == layer.Size {
			continue // it came with the manifest
		}
		if contents[i], err = repository.Blob(ctx, layer.Descriptor); err != nil {
			return err
		}
	}
	files, err := artifact.Unpack(layers, contents)
	if err != nil {
		return err
	}
	return c.add(entry, func(w workplace) error {
		for _, name := range slices.Sorted(maps.Keys(files)) {
			if err := write(w.tree, name, files[name]); err != nil {
				return err
			}
		}
		return nil
	})
}

func pullError(named reference.Named, err error) error {
	switch {
	case err == nil:
		return nil
	case distribution.IsNotFound(err):
		return fmt.Errorf("failed to pull OCI resource %q: %s: not found", named, named)
	case distribution.IsDenied(err):
		return fmt.Errorf("failed to pull OCI resource %q: %w; run docker login %s", named, err, reference.Domain(named))
	case errors.Is(err, artifact.ErrInvalid):
		return fmt.Errorf("%s: %w; nothing of it was kept", named, err)
	default:
		return fmt.Errorf("failed to pull OCI resource %q: %w", named, err)
	}
}
