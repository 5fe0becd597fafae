package artifact

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/opencontainers/go-digest"
	v1 "github.com/opencontainers/image-spec/specs-go/v1"
)

// ErrInvalid is in every error about an artifact that is refused.
var ErrInvalid = errors.New("invalid OCI artifact")

func refuse(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrInvalid, fmt.Sprintf(format, args...))
}

// Layer is a file of an application, as its manifest announces it.
type Layer struct {
	v1.Descriptor
	kind Kind
	name string
}

// Read is what the manifest says of the files, which are still to be fetched.
// Layers that are no files of an application are left out, as docker compose
// does.
func Read(manifest []byte) ([]Layer, error) {
	m, err := parse(manifest)
	if err != nil {
		return nil, err
	}
	var layers []Layer
	taken := names{}
	total := int64(0)
	for i, descriptor := range m.Layers {
		layer, ok, err := readLayer(descriptor, taken)
		if err != nil {
			return nil, fmt.Errorf("layer %d: %w", i+1, err)
		}
		if !ok {
			continue
		}
		if total += layer.Size; total > maxTotal {
			return nil, refuse("its files are larger than %d bytes together", maxTotal)
		}
		layers = append(layers, layer)
	}
	if !slices.ContainsFunc(layers, func(l Layer) bool { return l.kind == Compose }) {
		return nil, refuse("it holds no Compose file")
	}
	return layers, nil
}

func parse(manifest []byte) (v1.Manifest, error) {
	var m v1.Manifest
	if len(manifest) > MaxManifest {
		return m, refuse("its manifest is larger than %d bytes", MaxManifest)
	}
	if err := json.Unmarshal(manifest, &m); err != nil {
		return m, refuse("its manifest is no JSON: %v", err)
	}
	switch {
	case m.ArtifactType != "" && m.ArtifactType != ProjectType:
		return m, refuse("it is not a compose project OCI artifact, but %q", m.ArtifactType)
	case m.ArtifactType == "" && m.Config.MediaType != emptyConfigType:
		return m, refuse("it is not a compose project OCI artifact, but %q", m.Config.MediaType)
	case len(m.Layers) > maxLayers:
		return m, refuse("it has %d layers, more than %d", len(m.Layers), maxLayers)
	}
	return m, nil
}

func readLayer(descriptor v1.Descriptor, taken names) (Layer, bool, error) {
	layer := Layer{Descriptor: descriptor}
	switch _, extended := descriptor.Annotations[annotationExtends]; {
	case descriptor.MediaType == envFileType:
		layer.kind, layer.name = Env, descriptor.Annotations[annotationEnvFile]
	case descriptor.MediaType != composeFileType:
		return layer, false, nil
	case extended:
		layer.kind, layer.name = Extended, descriptor.Annotations[annotationFile]
	default:
		layer.name = descriptor.Annotations[annotationFile]
	}
	if err := descriptor.Digest.Validate(); err != nil {
		return layer, false, refuse("digest %q: %v", descriptor.Digest, err)
	}
	if descriptor.Size < 0 || descriptor.Size > maxLayer {
		return layer, false, refuse("a size of %d bytes, where up to %d are read", descriptor.Size, maxLayer)
	}
	if layer.kind == Compose {
		// The name of a main file is only told, and may be missing.
		if layer.name != "" {
			return layer, true, checkName(layer.name)
		}
		return layer, true, nil
	}
	if err := checkName(layer.name); err != nil {
		return layer, false, err
	}
	return layer, true, taken.take(layer)
}

// Check refuses content that is not what the manifest announces.
func (l Layer) Check(content []byte) error {
	if int64(len(content)) != l.Size {
		return refuse("%s has %d bytes and not %d", l.Digest, len(content), l.Size)
	}
	if got := l.Digest.Algorithm().FromBytes(content); got != l.Digest {
		return refuse("what was sent as %s is %s", l.Digest, got)
	}
	return nil
}

// Unpack is the files of an application by their names, of contents in the
// order of the layers. The main files become one of several documents.
func Unpack(layers []Layer, contents [][]byte) (map[string][]byte, error) {
	files := map[string][]byte{}
	var parts [][]byte
	for i, layer := range layers {
		if err := layer.Check(contents[i]); err != nil {
			return nil, err
		}
		if layer.kind == Compose {
			parts = append(parts, contents[i])
		} else {
			files[layer.name] = contents[i]
		}
	}
	files[MainFile] = bytes.Join(parts, []byte("\n---\n"))
	return files, nil
}

// IsIndex tells of the media types of lists of manifests.
func IsIndex(mediaType string) bool {
	return mediaType == v1.MediaTypeImageIndex || mediaType == "application/vnd.docker.distribution.manifest.list.v2+json"
}

// InIndex is the digest of the application that an index names.
func InIndex(index []byte) (digest.Digest, error) {
	var list v1.Index
	if err := json.Unmarshal(index, &list); err != nil {
		return "", refuse("its index is no JSON: %v", err)
	}
	for _, manifest := range list.Manifests {
		if manifest.ArtifactType == ProjectType {
			if err := manifest.Digest.Validate(); err != nil {
				return "", refuse("digest %q: %v", manifest.Digest, err)
			}
			return manifest.Digest, nil
		}
	}
	return "", refuse("its index doesn't refer to compose artifacts")
}
