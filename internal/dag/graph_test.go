package dag_test

import (
	"errors"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/gocompose/gocompose/internal/dag"
)

func TestOrderPutsNeedsFirstWhateverTheInsertionOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		type edge struct{ node, before int }
		var edges []edge
		nodes := rapid.IntRange(1, 30).Draw(t, "nodes")
		for node := range nodes {
			for before := range node {
				if rapid.IntRange(0, 5).Draw(t, "edge") == 0 {
					edges = append(edges, edge{node, before})
				}
			}
		}
		build := func(edges []edge) []int {
			var g dag.Graph[int]
			for _, e := range edges {
				g.Need(e.node, e.before)
			}
			for node := range nodes {
				g.Add(node)
			}
			order, err := g.Order()
			if err != nil {
				t.Fatalf("order: %v", err)
			}
			return order
		}
		order := build(edges)
		for _, e := range edges {
			if slices.Index(order, e.node) < slices.Index(order, e.before) {
				t.Fatalf("%d stands before %d in %v", e.node, e.before, order)
			}
		}
		if other := build(rapid.Permutation(edges).Draw(t, "shuffled")); !slices.Equal(order, other) {
			t.Fatalf("insertion order matters: %v and %v", order, other)
		}
	})
}

func TestOrderTakesTheSmallestReadyNode(t *testing.T) {
	var g dag.Graph[string]
	g.Need("a", "z")
	g.Add("m")
	g.Add("b")
	order, err := g.Order()
	if want := []string{"b", "m", "z", "a"}; err != nil || !slices.Equal(order, want) {
		t.Errorf("order %v, error %v, want %v", order, err, want)
	}
}

func TestCycleIsToldAsAPath(t *testing.T) {
	var g dag.Graph[string]
	g.Need("web", "db")
	g.Need("db", "cache")
	g.Need("cache", "auth")
	g.Need("auth", "db")
	_, err := g.Order()
	var cycle *dag.CycleError[string]
	if !errors.As(err, &cycle) {
		t.Fatalf("error %v", err)
	}
	if want := "cycle: auth -> db -> cache -> auth"; err.Error() != want {
		t.Errorf("got %q, want %q", err, want)
	}
}

func TestGraphTellsNodesAndNeeds(t *testing.T) {
	var g dag.Graph[string]
	g.Need("web", "db")
	g.Need("web", "cache")
	g.Add("web")
	if g.Len() != 3 || !g.Has("db") || g.Has("other") {
		t.Errorf("len %d, has db %v, has other %v", g.Len(), g.Has("db"), g.Has("other"))
	}
	if needs := g.Needs("web"); !slices.Equal(needs, []string{"cache", "db"}) {
		t.Errorf("needs %v", needs)
	}
}
