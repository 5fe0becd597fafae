package project

import (
	"maps"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
)

// Link says why one service needs another. The order is that of strength:
// the first link of an edge is the one to name when only one is shown.
type Link uint8

// The links of the Compose Spec that order services.
const (
	DependsOn     Link = iota // depends_on
	SharesNetwork             // network_mode: service:x
	SharesIPC                 // ipc: service:x
	SharesPID                 // pid: service:x
	SharesVolumes             // volumes_from: [x]
	LinksTo                   // links: [x]
)

// String is the Compose key that makes the link.
func (l Link) String() string {
	switch l {
	case DependsOn:
		return "depends_on"
	case SharesNetwork:
		return "network_mode"
	case SharesIPC:
		return "ipc"
	case SharesPID:
		return "pid"
	case SharesVolumes:
		return "volumes_from"
	case LinksTo:
		return "links"
	default:
		return "unknown"
	}
}

// Shares tells whether the link binds to one particular container of the
// target, so that the source must be replaced when the target is.
func (l Link) Shares() bool { return l >= SharesNetwork && l <= SharesVolumes }

// Conditions of depends_on (Compose Spec, services: depends_on).
const (
	Started   = types.ServiceConditionStarted
	Healthy   = types.ServiceConditionHealthy
	Completed = types.ServiceConditionCompletedSuccessfully
)

// Edge says that From needs To, and why.
type Edge struct {
	From, To  string
	Why       []Link // never empty, strongest first
	Condition string // Started, Healthy or Completed
	Restart   bool   // From is restarted when To is replaced or restarted
	Required  bool   // false: From may start without To
}

// Shares tells whether any of the edge's links binds to the target's container.
func (e Edge) Shares() bool { return slices.ContainsFunc(e.Why, Link.Shares) }

// Edges lists what the service needs, in the order of the targets' names.
// Targets are enabled services only.
func (p *Project) Edges(service string) []Edge { return p.out[service] }

// Dependents lists the edges that point at the service, in the order of the
// names of the services that need it.
func (p *Project) Dependents(service string) []Edge { return p.in[service] }

// buildEdges sorts the edges between enabled services by both their ends.
// Written is what the files have under depends_on, or nil where it is not
// known what of the model they wrote.
func buildEdges(model *types.Project, written map[string][]string) (out, in map[string][]Edge) {
	out, in = map[string][]Edge{}, map[string][]Edge{}
	for _, name := range slices.Sorted(maps.Keys(model.Services)) {
		for _, edge := range edgesOf(name, model.Services[name], written) {
			if _, ok := model.Services[edge.To]; !ok {
				continue
			}
			out[name] = append(out[name], edge)
			in[edge.To] = append(in[edge.To], edge)
		}
	}
	return out, in
}

// edgesOf reads every reference to another service, whether or not that
// service is enabled, in the order of the targets' names. Dependencies that
// normalization made of another link lend the edge their condition only.
func edgesOf(name string, s types.ServiceConfig, written map[string][]string) []Edge {
	found := edgeSet{from: name}
	for _, to := range slices.Sorted(maps.Keys(s.DependsOn)) {
		dependency := s.DependsOn[to]
		e := found.to(to)
		e.Restart, e.Required = dependency.Restart, dependency.Required
		if dependency.Condition != "" {
			e.Condition = dependency.Condition
		}
		if written == nil || slices.Contains(written[name], to) {
			e.because(DependsOn)
		}
	}
	for _, mode := range []struct {
		value string
		why   Link
	}{{s.NetworkMode, SharesNetwork}, {s.Ipc, SharesIPC}, {s.Pid, SharesPID}} {
		if to, ok := strings.CutPrefix(mode.value, types.ServicePrefix); ok {
			found.to(to).because(mode.why).Required = true
		}
	}
	for _, from := range s.VolumesFrom {
		if to, ok := volumesFromService(from); ok {
			found.to(to).because(SharesVolumes).Required = true
		}
	}
	for _, link := range s.Links {
		to, _, _ := strings.Cut(link, ":")
		found.to(to).because(LinksTo)
	}
	return found.sorted()
}

// edgeSet collects the edges of one service, one for each target.
type edgeSet struct {
	from  string
	edges map[string]*Edge
}

func (es *edgeSet) to(target string) *Edge {
	if es.edges == nil {
		es.edges = map[string]*Edge{}
	}
	e, ok := es.edges[target]
	if !ok {
		e = &Edge{From: es.from, To: target, Condition: Started, Required: true}
		es.edges[target] = e
	}
	return e
}

func (es *edgeSet) sorted() []Edge {
	edges := make([]Edge, 0, len(es.edges))
	for _, to := range slices.Sorted(maps.Keys(es.edges)) {
		e := *es.edges[to]
		if len(e.Why) == 0 { // implied by what makes no link of ours, as uts: service:x
			e.Why = []Link{DependsOn}
		}
		edges = append(edges, e)
	}
	return edges
}

func (e *Edge) because(why Link) *Edge {
	if !slices.Contains(e.Why, why) {
		e.Why = append(e.Why, why)
	}
	return e
}

// volumesFromService reads SERVICE[:ro|rw]; container:NAME is no service.
func volumesFromService(from string) (string, bool) {
	if strings.HasPrefix(from, types.ContainerPrefix) {
		return "", false
	}
	name, _, _ := strings.Cut(from, ":")
	return name, true
}

// References lists every edge that the service's configuration asks for, also
// those to services that are not enabled, in the order of the targets' names.
func (s Service) References() []Edge { return edgesOf(s.Name, s.ServiceConfig, s.project.written) }
