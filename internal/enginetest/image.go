package enginetest

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/distribution/reference"
	ctypes "github.com/docker/docker/api/types/container"
)

// Image scripts an image: what it is made of and how its containers behave.
type Image struct {
	// Ref names it, such as "postgres:17"; the tag may be left out.
	Ref string
	// ID is the image identifier, "sha256:" and 64 hexadecimal digits. If empty
	// it follows from everything but Ref, so that equal images have equal
	// identifiers and changing anything changes it.
	ID string
	// Digest is the manifest digest for a registry reference. Images that can be
	// pulled have one that follows from ID if it is empty; images added locally
	// with none are as if they were built there.
	Digest string

	Cmd, Entrypoint, Env []string
	Labels               map[string]string
	// ExposedPorts are like "80/tcp", Volumes are paths.
	ExposedPorts, Volumes        []string
	User, WorkingDir, StopSignal string
	Healthcheck                  *ctypes.HealthConfig
	// Platform is like "linux/arm64", linux/amd64 if empty.
	Platform string
	// Size in bytes, 10 MB if 0.
	Size int64
	// Files are text files in its root, by absolute path.
	Files map[string]string
	// Content stands for what is in the layers. If empty it follows from the
	// identifier; images with the same and another ID are as if built twice.
	Content string
	// PullTakes is how long a pull of it lasts.
	PullTakes time.Duration
	// Behaviour is what its containers do.
	Behaviour Behaviour
}

// image is an image with its identifiers worked out. Only its digest, which a
// push makes known, and the time of its last tag change, under the engine's lock.
type image struct {
	id, digest string
	spec       Image
	created    time.Time
	tagged     time.Time
}

// newImage checks a scripted image. The reference comes back complete.
func newImage(spec Image) (*image, reference.Named, error) {
	ref, err := reference.ParseNormalizedNamed(spec.Ref)
	if err != nil {
		return nil, nil, fmt.Errorf("image reference %q is unusable: %w", spec.Ref, err)
	}
	ref = reference.TagNameOnly(ref)
	spec.Platform = cmp.Or(spec.Platform, "linux/amd64")
	spec.Size = cmp.Or(spec.Size, 10<<20)
	if len(spec.Cmd) == 0 && len(spec.Entrypoint) == 0 {
		spec.Cmd = []string{"/serve"}
	}
	img := &image{id: spec.ID, digest: spec.Digest, spec: spec, created: time.Unix(1735689600, 0).UTC()}
	if img.id == "" {
		content := spec
		content.Ref, content.PullTakes = "", 0
		text, err := json.Marshal(content)
		if err != nil {
			return nil, nil, fmt.Errorf("image %s cannot be identified: %w", spec.Ref, err)
		}
		img.id = digestOf(text)
	}
	for _, id := range []string{img.id, cmp.Or(img.digest, img.id)} {
		if !regexp.MustCompile(`^sha256:[0-9a-f]{64}$`).MatchString(id) {
			return nil, nil, fmt.Errorf("image %s: %q is not sha256: and 64 hexadecimal digits", spec.Ref, id)
		}
	}
	return img, ref, nil
}

func digestOf(text []byte) string {
	sum := sha256.Sum256(text)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// config is the image's part of a container's configuration.
func (img *image) config() *ctypes.Config {
	spec := img.spec
	c := &ctypes.Config{
		Cmd: spec.Cmd, Entrypoint: spec.Entrypoint, Env: spec.Env, Labels: spec.Labels, User: spec.User,
		WorkingDir: spec.WorkingDir, StopSignal: spec.StopSignal, Healthcheck: spec.Healthcheck,
	}
	for _, port := range spec.ExposedPorts {
		if !strings.Contains(port, "/") {
			port += "/tcp"
		}
		c.ExposedPorts = mergeMap(c.ExposedPorts, map[portName]struct{}{portName(port): {}})
	}
	for _, volume := range spec.Volumes {
		c.Volumes = mergeMap(c.Volumes, map[string]struct{}{volume: {}})
	}
	return c
}

// AddImages puts images on the engine, or moves their tags if these exist.
func (e *Engine) AddImages(images ...Image) error {
	for _, spec := range images {
		img, ref, err := newImage(spec)
		if err != nil {
			return err
		}
		e.mu.Lock()
		e.install(img, ref)
		e.mu.Unlock()
	}
	return nil
}

// install makes an image known under a reference and its digest.
func (e *Engine) install(img *image, ref reference.Named) {
	if _, known := e.images[img.id]; !known {
		e.images[img.id] = img
	}
	e.tags[reference.FamiliarString(ref)] = img.id
	if img.digest != "" {
		e.tags[reference.FamiliarName(ref)+"@"+img.digest] = img.id
	}
}

// findImage looks up an image by reference, identifier, or unique start of one.
func (e *Engine) findImage(name string) (*image, error) {
	if img, ok := e.images[name]; ok {
		return img, nil
	}
	ref, err := reference.ParseAnyReference(name)
	if err != nil {
		return nil, invalid("%s", e.wording("1.44", err.Error(), strings.Replace(err.Error(), " (library/"+name+")", "", 1)))
	}
	missing := notFound("No such image: %s", reference.FamiliarString(ref))
	if named, ok := ref.(reference.Named); ok {
		full := reference.FamiliarString(reference.TagNameOnly(named))
		missing = notFound("No such image: %s", full)
		if id, ok := e.tags[full]; ok {
			return e.images[id], nil
		}
	}
	var found *image
	start := strings.TrimPrefix(name, "sha256:")
	for id, img := range e.images {
		if strings.HasPrefix(strings.TrimPrefix(id, "sha256:"), start) {
			if found != nil {
				return nil, missing
			}
			found = img
		}
	}
	if found == nil {
		return nil, missing
	}
	return found, nil
}

// imageForCreate finds a new container's image and compares platforms.
func (e *Engine) imageForCreate(r *request, name string) (*image, error) {
	img, err := e.findImage(name)
	if err != nil {
		return nil, err
	}
	if want := r.query.Get("platform"); want != "" && !img.suits(want) {
		return nil, notFound("image with reference %s was found but does not match the specified platform: wanted %s, actual: %s", name, want, img.spec.Platform)
	}
	return img, nil
}

// suits compares operating system and architecture.
func (img *image) suits(platform string) bool {
	own := strings.SplitN(img.spec.Platform, "/", 3)
	want := strings.SplitN(platform, "/", 3)
	return own[0] == want[0] && (len(want) < 2 || len(own) < 2 || own[1] == want[1])
}

// repositoryOf takes tag and digest off a reference.
func repositoryOf(name string) string {
	ref, err := reference.ParseNormalizedNamed(name)
	if err != nil {
		return name
	}
	return reference.FamiliarName(ref)
}
