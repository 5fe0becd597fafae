package enginetest

import (
	"net/http"
	"strings"

	"github.com/distribution/reference"
	etypes "github.com/docker/docker/api/types/events"
	itypes "github.com/docker/docker/api/types/image"
)

// imageDelete takes a reference off an image and, with the last one, removes the
// image; given an identifier it removes the image with all references.
func (e *Engine) imageDelete(r *request) (*reply, error) {
	name, force := r.vars["name"], r.flag("force")
	img, err := e.findImage(name)
	if err != nil {
		return nil, err
	}
	d := &deletion{engine: e, img: img, records: []itypes.DeleteResponse{}}
	byID := strings.HasPrefix(img.id, name) || strings.HasPrefix(strings.TrimPrefix(img.id, "sha256:"), name)
	if byID {
		err = d.byIdentifier(force)
	} else {
		err = d.byReference(name, force)
	}
	if err != nil {
		return nil, err
	}
	return answer(http.StatusOK, d.records)
}

// deletion is one removal under way.
type deletion struct {
	engine  *Engine
	img     *image
	records []itypes.DeleteResponse
}

func (d *deletion) byReference(name string, force bool) error {
	e := d.engine
	user := e.userOf(d.img, false)
	if !force && e.singleReference(d.img) && user != nil {
		return conflict("conflict: unable to remove repository reference %q (must force) - container %s is using its referenced image %s",
			name, shortID(user.id), shortImage(d.img))
	}
	ref, err := reference.ParseNormalizedNamed(name)
	if err != nil {
		return invalid("%v", err)
	}
	ref = reference.TagNameOnly(ref)
	d.untag(reference.FamiliarString(ref))
	tags, digests := e.references(d.img)
	for _, tag := range tags {
		if repositoryOf(tag) == reference.FamiliarName(ref) {
			return nil // other tags of the repository keep its digests
		}
	}
	for _, digest := range digests {
		if repositoryOf(digest) == reference.FamiliarName(ref) {
			delete(e.tags, digest)
			d.records = append(d.records, itypes.DeleteResponse{Untagged: digest})
		}
	}
	if tags, digests = e.references(d.img); len(tags)+len(digests) > 0 {
		return nil
	}
	if d.conflict(force) == nil {
		d.drop() // else the image stays, without a name
	}
	return nil
}

func (d *deletion) byIdentifier(force bool) error {
	tags, digests := d.engine.references(d.img)
	if len(tags) > 1 && !force {
		return d.refuse("must be forced", "image is referenced in multiple repositories")
	}
	if err := d.conflict(force); err != nil {
		return err
	}
	for _, ref := range append(tags, digests...) {
		d.untag(ref)
	}
	d.drop()
	return nil
}

func (d *deletion) untag(ref string) {
	delete(d.engine.tags, ref)
	d.engine.publishImage(d.img.id, etypes.ActionUnTag, d.img.id, d.img)
	d.records = append(d.records, itypes.DeleteResponse{Untagged: ref})
}

func (d *deletion) drop() {
	delete(d.engine.images, d.img.id)
	d.engine.publish(etypes.ImageEventType, etypes.ActionDelete, d.img.id, map[string]string{"name": d.img.id})
	d.records = append(d.records, itypes.DeleteResponse{Deleted: d.img.id})
}

// conflict is why containers keep the image from being removed, if they do.
func (d *deletion) conflict(force bool) error {
	if c := d.engine.userOf(d.img, true); c != nil {
		return d.refuse("cannot be forced", "image is being used by running container "+shortID(c.id))
	}
	if c := d.engine.userOf(d.img, false); c != nil && !force {
		return d.refuse("must be forced", "image is being used by stopped container "+shortID(c.id))
	}
	return nil
}

func (d *deletion) refuse(how, why string) error {
	return conflict("conflict: unable to delete %s (%s) - %s", shortImage(d.img), how, why)
}

// userOf finds a container made from an image.
func (e *Engine) userOf(img *image, running bool) *container {
	for _, c := range e.containersByAge() {
		if c.image == img && (!running || c.state.running) {
			return c
		}
	}
	return nil
}

// singleReference reports whether an image has one tag at most, in one
// repository.
func (e *Engine) singleReference(img *image) bool {
	tags, digests := e.references(img)
	repositories := map[string]bool{}
	for _, ref := range append(tags, digests...) {
		repositories[repositoryOf(ref)] = true
	}
	return len(tags) <= 1 && len(repositories) == 1
}

func shortImage(img *image) string { return shortID(strings.TrimPrefix(img.id, "sha256:")) }
