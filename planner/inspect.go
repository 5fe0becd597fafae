package planner

import (
	"github.com/gocompose/gocompose/project"
)

// Needs lists what has to be looked at more closely before planning can tell
// what changed: the identifiers of containers and networks.
type Needs struct {
	Containers []string
	Networks   []string
}

// NeedInspect names the containers and networks whose recorded hash differs
// from the files. On a host that is as it should be there are none, which is
// why a run with nothing to do costs only the lists.
func NeedInspect(p *project.Project, s State) (Needs, error) {
	u := &up{builder: newBuilder("inspect", p, s), services: map[string]*servicePlan{}}
	var needs Needs
	for _, c := range s.Containers {
		service, ok := p.Service(c.Service)
		if !ok || c.OneOff {
			continue
		}
		hash, err := service.ConfigHash(u.refs(service))
		if err != nil {
			return Needs{}, err
		}
		if hash != c.Hash {
			needs.Containers = append(needs.Containers, c.ID)
		}
	}
	for key, config := range p.Networks() {
		found, ok := s.network(p.Name(), key, config)
		if !ok || bool(config.External) || found.Project != p.Name() {
			continue
		}
		for _, twin := range s.twins(found) {
			needs.Networks = append(needs.Networks, twin.ID)
		}
		if found.Hash == "" {
			continue
		}
		hash, err := project.NetworkHash(config)
		if err != nil {
			return Needs{}, err
		}
		if hash != found.Hash {
			needs.Networks = append(needs.Networks, found.ID)
		}
	}
	return needs, nil
}
