package enginetest

import (
	"cmp"
	"encoding/json"
	"maps"
	"net/http"
	"strings"
	"time"

	"github.com/distribution/reference"
	etypes "github.com/docker/docker/api/types/events"
)

// PullFailure is an error to pull or push with.
type PullFailure struct {
	// Message is the engine's error text.
	Message string
	// Status is the HTTP status. If 0 the failure comes after the pull has begun
	// and is reported inside the progress stream, with status 200.
	Status int
	// Times is how often it comes; 0 means until further notice.
	Times int
}

// Publish makes images available to pull, or replaces those of the same
// references: the next pull finds the new ones.
func (e *Engine) Publish(images ...Image) error {
	for _, spec := range images {
		img, ref, err := newImage(spec)
		if err != nil {
			return err
		}
		img.digest = cmp.Or(img.digest, digestOf([]byte("manifest of "+img.id)))
		e.mu.Lock()
		e.remote[reference.FamiliarString(ref)] = img
		e.remote[reference.FamiliarName(ref)+"@"+img.digest] = img
		e.mu.Unlock()
	}
	return nil
}

// Withdraw takes an image off the registry.
func (e *Engine) Withdraw(ref string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	img := e.remote[fullName(ref)]
	maps.DeleteFunc(e.remote, func(_ string, other *image) bool { return other == img })
}

// FailPulls makes pulls of a reference fail until called with a zero failure.
func (e *Engine) FailPulls(ref string, failure PullFailure) {
	e.mu.Lock()
	defer e.mu.Unlock()
	setFault(e.pullFaults, fullName(ref), failure)
}

// FailPushes makes pushes of a reference fail until called with a zero failure.
func (e *Engine) FailPushes(ref string, failure PullFailure) {
	e.mu.Lock()
	defer e.mu.Unlock()
	setFault(e.pushFaults, fullName(ref), failure)
}

func setFault(faults map[string]PullFailure, name string, failure PullFailure) {
	if failure == (PullFailure{}) {
		delete(faults, name)
		return
	}
	faults[name] = failure
}

// takeFault is the failure that is due, if there is one.
func takeFault(faults map[string]PullFailure, name string) PullFailure {
	failure := faults[name]
	switch left := failure; failure.Times {
	case 0:
	case 1:
		delete(faults, name)
	default:
		left.Times--
		faults[name] = left
	}
	return failure
}

// fullName is the familiar form of a reference with its tag.
func fullName(name string) string {
	ref, err := reference.ParseNormalizedNamed(name)
	if err != nil {
		return name
	}
	return reference.FamiliarString(reference.TagNameOnly(ref))
}

// pullReference is what an image create call asks to pull.
func pullReference(r *request) string {
	name, tag := r.query.Get("fromImage"), r.query.Get("tag")
	switch {
	case tag == "":
		return name
	case strings.Contains(tag, ":"):
		return name + "@" + tag
	}
	return name + ":" + tag
}

// progress is one message of a pull's stream.
type progress struct {
	Status string        `json:"status,omitempty"`
	Detail *progressBar  `json:"progressDetail,omitempty"`
	Bar    string        `json:"progress,omitempty"`
	ID     string        `json:"id,omitempty"`
	Error  *errorDetail  `json:"errorDetail,omitempty"`
	Text   string        `json:"error,omitempty"`
	pause  time.Duration // before sending it
}

type progressBar struct {
	Current int64 `json:"current,omitempty"`
	Total   int64 `json:"total,omitempty"`
}

type errorDetail struct {
	Message string `json:"message"`
}

// imagePull streams the progress of a pull. Leaving cancels it.
func (e *Engine) imagePull(w http.ResponseWriter, r *request) error {
	if r.query.Get("fromImage") == "" {
		return fail(http.StatusNotImplemented, "enginetest does not simulate importing images")
	}
	ref, err := reference.ParseNormalizedNamed(pullReference(r))
	if err != nil {
		return invalid("%v", err)
	}
	ref = reference.TagNameOnly(ref)
	name := reference.FamiliarString(ref)
	e.mu.Lock()
	img, err := e.findRemote(ref, r.query.Get("platform"))
	failure := takeFault(e.pullFaults, name)
	present := err == nil && e.tags[name] == img.id
	e.mu.Unlock()
	if failure.Status != 0 {
		return fail(failure.Status, "%s", failure.Message)
	}
	if err != nil && failure == (PullFailure{}) {
		return err
	}

	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusOK)
	out := &pullWriter{enc: json.NewEncoder(w), flush: http.NewResponseController(w).Flush, r: r}
	if failure.Message != "" {
		out.send(pullStart(ref), progress{Error: &errorDetail{failure.Message}, Text: failure.Message})
		return nil
	}
	if !out.send(img.pullMessages(ref, present)...) {
		return nil
	}
	e.mu.Lock()
	e.install(img, ref)
	e.publishImage(name, etypes.ActionPull, reference.FamiliarName(ref), img)
	e.mu.Unlock()
	status := "Status: Downloaded newer image for " + name
	if present {
		status = "Status: Image is up to date for " + name
	}
	out.send(progress{Status: status})
	return nil
}

// findRemote looks an image up at the registry.
func (e *Engine) findRemote(ref reference.Named, platform string) (*image, error) {
	name := reference.FamiliarString(ref)
	img, ok := e.remote[name]
	switch {
	case ok && (platform == "" || img.suits(platform)):
		return img, nil
	case ok:
		return nil, notFound("no matching manifest for %s in the manifest list entries", platform)
	}
	for other := range e.remote {
		if repositoryOf(other) == reference.FamiliarName(ref) {
			return nil, notFound("manifest for %s not found: manifest unknown: manifest unknown", name)
		}
	}
	return nil, notFound("pull access denied for %s, repository does not exist or may require 'docker login': denied: requested access to the resource is denied", reference.FamiliarName(ref))
}

func pullStart(ref reference.Named) progress {
	start := progress{Status: "Pulling from " + reference.Path(ref), ID: "latest"}
	switch r := ref.(type) {
	case reference.Digested:
		start.ID = r.Digest().String()
	case reference.Tagged:
		start.ID = r.Tag()
	}
	return start
}

// pullMessages is the progress of a whole pull but its last line.
func (img *image) pullMessages(ref reference.Named, present bool) []progress {
	messages := []progress{pullStart(ref)}
	digest := progress{Status: "Digest: " + img.digest}
	if present {
		return append(messages, digest)
	}
	layers := img.layers()
	const steps = 4
	pause := img.spec.PullTakes / time.Duration(steps*len(layers))
	for _, layer := range layers {
		messages = append(messages, progress{Status: "Pulling fs layer", Detail: &progressBar{}, ID: layer[7:19]})
	}
	size := img.spec.Size / int64(len(layers))
	for _, layer := range layers {
		id := layer[7:19]
		for step := int64(1); step <= steps; step++ {
			bar := &progressBar{Current: size * step / steps, Total: size}
			messages = append(messages, progress{Status: "Downloading", Detail: bar, Bar: "[=>]", ID: id, pause: pause})
		}
		messages = append(messages,
			progress{Status: "Verifying Checksum", Detail: &progressBar{}, ID: id},
			progress{Status: "Download complete", Detail: &progressBar{}, ID: id},
			progress{Status: "Extracting", Detail: &progressBar{Current: size, Total: size}, Bar: "[=>]", ID: id},
			progress{Status: "Pull complete", Detail: &progressBar{}, ID: id})
	}
	return append(messages, digest)
}

type pullWriter struct {
	enc   *json.Encoder
	flush func() error
	r     *request
}

// send writes messages; false means that the client is gone.
func (w *pullWriter) send(messages ...progress) bool {
	for _, m := range messages {
		if m.pause > 0 && !w.r.sleep(m.pause) {
			return false
		}
		if w.r.Context().Err() != nil || w.enc.Encode(m) != nil || w.flush() != nil {
			return false
		}
	}
	return true
}
