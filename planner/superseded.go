package planner

import (
	"maps"
	"slices"
)

// Superseded is an image that had a reference before a build or a pull of this
// run gave it to another one.
type Superseded struct {
	Ref string
	Image
}

// SupersededBy lists the images of the project that have no longer the reference
// that they had: before and after are its images as they were before a run
// fetched and built, and after that.
func (s State) SupersededBy(after State, project string) []Superseded {
	var gone []Superseded
	for _, key := range sortedKeys(s.Images) {
		old, now := s.Images[key], after.Images[key]
		if old.Project == project && now.ID != "" && now.ID != old.ID {
			gone = append(gone, Superseded{Ref: key, Image: old})
		}
	}
	return gone
}

// removeSuperseded removes what this run has superseded once all else has gone
// well. An image that a container of the project keeps is kept; the engine keeps
// those that others use.
func (u *up) removeSuperseded() {
	removed := map[string]bool{}
	all := slices.Sorted(maps.Keys(u.steps))
	for _, step := range u.steps {
		if op, ok := step.Op.(RemoveContainer); ok {
			removed[op.Container.ID] = true
		}
	}
	done := map[string]bool{}
	for _, s := range u.options.Superseded {
		if done[s.ID] || u.inUse(s.ID, removed) {
			continue
		}
		done[s.ID] = true
		u.add(Step{
			Op:     RemoveImage{Image: s.Ref, ID: s.ID},
			Reason: Reason{Code: ImageSuperseded}, BestEffort: true,
		}, all...)
	}
}

// inUse tells whether a container that is not removed was made from the image, or
// whether the image still has another name in the project.
func (u *up) inUse(image string, removed map[string]bool) bool {
	for _, c := range u.state.Containers {
		if c.ImageID == image && !removed[c.ID] {
			return true
		}
	}
	for _, other := range u.state.Images {
		if other.ID == image {
			return true
		}
	}
	return false
}
