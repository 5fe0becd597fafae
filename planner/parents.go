package planner

import (
	"slices"

	"github.com/gocompose/gocompose/project"
)

// parents resolves the services that a service refers to: those whose
// namespaces or volumes it shares, and those it links to.
func (u *up) parents(s project.Service) map[string]Handle {
	parents := map[string]Handle{}
	for _, edge := range s.References() {
		if !edge.Shares() && !slices.Contains(edge.Why, project.LinksTo) {
			continue
		}
		if h, ok := u.parent(edge.To); ok {
			parents[edge.To] = h
		}
	}
	if len(parents) == 0 {
		return nil
	}
	return parents
}

// parent is the container that stands for a service: its first replica, or,
// where the service is not part of this plan, the first on the host.
func (u *up) parent(service string) (Handle, bool) {
	if plan, ok := u.services[service]; ok {
		if len(plan.replicas) == 0 {
			return Handle{}, false
		}
		return plan.replicas[0].handle, true
	}
	for _, c := range u.replicas[service] {
		if c.Phase != Removing && c.Phase != DeadNow {
			return Handle{ID: c.ID}, true
		}
	}
	return Handle{}, false
}

// checkParents makes sure that there is a container to share with.
func (u *up) checkParents(s project.Service) error {
	for _, edge := range s.References() {
		if !edge.Shares() {
			continue
		}
		if _, ok := u.parent(edge.To); !ok {
			return &ParentMissingError{Service: s.Name, Parent: edge.To, Shares: shared(edge)}
		}
	}
	return nil
}

func shared(e project.Edge) string {
	for _, why := range e.Why {
		switch why {
		case project.SharesNetwork:
			return "network namespace"
		case project.SharesIPC:
			return "ipc namespace"
		case project.SharesPID:
			return "pid namespace"
		case project.SharesVolumes:
			return "volume"
		case project.DependsOn, project.LinksTo:
		}
	}
	return "namespace"
}

// replacedParent names the container that takes this one along: a parent
// that gets another ID in this plan.
func (u *up) replacedParent(s project.Service) (Ref, bool) {
	for _, edge := range s.References() {
		plan, ok := u.services[edge.To]
		if !edge.Shares() || !ok || len(plan.replicas) == 0 {
			continue
		}
		if first := plan.replicas[0]; first.existing == nil {
			return first.ref(plan.Service), true
		}
	}
	return Ref{}, false
}

// refs are the container IDs that the configuration hash refers to. Parents
// that are yet to be made have none; their children are replaced anyway.
func (u *up) refs(s project.Service) project.Refs {
	refs := project.Refs{}
	for service, h := range u.parents(s) {
		if h.ID != "" {
			refs[service] = h.ID
		}
	}
	return refs
}

// formerParent names the parent that gave its place to another container of
// its service while an interrupted run left this one behind: its hash is the
// one it would have with that parent.
func (u *up) formerParent(s project.Service, c Container) (Ref, bool) {
	refs := u.refs(s)
	var services []string
	for _, edge := range s.References() {
		if edge.Shares() && refs[edge.To] != "" {
			services = append(services, edge.To)
		}
	}
	var try func(int) bool
	try = func(i int) bool {
		if i == len(services) {
			hash, err := s.ConfigHash(refs)
			return err == nil && hash == c.Hash
		}
		for _, parent := range u.replicas[services[i]] {
			refs[services[i]] = parent.ID
			if try(i + 1) {
				return true
			}
		}
		return false
	}
	if !try(0) {
		return Ref{}, false
	}
	now := u.refs(s)
	for _, service := range services {
		if plan, ok := u.services[service]; ok && refs[service] != now[service] {
			return Ref{Kind: KindContainer, Name: service, Index: plan.replicas[0].number}, true
		}
	}
	return Ref{}, false
}
