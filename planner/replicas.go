package planner

import (
	"cmp"
	"iter"
	"slices"

	"github.com/gocompose/gocompose/internal/spec"
	"github.com/gocompose/gocompose/project"
)

// judged is a container with its verdict.
type judged struct {
	Container
	verdict
}

// upToDate containers sort first, then those under their final name, then the
// newest: the order in which containers of one number are preferred.
func (j judged) compare(other judged, final string) int {
	return cmp.Or(
		boolCompare(!j.replace, !other.replace),
		boolCompare(!isTemporary(j.Name, final), !isTemporary(other.Name, final)),
		other.Created.Compare(j.Created),
		cmp.Compare(j.ID, other.ID),
	)
}

func boolCompare(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	default:
		return 1
	}
}

// converge decides what becomes of a service's containers: kept, replaced,
// finished where an earlier run was cut off, removed, or created.
func (u *up) converge(s project.Service) error {
	plan := &servicePlan{Service: s}
	u.services[s.Name] = plan
	if s.Provider != nil {
		return nil
	}
	wanted := s.Replicas()
	if err := u.unsupported(s); wanted > 0 && err != nil {
		return err
	}
	if wanted > 1 && s.ContainerName != "" {
		return &ScaleError{Service: s.Name, ContainerName: s.ContainerName}
	}
	if err := u.checkParents(s); wanted > 0 && err != nil {
		return err
	}
	containers, err := u.judgeAll(s)
	if err != nil {
		return err
	}
	chosen, extra := choose(s, containers)
	kept := min(wanted, len(chosen))
	for _, c := range chosen[kept:] {
		for _, surplus := range slices.Concat([]judged{c}, extra[c.Number]) {
			u.removeSurplus(s, surplus.Container, Reason{Code: ScaledDown})
		}
	}
	chosen = chosen[:kept]
	slices.SortFunc(chosen, func(a, b judged) int { return cmp.Compare(a.Number, b.Number) })
	for _, c := range chosen {
		r := u.settle(s, c)
		plan.replicas = append(plan.replicas, r)
		u.discard(s, r, extra[c.Number])
	}
	for number := range free(chosen) {
		if len(plan.replicas) >= wanted {
			break
		}
		plan.replicas = append(plan.replicas, u.createNew(s, number, kept > 0))
	}
	slices.SortFunc(plan.replicas, func(a, b *replica) int { return cmp.Compare(a.number, b.number) })
	return nil
}

func (u *up) judgeAll(s project.Service) ([]judged, error) {
	var all []judged
	for _, c := range u.replicas[s.Name] {
		if c.Phase == Removing {
			continue
		}
		v, err := u.judge(s, c)
		if err != nil {
			return nil, err
		}
		all = append(all, judged{Container: c, verdict: v})
	}
	return all, nil
}

// choose picks one container for each number, in the order in which they are
// worth keeping: up to date before outdated, then the lowest numbers. The
// others of the same number are left over from an interrupted run.
func choose(s project.Service, containers []judged) (chosen []judged, extra map[int][]judged) {
	extra = map[int][]judged{}
	byNumber := map[int][]judged{}
	for _, c := range containers {
		byNumber[c.Number] = append(byNumber[c.Number], c)
	}
	for _, number := range sortedInts(byNumber) {
		final := s.ContainerNameFor(number)
		same := byNumber[number]
		slices.SortFunc(same, func(a, b judged) int { return a.compare(b, final) })
		chosen = append(chosen, same[0])
		extra[number] = same[1:]
	}
	slices.SortStableFunc(chosen, func(a, b judged) int { return boolCompare(!a.replace, !b.replace) })
	return chosen, extra
}

func sortedInts(m map[int][]judged) []int {
	numbers := make([]int, 0, len(m))
	for n := range m {
		numbers = append(numbers, n)
	}
	slices.Sort(numbers)
	return numbers
}

// free are the numbers that no container has, from 1. docker compose goes on
// after the highest; filling gaps makes the names depend on the files alone, and
// not on which of several creates an interrupted run had come to.
func free(taken []judged) iter.Seq[int] {
	return func(yield func(int) bool) {
		for number := 1; ; number++ {
			has := func(c judged) bool { return c.Number == number }
			if !slices.ContainsFunc(taken, has) && !yield(number) {
				return
			}
		}
	}
}

// settle turns a verdict into steps.
func (u *up) settle(s project.Service, c judged) *replica {
	final := s.ContainerNameFor(c.Number)
	r := &replica{number: c.Number, name: final}
	u.pending(s, c.Container)
	if c.replace {
		r.old, r.reason = &c.Container, c.reason
		u.replace(s, r)
		return r
	}
	r.existing = &c.Container
	r.handle = Handle{ID: c.ID}
	if !isTemporary(c.Name, final) {
		r.name = c.Name // a container keeps the name that it was given
	} else {
		u.finishRename(s, r)
	}
	for _, key := range c.connect {
		r.ready = append(r.ready, u.connect(s, r, key, Reason{Code: NetworkDisconnected, By: Ref{Kind: KindNetwork, Name: key}}))
	}
	if c.Phase == Created && !u.options.NoStart && spec.NeedsFiles(u.project, s) {
		r.ready = append(r.ready, u.copyFiles(s, r, Reason{Code: FinishInterrupted}))
	}
	r.detail = c.detail
	return r
}

// keepRest lists the containers that nothing is done about.
func (u *up) keepRest(order []project.Service) {
	for _, s := range order {
		for _, r := range u.services[s.Name].replicas {
			if r.existing != nil && r.start == "" && r.stop == "" && len(r.ready) == 0 {
				u.keep(Kept{Target: r.ref(s), Name: r.name, State: r.existing.Phase, Detail: r.detail})
			}
		}
	}
}

func (r *replica) ref(s project.Service) Ref {
	return Ref{Kind: KindContainer, Name: s.Name, Index: r.number}
}

func (r *replica) op(s project.Service, h Handle, name string) ContainerOp {
	return ContainerOp{Container: h, Service: s.Name, Number: r.number, Name: name}
}
