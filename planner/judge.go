package planner

import (
	"fmt"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/gocompose/gocompose/internal/spec"
	"github.com/gocompose/gocompose/project"
)

// verdict says what is to be done with one container that exists.
type verdict struct {
	replace bool
	reason  Reason   // why it is replaced
	detail  string   // why it is kept though something differs
	connect []string // networks to connect it to, in place
}

// judge compares a container with what its service wants. The reasons come
// in a fixed order; the first that holds is the one that is told.
func (u *up) judge(s project.Service, c Container) (verdict, error) {
	policy := u.policy(s.Name)
	switch {
	case c.Phase == DeadNow:
		return replaced(Reason{Code: Dead}), nil
	case policy == RecreateNever:
		return verdict{}, nil
	case policy == RecreateForce:
		return replaced(Reason{Code: Forced}), nil
	}
	if parent, ok := u.replacedParent(s); ok {
		return replaced(Reason{Code: ParentReplaced, By: parent}), nil
	}
	changed, err := u.configChanged(s, c)
	if err != nil || changed.replace {
		return changed, err
	}
	if image, ok := u.state.Images[ImageKey(s.ImageRef(), s.Platform)]; ok && !image.Serves(c) {
		return replaced(Reason{Code: ImageChanged, Detail: fmt.Sprintf("%s is %s now, was %s", s.ImageRef(), shortID(image.ID), shortID(c.Image()))}), nil
	}
	if v := u.volumesChanged(s, c); v.replace {
		return v, nil
	}
	v := u.networksChanged(s, c)
	v.detail = changed.detail
	return v, nil
}

func replaced(r Reason) verdict { return verdict{replace: true, reason: r} }

// Image is the ID of the image that the container stands for: what docker compose
// recorded, or what it was made from.
func (c Container) Image() string {
	if c.ImageLabel != "" {
		return c.ImageLabel
	}
	return c.ImageID
}

// configChanged compares by hash, which docker compose shares, and explains
// by field. A hash that differs while no field does was written by another
// version of the rules, and the container is kept.
func (u *up) configChanged(s project.Service, c Container) (verdict, error) {
	hash, err := s.ConfigHash(u.refs(s))
	if err != nil {
		return verdict{}, fmt.Errorf("service %q: %w", s.Name, err)
	}
	if hash == c.Hash {
		return verdict{}, nil
	}
	changes, err := u.fieldChanges(s, c)
	if err != nil {
		return verdict{}, fmt.Errorf("service %q: %w", s.Name, err)
	}
	if len(changes) > 0 {
		return replaced(Reason{Code: ConfigChanged, Fields: changes}), nil
	}
	if parent, ok := u.formerParent(s, c); ok {
		return replaced(Reason{Code: ParentReplaced, By: parent}), nil
	}
	if len(u.helpersOf(s)) > 0 {
		return verdict{}, nil // its hash has variables that are not known yet
	}
	if c.Digests == nil && (c.Fields == nil || sharesHash(c)) {
		return replaced(Reason{Code: ConfigChanged, Detail: "its configuration hash differs, by a field that the engine does not show"}), nil
	}
	return verdict{detail: "its configuration hash differs, but none of its fields does"}, nil
}

// sharesHash tells whether docker compose made the container by a version that
// is known to compute the same hash, so that a difference is a real one.
func sharesHash(c Container) bool {
	return strings.HasPrefix(c.Labels[project.LabelVersion], "2.40.")
}

// fieldChanges names the fields that differ. What gocompose recorded on
// create is the better witness: it also knows what the engine does not echo.
// The namespaces of other containers are compared as observed, since only
// the engine knows whose they are.
func (u *up) fieldChanges(s project.Service, c Container) ([]FieldChange, error) {
	desired, err := spec.Desired(u.project, s)
	if err != nil {
		return nil, err
	}
	var changes []FieldChange
	if c.Digests == nil {
		if c.Fields == nil {
			return nil, nil
		}
		for _, d := range spec.Diff(c.Fields, desired) {
			if u.foreseen(s, d.Path, desired) {
				continue
			}
			changes = append(changes, u.change(d.Path, c.Fields[d.Path], desired[d.Path]))
		}
		return changes, nil
	}
	paths := spec.DiffDigests(c.Digests, spec.Digests(desired))
	for _, path := range spec.SharedPaths(s) {
		if old, known := c.Fields[path]; known && old != desired[path] {
			paths = append(paths, path)
		}
	}
	slices.Sort(paths)
	for _, path := range slices.Compact(paths) {
		if u.foreseen(s, path, desired) {
			continue
		}
		changes = append(changes, u.change(path, c.Fields[path], desired[path]))
	}
	return changes, nil
}

func (u *up) change(path, before, after string) FieldChange {
	secret := spec.IsSecret(path, before) || spec.IsSecret(path, after)
	if secret && !u.options.ShowSecrets {
		return FieldChange{Path: path, Secret: true}
	}
	return FieldChange{Path: path, Old: before, New: after, Secret: secret}
}

// volumesChanged checks that each named volume is mounted where it should be
// and is not about to be replaced.
func (u *up) volumesChanged(s project.Service, c Container) verdict {
	if leaving := u.leavingVolumes(c); len(leaving) > 0 {
		return replaced(Reason{Code: VolumeReplaced, By: Ref{Kind: KindVolume, Name: leaving[0]}})
	}
	for _, mount := range s.Volumes {
		plan, ok := u.volumes[mount.Source]
		if mount.Type != types.VolumeTypeVolume || !ok {
			continue
		}
		by := Ref{Kind: KindVolume, Name: mount.Source}
		if plan.remove != "" {
			return replaced(Reason{Code: VolumeReplaced, By: by})
		}
		if !c.mounts(plan.name, mount.Target) {
			return replaced(Reason{Code: VolumeMissing, By: by, Detail: "it is not mounted at " + mount.Target})
		}
	}
	return verdict{}
}

func (c Container) mounts(volume, destination string) bool {
	for _, m := range c.Mounts {
		if m.Name == volume && sameDir(m.Destination, destination) {
			return true
		}
	}
	return false
}

// networksChanged checks that the container is on the networks it should be
// on. One it is missing is connected in place; one that is another network of
// the same name by now needs a new container.
func (u *up) networksChanged(s project.Service, c Container) verdict {
	var v verdict
	if leaving := u.leavingNetworks(c); len(leaving) > 0 {
		return replaced(Reason{Code: NetworkReplaced, By: Ref{Kind: KindNetwork, Name: leaving[0]}})
	}
	for _, key := range networkKeys(s) {
		plan := u.networks[key]
		by := Ref{Kind: KindNetwork, Name: key}
		attachment, on := c.attachment(plan.name)
		switch {
		case plan.remove != "":
			return replaced(Reason{Code: NetworkReplaced, By: by})
		case on && attachment.ID != "" && attachment.ID != plan.id:
			return replaced(Reason{Code: NetworkReplaced, By: by, Detail: "its network was replaced by another of the same name"})
		case !on:
			v.connect = append(v.connect, key)
		}
	}
	return v
}

func (c Container) attachment(name string) (Attachment, bool) {
	for _, a := range c.Networks {
		if a.Network == name {
			return a, true
		}
	}
	return Attachment{}, false
}
