package enginetest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/distribution/reference"
	etypes "github.com/docker/docker/api/types/events"
)

// Pushed tells whether the registry has what the reference means on the engine.
func (e *Engine) Pushed(ref string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	name := fullName(ref)
	remote, ok := e.remote[name]
	return ok && remote.id == e.tags[name]
}

// imagePush streams the progress of a push, after which the image can be pulled.
// Leaving cancels it.
func (e *Engine) imagePush(w http.ResponseWriter, r *request) error {
	ref, err := reference.ParseNormalizedNamed(r.vars["name"])
	if err != nil {
		return invalid("%v", err)
	}
	if tag := r.query.Get("tag"); tag != "" {
		if ref, err = reference.WithTag(ref, tag); err != nil {
			return invalid("%v", err)
		}
	}
	ref = reference.TagNameOnly(ref)
	name := reference.FamiliarString(ref)
	e.mu.Lock()
	img := e.images[e.tags[name]]
	failure := takeFault(e.pushFaults, name)
	there := img != nil && e.remote[name] == img
	e.mu.Unlock()
	if failure.Status != 0 {
		return fail(failure.Status, "%s", failure.Message)
	}

	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusOK)
	out := &pullWriter{enc: json.NewEncoder(w), flush: http.NewResponseController(w).Flush, r: r}
	refuse := func(message string) { out.send(progress{Error: &errorDetail{message}, Text: message}) }
	out.send(progress{Status: "The push refers to repository [" + ref.Name() + "]"})
	switch {
	case img == nil:
		refuse("An image does not exist locally with the tag: " + reference.FamiliarName(ref))
		return nil
	case failure.Message != "":
		refuse(failure.Message)
		return nil
	case !out.send(img.pushMessages(there)...):
		return nil
	}
	e.mu.Lock()
	digest := cmp.Or(img.digest, digestOf([]byte("manifest of "+img.id)))
	img.digest = digest
	e.remote[name] = img
	e.remote[reference.FamiliarName(ref)+"@"+digest] = img
	e.tags[reference.FamiliarName(ref)+"@"+digest] = img.id
	e.publishImage(name, etypes.ActionPush, reference.FamiliarName(ref), img)
	e.mu.Unlock()
	tag := ""
	if tagged, ok := ref.(reference.Tagged); ok {
		tag = tagged.Tag()
	}
	out.send(progress{Status: fmt.Sprintf("%s: digest: %s size: 528", tag, digest)})
	return nil
}

// pushMessages is the progress of a push but its first and last lines.
func (img *image) pushMessages(there bool) []progress {
	const steps = 4
	var messages []progress
	layers := img.layers()
	size := img.spec.Size / int64(len(layers))
	for _, layer := range layers {
		messages = append(messages, progress{Status: "Preparing", Detail: &progressBar{}, ID: layer[7:19]})
	}
	for _, layer := range layers {
		id := layer[7:19]
		if there {
			messages = append(messages, progress{Status: "Layer already exists", Detail: &progressBar{}, ID: id})
			continue
		}
		for step := int64(1); step <= steps; step++ {
			bar := &progressBar{Current: size * step / steps, Total: size}
			messages = append(messages, progress{Status: "Pushing", Detail: bar, Bar: "[=>]", ID: id})
		}
		messages = append(messages, progress{Status: "Pushed", Detail: &progressBar{}, ID: id})
	}
	return messages
}
