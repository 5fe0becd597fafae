package enginetest

import (
	"cmp"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/distribution/reference"
	etypes "github.com/docker/docker/api/types/events"
	"github.com/docker/docker/api/types/filters"
	itypes "github.com/docker/docker/api/types/image"
	"github.com/docker/docker/api/types/storage"
)

// references lists an image's tags and digests.
func (e *Engine) references(img *image) (tags, digests []string) {
	tags, digests = []string{}, []string{}
	for _, ref := range slices.Sorted(maps.Keys(e.tags)) {
		switch {
		case e.tags[ref] != img.id:
		case strings.Contains(ref, "@"):
			digests = append(digests, ref)
		default:
			tags = append(tags, ref)
		}
	}
	return tags, digests
}

func (e *Engine) imageInspect(r *request) (*reply, error) {
	img, err := e.findImage(r.vars["name"])
	if err != nil && !e.serves("1.42") {
		return nil, prefixed(err, "no such image: %s", r.vars["name"])
	}
	if err != nil {
		return nil, err
	}
	if want := r.query.Get("platform"); want != "" && r.speaks("1.49") {
		var p struct {
			OS           string `json:"os"`
			Architecture string `json:"architecture"`
		}
		if err := json.Unmarshal([]byte(want), &p); err != nil {
			return nil, invalid("failed to parse platform: %v", err)
		}
		if !img.suits(p.OS + "/" + p.Architecture) {
			return nil, notFound("image with reference %s was found but does not provide the specified platform (%s/%s)", r.vars["name"], p.OS, p.Architecture)
		}
	}
	platform := strings.Split(img.spec.Platform, "/")
	v := itypes.InspectResponse{
		ID: img.id, Created: stamp(img.created), Size: img.spec.Size, Os: platform[0], GraphDriver: storage.DriverData{Name: "overlay2"},
		RootFS: itypes.RootFS{Type: "layers", Layers: img.layers()},
	}
	if len(platform) > 1 {
		v.Architecture = platform[1]
	}
	if len(platform) > 2 {
		v.Variant = platform[2]
	}
	v.RepoTags, v.RepoDigests = e.references(img)
	v.Metadata.LastTagTime = img.tagged
	if !r.speaks("1.44") {
		v.VirtualSize = v.Size //nolint:staticcheck // part of older API versions
	}
	config, err := json.Marshal(img.config())
	if err != nil {
		return nil, systemError("cannot encode the image: %v", err)
	}
	if err := json.Unmarshal(config, &v.Config); err != nil {
		return nil, systemError("cannot encode the image: %v", err)
	}
	return answer(http.StatusOK, v)
}

// layers are the two layers every image has here.
func (img *image) layers() []string {
	return []string{digestOf([]byte("base")), digestOf([]byte(cmp.Or(img.spec.Content, img.id)))}
}

func (e *Engine) imageList(r *request) (*reply, error) {
	f, err := filters.FromJSON(r.query.Get("filters"))
	if err != nil {
		return nil, invalid("%v", err)
	}
	err = e.checkFilters(f, map[string]bool{"dangling": true, "label": true, "label!": true, "before": true, "since": true, "reference": true, "until": true})
	if err != nil {
		return nil, err
	}
	list := []itypes.Summary{}
	for _, id := range slices.Sorted(maps.Keys(e.images)) {
		img := e.images[id]
		s := itypes.Summary{ID: id, Created: img.created.Unix(), Labels: img.spec.Labels, Size: img.spec.Size, SharedSize: -1, Containers: -1}
		s.RepoTags, s.RepoDigests = e.references(img)
		dangling := "false"
		if len(s.RepoTags) == 0 {
			dangling = "true"
		}
		if !f.MatchKVList("label", s.Labels) || !f.ExactMatch("dangling", dangling) || !keepReferences(f, &s) {
			continue
		}
		if !r.speaks("1.43") && len(s.RepoTags) == 0 && len(s.RepoDigests) == 0 {
			s.RepoTags, s.RepoDigests = []string{"<none>:<none>"}, []string{"<none>@<none>"}
		}
		if !r.speaks("1.44") {
			s.VirtualSize = s.Size //nolint:staticcheck // part of older API versions
		}
		if r.speaks("1.51") {
			s.Containers = e.containersOf(img)
		}
		list = append(list, s)
	}
	return answer(http.StatusOK, list)
}

func (e *Engine) containersOf(img *image) int64 {
	var count int64
	for _, c := range e.containers {
		if c.image == img {
			count++
		}
	}
	return count
}

// keepReferences leaves only the references that the filter asks for; without
// any the image is left out.
func keepReferences(f filters.Args, s *itypes.Summary) bool {
	if !f.Contains("reference") {
		return true
	}
	unwanted := func(name string) bool {
		ref, err := reference.ParseNormalizedNamed(name)
		if err != nil {
			return true
		}
		return !slices.ContainsFunc(f.Get("reference"), func(pattern string) bool {
			match, err := reference.FamiliarMatch(pattern, ref)
			return err == nil && match
		})
	}
	s.RepoTags = slices.DeleteFunc(s.RepoTags, unwanted)
	s.RepoDigests = slices.DeleteFunc(s.RepoDigests, unwanted)
	return len(s.RepoTags)+len(s.RepoDigests) > 0
}

func (e *Engine) imageTag(r *request) (*reply, error) {
	img, err := e.findImage(r.vars["name"])
	if err != nil {
		return nil, err
	}
	ref, err := reference.ParseNormalizedNamed(r.query.Get("repo"))
	if err != nil {
		return nil, invalid("%v", err)
	}
	if tag := r.query.Get("tag"); tag != "" {
		if ref, err = reference.WithTag(ref, tag); err != nil {
			return nil, invalid("%v", err)
		}
	}
	name := reference.FamiliarString(reference.TagNameOnly(ref))
	e.tags[name], img.tagged = img.id, time.Now()
	e.publishImage(img.id, etypes.ActionTag, name, img)
	return &reply{status: http.StatusCreated}, nil
}

// publishImage records an event about an image, with its labels.
func (e *Engine) publishImage(id string, action etypes.Action, name string, img *image) {
	attributes := maps.Clone(img.spec.Labels)
	if attributes == nil {
		attributes = map[string]string{}
	}
	attributes["name"] = name
	e.publish(etypes.ImageEventType, action, id, attributes)
}
