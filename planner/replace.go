package planner

import (
	"regexp"
	"slices"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/gocompose/gocompose/internal/spec"
	"github.com/gocompose/gocompose/project"
)

// createNew plans a container that nothing is there for.
func (u *up) createNew(s project.Service, number int, scaled bool) *replica {
	r := &replica{number: number, name: s.ContainerNameFor(number), reason: Reason{Code: Missing}}
	if scaled {
		r.reason.Code = ScaledUp
	}
	u.create(s, r, CreateContainer{Name: r.name})
	r.ready = append(r.ready, r.create)
	u.prepare(s, r)
	return r
}

// replace plans the change of guard: create the new container under a
// temporary name, stop and remove the old one, rename. Should the create
// fail, the old container is still there, and running.
//
// Where a network or volume is replaced under the same name, the old one has
// to make room before the new one can be created.
func (u *up) replace(s project.Service, r *replica) {
	old := Handle{ID: r.old.ID}
	r.stopFirst = u.mustStopFirst(s, *r.old)
	u.create(s, r, CreateContainer{
		Name:     temporaryFor(*r.old, r.name),
		Replaces: old,
		Inherit:  u.inherit(s, *r.old),
	})
	released := r.create
	if r.old.Running() {
		r.stop = u.add(Step{
			Op:     StopContainer{ContainerOp: r.op(s, old, r.old.Name), Timeout: u.options.Timeout},
			Reason: r.reason, Risk: Downtime,
		})
		if !r.stopFirst {
			u.need(r.stop, r.create)
			released = r.stop
		}
	}
	remove := u.add(Step{
		Op:     RemoveContainer{ContainerOp: r.op(s, old, r.old.Name), Force: true},
		Reason: r.reason,
	}, r.stop)
	rename := u.add(Step{
		Op:     RenameContainer{ContainerOp: r.op(s, r.handle, r.currentName()), To: r.name},
		Reason: r.reason,
	}, remove)
	u.releaseNetworks(r, remove)
	if volumes := u.leavingVolumes(*r.old); len(volumes) == 0 {
		u.need(remove, released)
	} else {
		u.need(rename, r.create)
		for _, key := range volumes {
			u.need(u.volumes[key].remove, remove)
		}
	}
	r.ready = append(r.ready, rename)
	u.prepare(s, r)
}

// releaseNetworks takes the old container off the networks that are replaced.
func (u *up) releaseNetworks(r *replica, remove StepID) {
	for _, key := range u.leavingNetworks(*r.old) {
		id, goes := u.leaving(*r.old, key)
		off := u.add(Step{
			Op:     DisconnectNetwork{ContainerOp: r.old.op(), Network: key, NetworkID: id},
			Reason: Reason{Code: NetworkReplaced, By: Ref{Kind: KindNetwork, Name: key}},
		}, r.stop)
		u.need(remove, off)
		u.need(goes, off)
	}
}

// leavingNetworks lists the networks that the container is on and that go in
// this plan.
func (u *up) leavingNetworks(c Container) []string {
	var keys []string
	for _, key := range sortedKeys(u.networks) {
		if _, goes := u.leaving(c, key); goes != "" {
			keys = append(keys, key)
		}
	}
	return keys
}

// leavingVolumes lists the volumes that the container mounts, by whatever
// way it came to them, and that are replaced in this plan.
func (u *up) leavingVolumes(c Container) []string {
	var keys []string
	for _, key := range sortedKeys(u.volumes) {
		plan := u.volumes[key]
		if plan.remove != "" && c.uses(plan.name) {
			keys = append(keys, key)
		}
	}
	return keys
}

// mustStopFirst tells whether the old container has to go before the new one
// can be made: a network or volume of theirs is replaced under the same name,
// or that holds for a service that this one stops before.
func (u *up) mustStopFirst(s project.Service, old Container) bool {
	if len(u.leavingNetworks(old)) > 0 || len(u.leavingVolumes(old)) > 0 {
		return true
	}
	for _, key := range networkKeys(s) {
		if u.networks[key].remove != "" {
			return true
		}
	}
	for _, mount := range s.Volumes {
		if mount.Type == types.VolumeTypeVolume && u.volumes[mount.Source].remove != "" {
			return true
		}
	}
	for _, edge := range u.project.Edges(s.Name) {
		stopFirst := func(r *replica) bool { return r.stopFirst }
		if (edge.Shares() || edge.Restart) && slices.ContainsFunc(u.services[edge.To].replicas, stopFirst) {
			return true
		}
	}
	return false
}

// create adds the create step, after everything the new container refers to.
func (u *up) create(s project.Service, r *replica, op CreateContainer) {
	op.Service, op.Number, op.OneOff = s.Name, r.number, r.oneOff
	image := u.state.Images[ImageKey(s.ImageRef(), s.Platform)]
	op.ImageID, op.ImageContent = image.ID, image.Content
	op.Parents = u.parents(s)
	after := slices.Concat(u.helpersOf(s), u.networksOf(s), u.volumesOf(s))
	after = append(after, u.pulls[ImageKey(s.ImageRef(), s.Platform)])
	after = append(after, u.built[ImageKey(s.ImageRef(), s.Platform)]...)
	for _, parent := range sortedKeys(op.Parents) {
		after = append(after, op.Parents[parent].Step)
	}
	r.create = u.add(Step{Op: op, Reason: r.reason}, after...)
	r.handle = Handle{Step: r.create}
}

// prepare adds what a new container needs between create and start: the
// networks that this engine cannot take on create, and files to copy.
func (u *up) prepare(s project.Service, r *replica) {
	for _, key := range spec.ExtraNetworks(s, u.state.Features) {
		r.ready = append(r.ready, u.connect(s, r, key, r.reason))
	}
	if spec.NeedsFiles(u.project, s) {
		r.ready = append(r.ready, u.copyFiles(s, r, r.reason))
	}
}

func (u *up) copyFiles(s project.Service, r *replica, reason Reason) StepID {
	return u.add(Step{
		Op:     CopyFiles{r.op(s, r.handle, r.currentName())},
		Reason: reason,
	}, r.create)
}

func (u *up) connect(s project.Service, r *replica, key string, reason Reason) StepID {
	return u.add(Step{
		Op:     ConnectNetwork{ContainerOp: r.op(s, r.handle, r.currentName()), Network: key, OneOff: r.oneOff},
		Reason: reason,
	}, r.create, u.networks[key].create)
}

// currentName is the name under which the container is known before it starts.
func (r *replica) currentName() string {
	switch {
	case r.existing != nil:
		return r.existing.Name
	case r.old != nil:
		return temporaryFor(*r.old, r.name)
	default:
		return r.name
	}
}

// finishRename gives a replacement its final name, which an interrupted run
// did not come to.
func (u *up) finishRename(s project.Service, r *replica) {
	r.reason = Reason{Code: FinishInterrupted}
	r.ready = append(r.ready, u.add(Step{
		Op:     RenameContainer{ContainerOp: r.op(s, r.handle, r.existing.Name), To: r.name},
		Reason: r.reason,
	}))
}

// discard removes the other containers of a number, before the one that
// stays takes the name over.
func (u *up) discard(s project.Service, r *replica, extra []judged) {
	for _, c := range extra {
		code := Duplicate
		if isTemporary(c.Name, r.name) || len(r.ready) > 0 {
			code = FinishInterrupted
		}
		remove := u.removeSurplus(s, c.Container, Reason{Code: code, By: r.ref(s)})
		if r.old != nil && c.Name == temporaryFor(*r.old, r.name) {
			u.need(r.create, remove) // they want the same name
		}
		for _, ready := range r.ready {
			if _, renames := u.steps[ready].Op.(RenameContainer); renames {
				u.need(ready, remove)
			}
		}
	}
}

// removeSurplus stops and removes a container that has no place any more.
func (u *up) removeSurplus(s project.Service, c Container, reason Reason) StepID {
	op := ContainerOp{Container: Handle{ID: c.ID}, Service: s.Name, Number: c.Number, Name: c.Name}
	return u.stopAndRemove(op, c, reason)
}

// stopAndRemove plans both steps and returns the last.
func (u *up) stopAndRemove(op ContainerOp, c Container, reason Reason) StepID {
	var stop StepID
	if c.Running() {
		stop = u.stop(op, c.Phase, u.options.Timeout, reason)
	}
	remove := u.add(Step{Op: RemoveContainer{ContainerOp: op, Force: true}, Reason: reason}, stop)
	for _, key := range u.leavingNetworks(c) {
		_, goes := u.leaving(c, key)
		u.need(goes, remove)
	}
	for _, key := range u.leavingVolumes(c) {
		u.need(u.volumes[key].remove, remove)
	}
	return remove
}

// anonymous volumes have a generated name of 64 hexadecimal digits.
var anonymousName = regexp.MustCompile(`^[0-9a-f]{64}$`)

// inherit maps the paths of anonymous volumes to the old container's volumes,
// so that their data survives the replacement.
func (u *up) inherit(s project.Service, old Container) map[string]string {
	if u.options.RenewAnonymousVolumes {
		return nil
	}
	paths := slices.Clone(u.state.Images[ImageKey(s.ImageRef(), s.Platform)].Volumes)
	for _, mount := range s.Volumes {
		if mount.Type == types.VolumeTypeVolume && mount.Source == "" {
			paths = append(paths, mount.Target)
		}
	}
	inherited := map[string]string{}
	for _, m := range old.Mounts {
		if m.Type != types.VolumeTypeVolume || !anonymousName.MatchString(m.Name) {
			continue
		}
		if slices.ContainsFunc(paths, func(p string) bool { return sameDir(p, m.Destination) }) {
			inherited[m.Destination] = m.Name
		}
	}
	if len(inherited) == 0 {
		return nil
	}
	return inherited
}
