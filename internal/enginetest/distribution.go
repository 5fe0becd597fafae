package enginetest

import (
	"net/http"

	"github.com/distribution/reference"
	"github.com/docker/docker/api/types/registry"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// distributionInspect tells what the registry has under a name.
func (e *Engine) distributionInspect(r *request) (*reply, error) {
	ref, err := reference.ParseNormalizedNamed(r.vars["name"])
	if err != nil {
		return nil, invalid("%v", err)
	}
	img, err := e.findRemote(reference.TagNameOnly(ref), "")
	if err != nil {
		return nil, err
	}
	return answer(http.StatusOK, registry.DistributionInspect{
		Descriptor: ocispec.Descriptor{
			MediaType: "application/vnd.docker.distribution.manifest.v2+json",
			Digest:    digest.Digest(img.digest),
			Size:      528,
		},
		Platforms: []ocispec.Platform{{OS: "linux", Architecture: "amd64"}},
	})
}
