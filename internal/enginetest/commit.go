package enginetest

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/distribution/reference"
	ctypes "github.com/docker/docker/api/types/container"
	etypes "github.com/docker/docker/api/types/events"
)

// imageCommit makes an image of a container: of its image, with the text files
// of the container, and with CMD changed if that is asked for.
func (e *Engine) imageCommit(r *request) (*reply, error) {
	c, err := e.findContainer(r.query.Get("container"))
	if err != nil {
		return nil, err
	}
	spec := c.image.spec
	spec.ID, spec.Digest, spec.Files = "", "", map[string]string{}
	for name, f := range c.files.files {
		if f.mode.IsRegular() {
			spec.Files[name] = string(f.data)
		}
	}
	for _, change := range r.query["changes"] {
		if err := applyChange(&spec, change); err != nil {
			return nil, err
		}
	}
	var ref reference.Named
	if repo := r.query.Get("repo"); repo != "" {
		if ref, err = reference.ParseNormalizedNamed(repo); err != nil {
			return nil, invalid("%v", err)
		}
		spec.Ref = repo + ":" + r.query.Get("tag")
	}
	img, named, err := newImage(spec)
	if err != nil {
		return nil, invalid("%v", err)
	}
	if ref != nil {
		e.install(img, named)
	} else {
		e.images[img.id] = img
	}
	e.publishContainer(c, etypes.ActionCommit, map[string]string{"comment": r.query.Get("comment")})
	return answer(http.StatusCreated, ctypes.CommitResponse{ID: img.id})
}

// applyChange carries out an instruction of a Dockerfile. Of those that engines
// allow here, CMD in JSON form and LABEL are known.
func applyChange(spec *Image, change string) error {
	instruction, rest, _ := strings.Cut(change, " ")
	switch strings.ToUpper(instruction) {
	case "CMD":
		spec.Cmd = nil
		if err := json.Unmarshal([]byte(rest), &spec.Cmd); err != nil {
			return invalid("%v", err)
		}
		return nil
	case "LABEL":
		key, value, _ := strings.Cut(rest, "=")
		spec.Labels = mergeMap(map[string]string{key: value}, spec.Labels)
		return nil
	default:
		return invalid("%s is not a valid change command", strings.ToLower(instruction))
	}
}
