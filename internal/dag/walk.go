package dag

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"
)

// Outcome is how a node ended.
type Outcome uint8

// The outcomes.
const (
	Done    Outcome = iota // the function returned nil
	Failed                 // the function returned an error
	Skipped                // the function was not called
)

// Result is how one node ended.
type Result[K cmp.Ordered] struct {
	Node    K
	Outcome Outcome
	Err     error // of Failed; of a node that was skipped on cancel, the cause
	// Because is, of a node that was skipped on account of a failure, the node
	// that failed: never one that was itself skipped.
	Because K
}

// WalkOptions say how to walk. The functions are called by the goroutine that
// called Walk, one at a time.
type WalkOptions[K cmp.Ordered] struct {
	// Pools are the sizes of the pools that nodes take slots from. A pool
	// without a size is not bounded.
	Pools map[string]int
	// Takes lists the pools a node holds one slot of while it runs; none for a
	// node that only waits. A nil Takes bounds nothing.
	Takes func(K) []string
	// Yields names nodes that may turn out to be waiting only. Where others wait
	// for a slot and no node has ended for the time of Patience, they give up the
	// slots that they hold; and then after an eighth of it, until a node ends. With
	// a Patience of 0 they never do.
	Yields   func(K) bool // may be nil
	Patience time.Duration
	// KeepGoing goes on with what does not depend on a failed node. Otherwise
	// nothing more is started after a failure.
	KeepGoing bool
	// Tolerates names nodes whose failure counts as success for the rest.
	Tolerates func(K) bool
	Started   func(K)         // before the node's function is called; may be nil
	Finished  func(Result[K]) // once for every node; may be nil
	// Inbox lets node functions have something done between two turns of the
	// walk. It is read until the last node ended.
	Inbox <-chan func()
}

// Walk calls do for every node, each after those it needs. It returns when all
// nodes that were started have ended. Once ctx is done, no further node is
// started; those under way are told by the ctx that do gets, and waited for.
//
// Of the nodes that could start, those with the longest chain of dependents go
// first. The error is that of [Graph.Order].
func (g *Graph[K]) Walk(ctx context.Context, o WalkOptions[K], do func(context.Context, K) error) error {
	order, err := g.Order()
	if err != nil {
		return err
	}
	w := newWalk(g, order, o)
	results := make(chan ended)
	start := func(i int) {
		go func() { results <- ended{node: i, err: do(ctx, order[i])} }()
	}
	done := ctx.Done()
	var impatient <-chan time.Time
	patience := o.Patience
	for {
		w.fill(ctx, start)
		if w.running == 0 {
			break
		}
		if impatient == nil && w.mayYield() {
			impatient = time.After(patience)
		}
		select {
		case r := <-results:
			w.finish(r)
			impatient, patience = nil, o.Patience
		case <-impatient:
			w.yield()
			impatient, patience = nil, o.Patience/8
		case f := <-o.Inbox:
			f()
		case <-done:
			done = nil // fill asks ctx itself
		}
	}
	w.skipRest(ctx)
	return nil
}

// ended is what a worker sends back.
type ended struct {
	node int
	err  error
}

// walk is the bookkeeping of one walk. Nodes are counted by their place in the
// order of the graph. It belongs to one goroutine.
type walk[K cmp.Ordered] struct {
	WalkOptions[K]
	order      []K
	waiting    []int   // how many nodes it still has to wait for
	dependents [][]int // who waits for it
	rank       []int   // place among those that are ready
	byRank     []int
	over       []bool // ended or running
	free       map[string]int
	held       [][]string            // pools that a running node holds a slot of
	yielding   int                   // running nodes that could yield slots
	pools      []string              // bounded ones, in name order
	ready      heap[int]             // ranks
	parked     map[string]*heap[int] // ranks, by the pool that had no slot
	running    int
	failed     []int // nodes whose failure counts, in time order
}

func newWalk[K cmp.Ordered](g *Graph[K], order []K, o WalkOptions[K]) *walk[K] {
	w := &walk[K]{
		WalkOptions: o,
		order:       order,
		waiting:     make([]int, len(order)),
		dependents:  make([][]int, len(order)),
		over:        make([]bool, len(order)),
		held:        make([][]string, len(order)),
		free:        map[string]int{},
		parked:      map[string]*heap[int]{},
	}
	w.pools = slices.Sorted(maps.Keys(o.Pools))
	for _, pool := range w.pools {
		w.free[pool], w.parked[pool] = max(o.Pools[pool], 1), &heap[int]{}
	}
	place := make(map[K]int, len(order))
	for i, node := range order {
		place[node] = i
		needs := g.Needs(node)
		w.waiting[i] = len(needs)
		for _, need := range needs {
			w.dependents[place[need]] = append(w.dependents[place[need]], i)
		}
	}
	w.rankByChain()
	for i, n := range w.waiting {
		if n == 0 {
			w.ready.push(w.rank[i])
		}
	}
	return w
}

// rankByChain ranks nodes by the length of the longest chain that hangs on
// them, then by their order: whatever is late on the critical path makes the
// whole walk late.
func (w *walk[K]) rankByChain() {
	chain := make([]int, len(w.order))
	w.byRank = make([]int, len(w.order))
	for i := len(w.order) - 1; i >= 0; i-- {
		w.byRank[i] = i
		for _, dependent := range w.dependents[i] {
			chain[i] = max(chain[i], chain[dependent]+1)
		}
	}
	slices.SortStableFunc(w.byRank, func(a, b int) int { return cmp.Compare(chain[b], chain[a]) })
	w.rank = make([]int, len(w.order))
	for rank, i := range w.byRank {
		w.rank[i] = rank
	}
}

// fill starts what is ready and finds its slots free.
func (w *walk[K]) fill(ctx context.Context, start func(int)) {
	if ctx.Err() != nil || (len(w.failed) > 0 && !w.KeepGoing) {
		return
	}
	for {
		source := w.best()
		if source.len() == 0 {
			return
		}
		rank := source.pop()
		i := w.byRank[rank]
		pools := w.takes(i)
		if full := w.firstFull(pools); full != "" {
			w.parked[full].push(rank)
			continue
		}
		for _, pool := range pools {
			w.free[pool]--
		}
		w.held[i] = pools
		if w.yields(i) {
			w.yielding++
		}
		w.over[i] = true
		w.running++
		if w.Started != nil {
			w.Started(w.order[i])
		}
		start(i)
	}
}

// best is the heap with the lowest rank on top that is worth a try: of those
// that are ready, and those that wait for a pool which has a slot free by now.
// Such a node may only move on to wait for another pool, a full one.
func (w *walk[K]) best() *heap[int] {
	best := &w.ready
	for _, pool := range w.pools {
		parked := w.parked[pool]
		if w.free[pool] > 0 && parked.len() > 0 && (best.len() == 0 || parked.items[0] < best.items[0]) {
			best = parked
		}
	}
	return best
}

// takes lists the bounded pools that the node takes a slot of.
func (w *walk[K]) takes(i int) []string {
	if w.Takes == nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(w.Takes(w.order[i])), func(pool string) bool {
		_, bounded := w.Pools[pool]
		return !bounded
	})
}

func (w *walk[K]) firstFull(pools []string) string {
	for _, pool := range pools {
		if w.free[pool] == 0 {
			return pool
		}
	}
	return ""
}

// giveUp frees the slots that the node holds.
func (w *walk[K]) giveUp(i int) {
	if w.yields(i) {
		w.yielding--
	}
	for _, pool := range w.held[i] {
		w.free[pool]++
	}
	w.held[i] = nil
}

// yields tells whether the node holds slots that it may give up.
func (w *walk[K]) yields(i int) bool {
	return len(w.held[i]) > 0 && w.Yields != nil && w.Yields(w.order[i])
}

// mayYield tells whether slots are waited for that others could give up.
func (w *walk[K]) mayYield() bool {
	return w.yielding > 0 && w.Patience > 0 &&
		slices.ContainsFunc(w.pools, func(pool string) bool { return w.parked[pool].len() > 0 })
}

// yield frees the slots of the nodes that seem only to wait.
func (w *walk[K]) yield() {
	for i := range w.order {
		if w.yields(i) {
			w.giveUp(i)
		}
	}
}

// finish books the end of a node that ran.
func (w *walk[K]) finish(r ended) {
	w.running--
	w.giveUp(r.node)
	if r.err == nil {
		w.report(Result[K]{Node: w.order[r.node], Outcome: Done})
		w.release(r.node)
		return
	}
	w.report(Result[K]{Node: w.order[r.node], Outcome: Failed, Err: r.err})
	if w.Tolerates != nil && w.Tolerates(w.order[r.node]) {
		w.release(r.node)
		return
	}
	w.failed = append(w.failed, r.node)
	w.skipDependents(r.node, r.node)
}

// release makes ready whoever waited for this node only.
func (w *walk[K]) release(i int) {
	for _, dependent := range w.dependents[i] {
		if w.waiting[dependent]--; w.waiting[dependent] == 0 {
			w.ready.push(w.rank[dependent])
		}
	}
}

// skipDependents skips whatever needs node i, on account of cause.
func (w *walk[K]) skipDependents(i, cause int) {
	for _, dependent := range w.dependents[i] {
		if !w.over[dependent] {
			w.over[dependent] = true
			w.report(Result[K]{Node: w.order[dependent], Outcome: Skipped, Because: w.order[cause]})
			w.skipDependents(dependent, cause)
		}
	}
}

// skipRest skips what was never started: because of the first failure, or else
// because ctx ended.
func (w *walk[K]) skipRest(ctx context.Context) {
	for i, node := range w.order {
		if w.over[i] {
			continue
		}
		result := Result[K]{Node: node, Outcome: Skipped}
		if len(w.failed) > 0 {
			result.Because = w.order[w.failed[0]]
		} else {
			result.Err = context.Cause(ctx)
		}
		w.report(result)
	}
}

func (w *walk[K]) report(r Result[K]) {
	if w.Finished != nil {
		w.Finished(r)
	}
}
