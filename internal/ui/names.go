package ui

import "github.com/gocompose/gocompose/planner"

// subjects says which things the steps of a plan are about, by the IDs that
// people read. A container that is replaced goes by its final name throughout,
// though it has another one for a while.
type subjects struct {
	replaces map[planner.StepID]*replacement
	byHandle map[planner.Handle]string // ID of the container behind a handle
}

// replacement is the change of guard of one container: create, stop and remove
// the old one, rename. People see it as one thing.
type replacement struct {
	id    string
	steps int // that belong to it
	begun bool
	done  int
}

func newSubjects(p *planner.Plan) *subjects {
	s := &subjects{replaces: map[planner.StepID]*replacement{}, byHandle: map[planner.Handle]string{}}
	creates := map[planner.Handle]planner.CreateContainer{}
	for _, step := range p.Steps {
		switch op := step.Op.(type) {
		case planner.CreateContainer:
			self := planner.Handle{Step: step.ID}
			creates[self] = op
			s.byHandle[self] = containerID(op.Name)
		default:
			if op, ok := containerOp(step.Op); ok {
				s.byHandle[op.Container] = containerID(op.Name)
			}
		}
	}
	groups := map[planner.Handle]*replacement{}
	for _, step := range p.Steps {
		rename, ok := step.Op.(planner.RenameContainer)
		if !ok {
			continue
		}
		group := &replacement{id: containerID(rename.To)}
		groups[rename.Container] = group
		s.byHandle[rename.Container] = group.id
		if old := creates[rename.Container].Replaces; !old.IsZero() {
			groups[old] = group
		}
	}
	for _, step := range p.Steps {
		if group := groups[replacedBy(step)]; group != nil {
			group.steps++
			s.replaces[step.ID] = group
		}
	}
	return s
}

// replacedBy is the handle by which a step belongs to a replacement.
func replacedBy(step planner.Step) planner.Handle {
	switch op := step.Op.(type) {
	case planner.CreateContainer:
		return planner.Handle{Step: step.ID}
	case planner.RenameContainer:
		return op.Container
	case planner.StopContainer:
		return op.Container
	case planner.RemoveContainer:
		return op.Container
	default:
		return planner.Handle{}
	}
}

func containerID(name string) string { return kindWord(planner.KindContainer) + name }

// ids are the things that a step is about: one, but for a wait on several
// containers.
func (s *subjects) ids(step planner.Step) []string {
	if group := s.replaces[step.ID]; group != nil {
		return []string{group.id}
	}
	target := step.Op.Target()
	name := target.Name
	switch op := step.Op.(type) {
	case planner.Await:
		ids := make([]string, len(op.Names))
		for i, container := range op.Names {
			ids[i] = containerID(container)
		}
		return ids
	case planner.CallProvider:
		return []string{op.Service}
	case planner.PrepareModel:
		return []string{op.Name}
	case planner.CreateNetwork:
		name = op.Name
	case planner.RemoveNetwork:
		name = op.Name
	case planner.CreateVolume:
		name = op.Name
	case planner.RemoveVolume:
		name = op.Name
	case planner.CreateContainer:
		return []string{s.byHandle[planner.Handle{Step: step.ID}]}
	default:
		if op, ok := containerOp(step.Op); ok {
			return []string{s.byHandle[op.Container]}
		}
	}
	return []string{kindWord(target.Kind) + name}
}

func containerOp(op planner.Op) (planner.ContainerOp, bool) {
	switch op := op.(type) {
	case planner.ConnectNetwork:
		return op.ContainerOp, true
	case planner.DisconnectNetwork:
		return op.ContainerOp, true
	case planner.CopyFiles:
		return op.ContainerOp, true
	case planner.StartContainer:
		return op.ContainerOp, true
	case planner.StopContainer:
		return op.ContainerOp, true
	case planner.RunHook:
		return op.ContainerOp, true
	case planner.KillContainer:
		return op.ContainerOp, true
	case planner.RestartContainer:
		return op.ContainerOp, true
	case planner.PauseContainer:
		return op.ContainerOp, true
	case planner.UnpauseContainer:
		return op.ContainerOp, true
	case planner.RemoveContainer:
		return op.ContainerOp, true
	case planner.RenameContainer:
		return op.ContainerOp, true
	default:
		return planner.ContainerOp{}, false
	}
}
