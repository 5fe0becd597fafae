package project

import (
	"testing"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/tree"
	"github.com/compose-spec/compose-go/v2/types"
)

// TestCastTable: the tree finds what comparing each path would find, which it
// only does as long as no name stands next to "*".
func TestCastTable(t *testing.T) {
	table := castTable()
	mapping := loader.ToOptions(&types.ConfigDetails{}, nil).Interpolate.TypeCastMapping
	if len(mapping) == 0 {
		t.Fatal("compose-go has no casts")
	}
	for path := range mapping {
		at := table
		for _, part := range path.Parts() {
			if part == tree.PathMatchAll {
				part = "anything"
			}
			at = at.next(part)
		}
		if at == nil || at.cast == nil {
			t.Errorf("no cast at %s", path)
		}
	}
	var check func(at *casts, path string)
	check = func(at *casts, path string) {
		if _, all := at.below[tree.PathMatchAll]; all && len(at.below) > 1 {
			t.Errorf("%s has names next to *", path)
		}
		for key, below := range at.below {
			check(below, path+"."+key)
		}
	}
	check(table, "")
}
