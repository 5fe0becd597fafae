package planner

import "github.com/gocompose/gocompose/project"

// orphans removes or names the containers whose service the files no longer
// define. One-off containers are not orphans.
func (u *up) orphans() {
	var names []string
	for _, c := range u.state.Containers {
		if !isOrphan(u.project, c) {
			continue
		}
		if u.options.RemoveOrphans {
			op := ContainerOp{Container: Handle{ID: c.ID}, Service: c.Service, Number: c.Number, Name: c.Name}
			u.stopAndRemove(op, c, Reason{Code: Orphan})
			continue
		}
		names = append(names, c.Name)
	}
	if len(names) > 0 && !u.options.IgnoreOrphans {
		u.noteOrphans(names)
	}
}

func (b *builder) noteOrphans(names []string) {
	b.note(NoteOrphans, Ref{}, "Found orphan containers (%s) for this project. If you removed or renamed this service in your compose file, you can run this command with the --remove-orphans flag to clean it up.", "["+spaced(names)+"]")
}

func isOrphan(p *project.Project, c Container) bool { return !c.OneOff && !p.Knows(c.Service) }
