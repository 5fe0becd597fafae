package planner

import (
	"slices"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/gocompose/gocompose/project"
)

// volumePlan is what becomes of one named volume.
type volumePlan struct {
	name   string
	create StepID
	remove StepID
}

// planVolumes decides for every named volume of the project; selecting services
// leaves only those that they mount, unless all are asked for.
func (u *up) planVolumes() error {
	for key, config := range u.project.Volumes() {
		plan, err := u.planVolume(key, config)
		if err != nil {
			return err
		}
		u.volumes[key] = plan
	}
	return nil
}

func (u *up) planVolume(key string, config types.VolumeConfig) (volumePlan, error) {
	target := Ref{Kind: KindVolume, Name: key}
	found, ok := u.state.volume(config.Name)
	plan := volumePlan{name: config.Name}
	switch {
	case bool(config.External):
		if !ok {
			return plan, &MissingExternalError{Kind: KindVolume, Name: config.Name}
		}
		return plan, nil
	case !ok:
		plan.create = u.add(Step{Op: CreateVolume{Volume: key, Name: config.Name}, Reason: Reason{Code: Missing}})
		return plan, nil
	case found.Project != u.project.Name():
		u.note(NoteForeign, target, "volume %q already exists but was not created by project %q; it is used as it is (set external: true to say so)", found.Name, u.project.Name())
		return plan, nil
	}
	hash, err := project.VolumeHash(config)
	if err != nil {
		return plan, err
	}
	switch {
	case found.Hash == "" || found.Hash == hash:
		u.keep(Kept{Target: target, Name: found.Name})
	case len(u.foreignMounts(found)) > 0:
		u.note(NoteKeptChanged, target, "volume %s differs from the files but is kept: %s using it and not to be replaced", found.Name, isAre(u.foreignMounts(found)))
		u.keep(Kept{Target: target, Name: found.Name, Detail: "differs from the files"})
	case !u.options.ReplaceVolumes:
		const text = "differs from the files; it is kept, because replacing it would lose its data"
		u.note(NoteKeptChanged, target, "volume %s %s", found.Name, text)
		u.keep(Kept{Target: target, Name: found.Name, Detail: text})
	default:
		u.replaceVolume(key, &plan)
	}
	return plan, nil
}

// foreignMounts lists the containers that use the volume and that this plan
// does not make room with.
func (u *up) foreignMounts(v Volume) []string {
	var foreign []string
	for _, c := range u.state.Containers {
		if c.uses(v.Name) && !u.movable(c) {
			foreign = append(foreign, c.Name)
		}
	}
	return foreign
}

func (c Container) uses(volume string) bool {
	return slices.ContainsFunc(c.Mounts, func(m Mount) bool { return m.Type == types.VolumeTypeVolume && m.Name == volume })
}

func (u *up) replaceVolume(key string, plan *volumePlan) {
	reason := Reason{Code: ConfigChanged}
	plan.remove = u.add(Step{
		Op:     RemoveVolume{Volume: key, Name: plan.name},
		Reason: reason, Risk: DataLoss,
	})
	plan.create = u.add(Step{Op: CreateVolume{Volume: key, Name: plan.name}, Reason: reason}, plan.remove)
}

func (s State) volume(name string) (Volume, bool) {
	for _, v := range s.Volumes {
		if v.Name == name {
			return v, true
		}
	}
	return Volume{}, false
}
