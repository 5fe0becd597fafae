package dag_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/gocompose/gocompose/internal/dag"
)

// world is a random graph and how its nodes behave.
type world struct {
	nodes     int
	needs     map[int][]int
	takes     map[int][]string
	fails     map[int]bool
	tolerated map[int]bool
	lasts     map[int]time.Duration
	options   dag.WalkOptions[int]
}

func drawWorld(t *rapid.T) *world {
	w := &world{
		nodes: rapid.IntRange(1, 25).Draw(t, "nodes"), needs: map[int][]int{}, takes: map[int][]string{},
		fails: map[int]bool{}, tolerated: map[int]bool{}, lasts: map[int]time.Duration{},
	}
	chance := func(label string, percent int) bool { return rapid.IntRange(1, 100).Draw(t, label) <= percent }
	pools := [][]string{nil, {"slots"}, {"slots"}, {"slots", "serial"}, {"unbounded"}}
	for node := range w.nodes {
		for before := range node {
			if chance("edge", 15) {
				w.needs[node] = append(w.needs[node], before)
			}
		}
		w.takes[node] = rapid.SampledFrom(pools).Draw(t, "pools")
		w.fails[node] = chance("fails", 10)
		w.tolerated[node] = chance("tolerated", 20)
		w.lasts[node] = time.Duration(rapid.IntRange(0, 5).Draw(t, "lasts")) * time.Second
	}
	w.options = dag.WalkOptions[int]{
		Pools:     map[string]int{"slots": rapid.IntRange(1, 4).Draw(t, "slots"), "serial": 1},
		Takes:     func(node int) []string { return w.takes[node] },
		KeepGoing: rapid.Bool().Draw(t, "keep going"),
		Tolerates: func(node int) bool { return w.tolerated[node] },
	}
	return w
}

func (w *world) graph() *dag.Graph[int] {
	g := &dag.Graph[int]{}
	for node := range w.nodes {
		g.Add(node)
		for _, before := range w.needs[node] {
			g.Need(node, before)
		}
	}
	return g
}

// trace is what happened in a walk.
type trace struct {
	mu      sync.Mutex
	running map[int]bool
	most    map[string]int // nodes running at a time, by pool
	began   map[int]time.Time
	ended   map[int]time.Time
	results []dag.Result[int]

	took      time.Duration
	cancelled time.Time
}

var (
	errNode = errors.New("node failed")
	errLeft = errors.New("user left")
)

// walk walks the world in virtual time and returns what happened. The walk is
// cancelled after some time, unless that is 0.
func (w *world) walk(t *testing.T, cancelAfter time.Duration) *trace {
	tr := &trace{running: map[int]bool{}, most: map[string]int{}, began: map[int]time.Time{}, ended: map[int]time.Time{}}
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		defer cancel(nil)
		if cancelAfter > 0 {
			timer := time.AfterFunc(cancelAfter, func() { tr.cancelled = time.Now(); cancel(errLeft) })
			defer timer.Stop()
		}
		o := w.options
		o.Finished = func(r dag.Result[int]) { tr.results = append(tr.results, r) }
		began := time.Now()
		err := w.graph().Walk(ctx, o, func(_ context.Context, node int) error {
			tr.enter(w, node)
			time.Sleep(w.lasts[node])
			tr.leave(node)
			if w.fails[node] {
				return fmt.Errorf("%d: %w", node, errNode)
			}
			return nil
		})
		if err != nil {
			t.Errorf("walk: %v", err)
		}
		tr.took = time.Since(began)
	})
	return tr
}

func (tr *trace) enter(w *world, node int) {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	tr.running[node] = true
	tr.began[node] = time.Now()
	now := map[string]int{}
	for other := range tr.running {
		for _, pool := range w.takes[other] {
			now[pool]++
			tr.most[pool] = max(tr.most[pool], now[pool])
		}
	}
}

func (tr *trace) leave(node int) {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	delete(tr.running, node)
	tr.ended[node] = time.Now()
}

func (tr *trace) result(node int) dag.Result[int] {
	i := slices.IndexFunc(tr.results, func(r dag.Result[int]) bool { return r.Node == node })
	return tr.results[i]
}

func TestWalkEndsEveryNodeOnce(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := drawWorld(rt)
		tr := w.walk(t, 0)
		var nodes []int
		for _, r := range tr.results {
			nodes = append(nodes, r.Node)
		}
		slices.Sort(nodes)
		for i := range w.nodes {
			if len(nodes) != w.nodes || nodes[i] != i {
				rt.Fatalf("nodes that ended: %v", nodes)
			}
		}
	})
}

func TestWalkRespectsOrderAndPools(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := drawWorld(rt)
		tr := w.walk(t, 0)
		for node, began := range tr.began {
			for _, before := range w.needs[node] {
				r := tr.result(before)
				good := r.Outcome == dag.Done || r.Outcome == dag.Failed && w.tolerated[before]
				if !good || tr.ended[before].After(began) {
					rt.Fatalf("%d started though %d is %+v", node, before, r)
				}
			}
		}
		for pool, size := range w.options.Pools {
			if tr.most[pool] > size {
				rt.Fatalf("%d nodes held a slot of %s at a time", tr.most[pool], pool)
			}
		}
	})
}

func TestWalkSkipsBecauseOfRootCause(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := drawWorld(rt)
		tr := w.walk(t, 0)
		for _, r := range tr.results {
			_, ran := tr.began[r.Node]
			switch {
			case ran != (r.Outcome != dag.Skipped):
				rt.Fatalf("%+v, though ran is %v", r, ran)
			case r.Outcome == dag.Failed && !errors.Is(r.Err, errNode):
				rt.Fatalf("error lost: %+v", r)
			case r.Outcome != dag.Skipped:
				continue
			}
			if root := tr.result(r.Because); root.Outcome != dag.Failed || w.tolerated[r.Because] {
				rt.Fatalf("%d is skipped because of %+v", r.Node, root)
			}
			if w.options.KeepGoing && !w.reaches(r.Node, r.Because) {
				rt.Fatalf("%d is skipped because of %d, which it does not need", r.Node, r.Because)
			}
		}
	})
}

// reaches tells whether node needs other, directly or not.
func (w *world) reaches(node, other int) bool {
	return slices.ContainsFunc(w.needs[node], func(n int) bool { return n == other || w.reaches(n, other) })
}

func TestWalkKeepsEverySlotBusy(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := drawWorld(rt)
		w.fails, w.needs = nil, nil
		size := w.options.Pools["slots"]
		var work time.Duration
		var longest time.Duration
		for node := range w.nodes {
			w.takes[node] = []string{"slots"}
			work += w.lasts[node]
			longest = max(longest, w.lasts[node])
		}
		// Graham's bound for list scheduling.
		if took, bound := w.walk(t, 0).took, work/time.Duration(size)+longest; took > bound {
			rt.Fatalf("took %v, bound %v", took, bound)
		}
	})
}

func TestWalkStartsNothingAfterCancel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := drawWorld(rt)
		w.fails = nil
		tr := w.walk(t, time.Duration(rapid.IntRange(0, 20).Draw(rt, "after"))*time.Second+time.Millisecond)
		for node, began := range tr.began {
			if !tr.cancelled.IsZero() && began.After(tr.cancelled) {
				rt.Fatalf("%d started after cancel", node)
			}
			if _, ended := tr.ended[node]; !ended {
				rt.Fatalf("walk did not wait for %d", node)
			}
		}
		for _, r := range tr.results {
			if r.Outcome == dag.Skipped && !errors.Is(r.Err, errLeft) {
				rt.Fatalf("skipped without the cause: %+v", r)
			}
		}
	})
}

func TestWalkStopsAfterFailureUnlessToldOtherwise(t *testing.T) {
	for _, keepGoing := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			var g dag.Graph[string]
			g.Add("bad")
			g.Need("child", "bad")
			g.Add("slow")
			g.Need("after slow", "slow")
			got := map[string]dag.Result[string]{}
			err := g.Walk(context.Background(), dag.WalkOptions[string]{
				KeepGoing: keepGoing,
				Finished:  func(r dag.Result[string]) { got[r.Node] = r },
			}, func(_ context.Context, node string) error {
				if node == "bad" {
					return errNode
				}
				time.Sleep(time.Second)
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			if r := got["child"]; r.Outcome != dag.Skipped || r.Because != "bad" {
				t.Errorf("child: %+v", r)
			}
			if r := got["slow"]; r.Outcome != dag.Done {
				t.Errorf("slow was under way and must end: %+v", r)
			}
			if r := got["after slow"]; (r.Outcome == dag.Done) != keepGoing {
				t.Errorf("keep going %v, after slow: %+v", keepGoing, r)
			}
		})
	}
}

func TestWalkPrefersTheLongestChain(t *testing.T) {
	var g dag.Graph[string]
	g.Add("a")
	g.Add("b")
	g.Need("y", "x")
	g.Need("z", "y")
	var order []string
	err := g.Walk(context.Background(), dag.WalkOptions[string]{
		Pools:   map[string]int{"slots": 1},
		Takes:   func(string) []string { return []string{"slots"} },
		Started: func(node string) { order = append(order, node) },
	}, func(context.Context, string) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"x", "y", "a", "b", "z"}; !slices.Equal(order, want) {
		t.Errorf("order %v, want %v", order, want)
	}
}

func TestWalkWaitsTakeNoSlot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var g dag.Graph[string]
		g.Need("wait", "db")
		g.Need("web", "wait")
		g.Add("other")
		release := make(chan struct{})
		err := g.Walk(context.Background(), dag.WalkOptions[string]{
			Pools: map[string]int{"slots": 1},
			Takes: func(node string) []string {
				if node == "wait" {
					return nil
				}
				return []string{"slots"}
			},
		}, func(_ context.Context, node string) error {
			switch node {
			case "wait":
				<-release
			case "other":
				close(release) // can only run beside the wait
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

// TestWalkYieldsSlotsOfWhatOnlyWaits has four nodes of ten seconds share one
// slot: the first yields it after a second in which none ended, the others
// soon. Nodes that end sooner keep it to their end.
func TestWalkYieldsSlotsOfWhatOnlyWaits(t *testing.T) {
	for _, c := range []struct{ lasts, took time.Duration }{
		{lasts: 10 * time.Second, took: 11*time.Second + 2*time.Second/8},
		{lasts: time.Second - 1, took: 4 * (time.Second - 1)},
	} {
		synctest.Test(t, func(t *testing.T) {
			var g dag.Graph[int]
			for node := range 4 {
				g.Add(node)
			}
			began := time.Now()
			err := g.Walk(context.Background(), dag.WalkOptions[int]{
				Pools:    map[string]int{"slots": 1},
				Takes:    func(int) []string { return []string{"slots"} },
				Yields:   func(int) bool { return true },
				Patience: time.Second,
			}, func(context.Context, int) error { time.Sleep(c.lasts); return nil })
			if took := time.Since(began); err != nil || took != c.took {
				t.Errorf("nodes of %v took %v, error %v", c.lasts, took, err)
			}
		})
	}
}

func TestWalkRunsInboxBetweenTurns(t *testing.T) {
	var g dag.Graph[int]
	for i := range 50 {
		g.Add(i)
	}
	inbox := make(chan func())
	sum := 0 // no lock: only the walking goroutine touches it
	err := g.Walk(context.Background(), dag.WalkOptions[int]{Inbox: inbox}, func(_ context.Context, node int) error {
		inbox <- func() { sum += node }
		return nil
	})
	if err != nil || sum != 49*50/2 {
		t.Errorf("sum %d, error %v", sum, err)
	}
}

func TestWalkRefusesCycle(t *testing.T) {
	var g dag.Graph[string]
	g.Need("a", "b")
	g.Need("b", "a")
	var cycle *dag.CycleError[string]
	if err := g.Walk(context.Background(), dag.WalkOptions[string]{}, nil); !errors.As(err, &cycle) {
		t.Errorf("error %v", err)
	}
}

func BenchmarkWalk(b *testing.B) {
	var g dag.Graph[int]
	for i := range 10_000 {
		g.Add(i)
		if i >= 100 {
			g.Need(i, i-100)
		}
	}
	o := dag.WalkOptions[int]{Pools: map[string]int{"slots": 16}, Takes: func(int) []string { return []string{"slots"} }}
	for b.Loop() {
		if err := g.Walk(context.Background(), o, func(context.Context, int) error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
}
