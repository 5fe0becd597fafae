package planner

import (
	"maps"
	"slices"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/gocompose/gocompose/project"
)

// networkPlan is what becomes of one network.
type networkPlan struct {
	name     string
	id       string // of the network that is there and stays
	create   StepID // or what else comes before the network can be used
	remove   StepID // of the network that is there and goes
	removeID string
	twins    map[string]StepID // the removals of others of its name, by network ID
}

// planNetworks decides for every network of the project; selecting services
// leaves only those that they are on, unless all are asked for.
func (u *up) planNetworks() error {
	for key, config := range u.project.Networks() {
		plan, err := u.planNetwork(key, config)
		if err != nil {
			return err
		}
		u.networks[key] = plan
	}
	return nil
}

func (u *up) planNetwork(key string, config types.NetworkConfig) (networkPlan, error) {
	target := Ref{Kind: KindNetwork, Name: key}
	found, ok := u.state.network(u.project.Name(), key, config)
	switch {
	case bool(config.External):
		if !ok {
			return networkPlan{}, &MissingExternalError{Kind: KindNetwork, Name: config.Name}
		}
		return networkPlan{name: config.Name, id: found.ID}, nil
	case !ok:
		create := u.add(Step{Op: CreateNetwork{Network: key, Name: config.Name}, Reason: Reason{Code: Missing}})
		return networkPlan{name: config.Name, create: create}, nil
	case found.Project != u.project.Name() || found.Key != key:
		u.note(NoteForeign, target, "network %s exists but was not created for project %q; it is used as it is (set external: true to say so)", found.Name, u.project.Name())
		return networkPlan{name: found.Name, id: found.ID}, nil
	}
	hash, err := project.NetworkHash(config)
	if err != nil {
		return networkPlan{}, err
	}
	twins, only := u.removeTwins(found)
	if found.Hash == "" || found.Hash == hash {
		u.keep(Kept{Target: target, Name: found.Name})
		return networkPlan{name: found.Name, id: found.ID, create: only, twins: twins}, nil
	}
	if foreign := u.foreignEndpoints(found); len(foreign) > 0 {
		u.note(NoteKeptChanged, target, "network %s differs from the files but is kept: %s on it and not of this project", found.Name, isAre(foreign))
		return networkPlan{name: found.Name, id: found.ID, create: only, twins: twins}, nil
	}
	plan := u.replaceNetwork(key, found)
	u.need(plan.create, only)
	plan.twins = twins
	return plan, nil
}

// removeTwins removes further networks of the project under the same name, and
// returns the removals, with the last of them. An engine before 25 makes one
// where a run that was killed had asked for it just before the next one did, and
// then takes the name for ambiguous. Converge takes the project's containers off
// them; others keep them.
func (u *up) removeTwins(stays Network) (twins map[string]StepID, last StepID) {
	twins = map[string]StepID{}
	for _, n := range u.state.twins(stays) {
		if foreign := u.foreignEndpoints(n); len(foreign) > 0 {
			u.note(NoteKeptChanged, Ref{Kind: KindNetwork, Name: n.Key},
				"network %s is there twice, and %s is kept: %s on it and not of this project", n.Name, shortID(n.ID), isAre(foreign))
			continue
		}
		last = u.add(Step{
			Op:     RemoveNetwork{Network: n.Key, Name: n.Name, ID: n.ID},
			Reason: Reason{Code: FinishInterrupted, Detail: "it was made twice, and this is " + shortID(n.ID)},
		}, last)
		twins[n.ID] = last
	}
	return twins, last
}

// leaving tells which network of that key the container is on that goes in this
// plan, and the step in which it does.
func (u *up) leaving(c Container, key string) (id string, remove StepID) {
	plan := u.networks[key]
	a, on := c.attachment(plan.name)
	switch twin := plan.twins[a.ID]; {
	case !on:
		return "", ""
	case twin != "":
		return a.ID, twin
	default:
		return plan.removeID, plan.remove
	}
}

// replaceNetwork removes the network and makes it anew. Its containers are
// taken off it by converge, which knows them.
func (u *up) replaceNetwork(key string, found Network) networkPlan {
	reason := Reason{Code: ConfigChanged}
	remove := u.add(Step{
		Op:     RemoveNetwork{Network: key, Name: found.Name, ID: found.ID},
		Reason: reason, Risk: Downtime,
	})
	create := u.add(Step{Op: CreateNetwork{Network: key, Name: found.Name}, Reason: reason}, remove)
	return networkPlan{name: found.Name, create: create, remove: remove, removeID: found.ID}
}

// foreignEndpoints lists the containers on the network that this plan does
// not make room with.
func (u *up) foreignEndpoints(n Network) []string {
	var foreign []string
	for _, name := range n.Endpoints {
		i := slices.IndexFunc(u.state.Containers, func(c Container) bool { return c.Name == name })
		if i < 0 || !u.movable(u.state.Containers[i]) {
			foreign = append(foreign, name)
		}
	}
	return foreign
}

// movable tells whether this plan may replace or remove the container: it is
// a replica of a service in the plan, or an orphan that is to go.
func (u *up) movable(c Container) bool {
	if isOrphan(u.project, c) {
		return u.options.RemoveOrphans
	}
	_, planned := u.project.Service(c.Service)
	return planned && !c.OneOff && c.Service != u.alone && u.policy(c.Service) != RecreateNever
}

// network finds the network of that key. Names are not unique on engines
// before 25, so the project's label comes first, and then the network with most
// of its containers.
func (s State) network(projectName, key string, config types.NetworkConfig) (Network, bool) {
	worth := func(n Network) int {
		if bool(config.External) || n.Project != projectName || n.Key != key {
			return 0
		}
		return 1 + s.attached(n)
	}
	found, ok := Network{}, false
	for _, n := range s.Networks {
		if n.Name == config.Name && (!ok || worth(n) > worth(found)) {
			found, ok = n, true
		}
	}
	return found, ok
}

// twins lists the other networks of the project that are like this one.
func (s State) twins(of Network) []Network {
	return slices.DeleteFunc(slices.Clone(s.Networks), func(n Network) bool {
		return n.ID == of.ID || n.Name != of.Name || n.Project != of.Project || n.Key != of.Key
	})
}

// attached counts the project's containers on the network.
func (s State) attached(n Network) int {
	count := 0
	for _, c := range s.Containers {
		if c.on(n) {
			count++
		}
	}
	return count
}

// networkKeys lists the service's networks in the order in which the engine
// gets them: by priority, then by name.
func networkKeys(s project.Service) []string {
	if len(s.Networks) == 0 {
		return nil
	}
	return s.NetworksByPriority()
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
