package spec

import "github.com/gocompose/gocompose/project"

// Initializer makes the request for the container of a pre_start command: that of
// its specification, with the mounts of a container of the service.
func Initializer(p *project.Project, s project.Service, in Inputs, container string) (Request, error) {
	in.OneOff = &OneOff{}
	r, err := build(p, s, in)
	if err != nil {
		return Request{}, err
	}
	delete(r.Config.Labels, project.LabelConfigHash)
	delete(r.Config.Labels, project.LabelSlug) // it is known by its name
	r.Config.Labels[project.LabelHook] = "pre_start"
	r.Host.VolumesFrom = append(r.Host.VolumesFrom, container)
	return r, nil
}
