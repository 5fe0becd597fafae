package distribution

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/distribution/reference"
	v1 "github.com/opencontainers/image-spec/specs-go/v1"
)

// PushBlob pushes a blob with its Data, unless the registry has it.
func (r *Repository) PushBlob(ctx context.Context, blob v1.Descriptor) error {
	there, err := r.has(ctx, blob)
	if err != nil || there {
		return err
	}
	location, err := r.beginUpload(ctx, nil)
	if err != nil {
		return err
	}
	return r.upload(ctx, location, blob, request{body: blob.Data})
}

// PushManifest pushes a manifest with its Data under a tag or its digest.
func (r *Repository) PushManifest(ctx context.Context, tagOrDigest string, manifest v1.Descriptor) error {
	response, err := r.send(ctx, request{
		method: http.MethodPut, path: "manifests/" + tagOrDigest, body: manifest.Data,
		header: http.Header{"Content-Type": {manifest.MediaType}},
		expect: []int{http.StatusCreated, http.StatusOK, http.StatusAccepted},
	})
	if err != nil {
		return fmt.Errorf("manifest %s: %w", tagOrDigest, err)
	}
	discard(response)
	return nil
}

func (r *Repository) has(ctx context.Context, blob v1.Descriptor) (bool, error) {
	response, err := r.send(ctx, request{
		method: http.MethodHead, path: "blobs/" + blob.Digest.String(),
		expect: []int{http.StatusOK, http.StatusNotFound},
	})
	if err != nil {
		return false, fmt.Errorf("blob %s: %w", blob.Digest, err)
	}
	discard(response)
	return response.StatusCode == http.StatusOK, nil
}

// errMounted tells that nothing is left to upload.
var errMounted = errors.New("mounted")

// beginUpload returns where to upload to.
func (r *Repository) beginUpload(ctx context.Context, mount url.Values) (string, error) {
	response, err := r.send(ctx, request{
		method: http.MethodPost, path: "blobs/uploads/", query: mount,
		expect: []int{http.StatusAccepted, http.StatusCreated},
	})
	if err != nil {
		return "", fmt.Errorf("upload to %s: %w", r.Name(), err)
	}
	discard(response)
	if response.StatusCode == http.StatusCreated {
		return "", errMounted
	}
	location := response.Header.Get("Location")
	if location == "" {
		return "", fmt.Errorf("upload to %s: the registry does not say where to", r.Name())
	}
	return location, nil
}

func (r *Repository) upload(ctx context.Context, location string, blob v1.Descriptor, q request) error {
	q.method, q.path = http.MethodPut, location
	q.query = url.Values{"digest": {blob.Digest.String()}}
	q.header = http.Header{"Content-Type": {"application/octet-stream"}}
	q.expect = []int{http.StatusCreated, http.StatusNoContent}
	response, err := r.send(ctx, q)
	if err != nil {
		return fmt.Errorf("blob %s: %w", blob.Digest, err)
	}
	discard(response)
	return nil
}

// maxNesting bounds lists of lists of manifests.
const maxNesting = 3

// Copy copies what a tag or digest of another repository stands for into this
// one, under its digest. The result is without Data.
func (r *Repository) Copy(ctx context.Context, from *Repository, tagOrDigest string) (v1.Descriptor, error) {
	return r.copy(ctx, from, tagOrDigest, 0)
}

func (r *Repository) copy(ctx context.Context, from *Repository, tagOrDigest string, depth int) (v1.Descriptor, error) {
	manifest, err := from.Manifest(ctx, tagOrDigest)
	if err != nil {
		return v1.Descriptor{}, err
	}
	var content struct {
		Manifests []v1.Descriptor `json:"manifests"`
		Config    *v1.Descriptor  `json:"config"`
		Layers    []v1.Descriptor `json:"layers"`
	}
	if err := json.Unmarshal(manifest.Data, &content); err != nil {
		return v1.Descriptor{}, fmt.Errorf("manifest %s: %w", tagOrDigest, err)
	}
	if depth == maxNesting {
		return v1.Descriptor{}, fmt.Errorf("manifest %s: lists of manifests are nested more than %d deep", tagOrDigest, maxNesting)
	}
	for _, child := range content.Manifests {
		if _, err := r.copy(ctx, from, child.Digest.String(), depth+1); err != nil {
			return v1.Descriptor{}, err
		}
	}
	if content.Config != nil {
		content.Layers = append(content.Layers, *content.Config)
	}
	for _, blob := range content.Layers {
		if err := r.copyBlob(ctx, from, blob); err != nil {
			return v1.Descriptor{}, err
		}
	}
	err = r.PushManifest(ctx, manifest.Digest.String(), manifest)
	manifest.Data = nil
	return manifest, err
}

// copyBlob has the registry take the blob from its other repository, or else
// passes it on. Layers that are kept elsewhere stay there.
func (r *Repository) copyBlob(ctx context.Context, from *Repository, blob v1.Descriptor) error {
	if len(blob.URLs) > 0 || strings.Contains(blob.MediaType, "foreign") || strings.Contains(blob.MediaType, "nondistributable") {
		return nil
	}
	there, err := r.has(ctx, blob)
	if err != nil || there {
		return err
	}
	var mount url.Values
	if reference.Domain(from.named) == reference.Domain(r.named) {
		mount = url.Values{"mount": {blob.Digest.String()}, "from": {reference.Path(from.named)}}
	}
	location, err := r.beginUpload(ctx, mount)
	if errors.Is(err, errMounted) {
		return nil
	}
	if err != nil {
		return err
	}
	body, err := from.open(ctx, blob)
	if err != nil {
		return err
	}
	defer body.Close() // it was only read
	return r.upload(ctx, location, blob, request{stream: io.LimitReader(body, blob.Size), size: blob.Size})
}
