package artifact

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/opencontainers/go-digest"
	"github.com/opencontainers/image-spec/specs-go"
	v1 "github.com/opencontainers/image-spec/specs-go/v1"
)

// Version is a version of the OCI image specification.
type Version string

// The versions there are.
const (
	OCI11 Version = "1.1"
	OCI10 Version = "1.0" // for registries that do not know artifact types
)

// ParseVersion reads a version; an empty one is [OCI11].
func ParseVersion(text string) (Version, error) {
	switch v := Version(text); v {
	case "":
		return OCI11, nil
	case OCI10, OCI11:
		return v, nil
	default:
		return "", fmt.Errorf("unsupported OCI version: %s; there are %s and %s", text, OCI10, OCI11)
	}
}

// Artifact is an application that is ready to be pushed: blobs first, then the
// manifest. Their content is in the Data of the descriptors.
type Artifact struct {
	Manifest v1.Descriptor
	Blobs    []v1.Descriptor
}

// Origin says what publishes an application, and when.
type Origin struct {
	Version string // of the program
	Created time.Time
}

// Write makes the artifact of an application.
func Write(files []File, version Version, origin Origin) (Artifact, error) {
	config := describe(v1.MediaTypeEmptyJSON, []byte("{}"))
	manifest := v1.Manifest{
		Versioned:    specs.Versioned{SchemaVersion: 2},
		MediaType:    v1.MediaTypeImageManifest,
		ArtifactType: ProjectType,
		Annotations:  map[string]string{v1.AnnotationCreated: origin.Created.UTC().Format(time.RFC3339)},
	}
	if version == OCI10 {
		config.MediaType, manifest.ArtifactType = emptyConfigType, ""
	}
	manifest.Config = config
	artifact := Artifact{Blobs: []v1.Descriptor{config}}
	for _, file := range files {
		layer := file.layer(origin)
		manifest.Layers = append(manifest.Layers, layer)
		artifact.Blobs = append(artifact.Blobs, layer)
	}
	body, err := json.Marshal(manifest)
	if err != nil {
		return Artifact{}, err
	}
	if len(body) > MaxManifest {
		// It holds the files, as docker compose's does, and can do without.
		for i := range manifest.Layers {
			manifest.Layers[i].Data = nil
		}
		if body, err = json.Marshal(manifest); err != nil {
			return Artifact{}, err
		}
	}
	artifact.Manifest = describe(v1.MediaTypeImageManifest, body)
	artifact.Manifest.ArtifactType = manifest.ArtifactType
	artifact.Manifest.Annotations = map[string]string{annotationVersion: origin.Version}
	return artifact, nil
}

func (f File) layer(origin Origin) v1.Descriptor {
	mediaType, name := composeFileType, annotationFile
	if f.Kind == Env {
		mediaType, name = envFileType, annotationEnvFile
	}
	layer := describe(mediaType, f.Content)
	layer.Annotations = map[string]string{annotationVersion: origin.Version, name: f.Name}
	if f.Kind == Extended {
		layer.Annotations[annotationExtends] = "true"
	}
	return layer
}

func describe(mediaType string, content []byte) v1.Descriptor {
	return v1.Descriptor{
		MediaType: mediaType,
		Digest:    digest.FromBytes(content),
		Size:      int64(len(content)),
		Data:      content,
	}
}

// Images is the index that ties an application to the images that it uses: the
// manifest of the application is its subject.
func Images(application v1.Descriptor, images []v1.Descriptor, origin Origin) (v1.Descriptor, error) {
	application.Data = nil
	if images == nil {
		images = []v1.Descriptor{}
	}
	body, err := json.Marshal(v1.Index{
		Versioned:   specs.Versioned{SchemaVersion: 2},
		MediaType:   v1.MediaTypeImageIndex,
		Manifests:   images,
		Subject:     &application,
		Annotations: map[string]string{annotationVersion: origin.Version},
	})
	if err != nil {
		return v1.Descriptor{}, err
	}
	index := describe(v1.MediaTypeImageIndex, body)
	index.ArtifactType = ProjectType
	index.Annotations = map[string]string{annotationVersion: origin.Version}
	return index, nil
}
