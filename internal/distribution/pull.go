package distribution

import (
	"context"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/opencontainers/go-digest"
	v1 "github.com/opencontainers/image-spec/specs-go/v1"
)

// manifestTypes are the media types of manifests and lists of them.
func manifestTypes() []string {
	return []string{
		v1.MediaTypeImageManifest, v1.MediaTypeImageIndex,
		"application/vnd.docker.distribution.manifest.v2+json", "application/vnd.docker.distribution.manifest.list.v2+json",
	}
}

// MaxManifest is how many bytes of a manifest are read.
const MaxManifest = 4 << 20

// Manifest fetches the manifest of a tag or digest. Its content is in the Data
// of the descriptor.
func (r *Repository) Manifest(ctx context.Context, tagOrDigest string) (v1.Descriptor, error) {
	response, err := r.send(ctx, request{
		method: http.MethodGet, path: "manifests/" + tagOrDigest,
		header: http.Header{"Accept": {strings.Join(manifestTypes(), ", ")}},
		expect: []int{http.StatusOK},
	})
	if err != nil {
		return v1.Descriptor{}, err
	}
	defer discard(response)
	body, err := readAtMost(response.Body, MaxManifest)
	if err != nil {
		return v1.Descriptor{}, fmt.Errorf("manifest %s: %w", tagOrDigest, err)
	}
	mediaType, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type"))
	found := v1.Descriptor{MediaType: mediaType, Digest: digest.FromBytes(body), Size: int64(len(body)), Data: body}
	for _, said := range []string{tagOrDigest, response.Header.Get("Docker-Content-Digest")} {
		want := digest.Digest(said)
		if want.Validate() == nil && want.Algorithm().FromBytes(body) != want {
			return v1.Descriptor{}, fmt.Errorf("manifest %s: what the registry sent is %s", said, found.Digest)
		}
	}
	return found, nil
}

// Blob fetches a blob of a known size.
func (r *Repository) Blob(ctx context.Context, blob v1.Descriptor) ([]byte, error) {
	body, err := r.open(ctx, blob)
	if err != nil {
		return nil, err
	}
	defer body.Close() // it was only read
	content, err := readAtMost(body, blob.Size)
	if err != nil {
		return nil, fmt.Errorf("blob %s: %w", blob.Digest, err)
	}
	if int64(len(content)) != blob.Size {
		return nil, fmt.Errorf("blob %s: the registry sent %d bytes of %d", blob.Digest, len(content), blob.Size)
	}
	if got := blob.Digest.Algorithm().FromBytes(content); got != blob.Digest {
		return nil, fmt.Errorf("blob %s: what the registry sent is %s", blob.Digest, got)
	}
	return content, nil
}

func (r *Repository) open(ctx context.Context, blob v1.Descriptor) (io.ReadCloser, error) {
	if err := blob.Digest.Validate(); err != nil {
		return nil, fmt.Errorf("blob %q: %w", blob.Digest, err)
	}
	response, err := r.send(ctx, request{
		method: http.MethodGet, path: "blobs/" + blob.Digest.String(), expect: []int{http.StatusOK},
	})
	if err != nil {
		return nil, fmt.Errorf("blob %s: %w", blob.Digest, err)
	}
	return response.Body, nil
}

func readAtMost(body io.Reader, most int64) ([]byte, error) {
	content, err := io.ReadAll(io.LimitReader(body, most+1))
	if err != nil {
		return nil, err
	}
	if int64(len(content)) > most {
		return nil, fmt.Errorf("the registry sent more than %d bytes", most)
	}
	return content, nil
}
