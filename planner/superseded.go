package planner

import "github.com/gocompose/gocompose/project"

// RemoveImages plans to remove images by their IDs. That an image is still in use is
// no failure.
func RemoveImages(p *project.Project, s State, ids []string) (*Plan, error) {
	b := newBuilder("remove", p, s)
	for _, id := range ids {
		b.add(Step{Op: RemoveImage{Image: id}, Reason: Reason{Code: Requested, Detail: "replaced by a newer one"}, BestEffort: true})
	}
	return b.finish()
}
