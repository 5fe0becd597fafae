package planner

import (
	"slices"

	"github.com/gocompose/gocompose/project"
)

// PushOptions say what push does.
type PushOptions struct {
	IgnoreFailures bool // a push may fail without failing the plan
}

// Push plans to send the images that the project's services build to their
// registries, under all the names that the files give them. Images that nobody
// builds are passed over, as are those without a name of their own. The project
// holds the services that were asked for.
func Push(p *project.Project, s State, o PushOptions) (*Plan, error) {
	b := newBuilder("push", p, s)
	owners := map[string][]string{}
	for service := range p.Services() {
		if service.Build == nil || service.Image == "" {
			b.keep(Kept{Target: Ref{Kind: KindService, Name: service.Name}, Name: service.Name})
			continue
		}
		for _, ref := range service.ImagesPushed() {
			if !slices.Contains(owners[ref], service.Name) {
				owners[ref] = append(owners[ref], service.Name)
			}
		}
	}
	for _, ref := range sortedKeys(owners) {
		b.add(Step{
			Op:     PushImage{Image: ref, Services: owners[ref]},
			Reason: Reason{Code: Requested}, BestEffort: o.IgnoreFailures,
		})
	}
	return b.finish()
}
