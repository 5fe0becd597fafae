package project

import (
	"fmt"

	"github.com/compose-spec/compose-go/v2/interpolation"
	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/template"
	"github.com/compose-spec/compose-go/v2/tree"
	"github.com/compose-spec/compose-go/v2/types"
)

// casts is compose-go's table of the paths whose texts become numbers or
// booleans, as a tree: compose-go compares each text with each path, which is
// a good part of the time of a load.
type casts struct {
	cast  interpolation.Cast
	below map[string]*casts
}

func castTable() *casts {
	root := &casts{}
	mapping := loader.ToOptions(&types.ConfigDetails{}, nil).Interpolate.TypeCastMapping
	for path, cast := range mapping {
		at := root
		for _, part := range path.Parts() {
			if at.below == nil {
				at.below = map[string]*casts{}
			}
			if at.below[part] == nil {
				at.below[part] = &casts{}
			}
			at = at.below[part]
		}
		at.cast = cast
	}
	return root
}

// next is the part of the table below a key. A key's own name and "*" never
// both lead to a cast; a test of the table watches that.
func (c *casts) next(key string) *casts {
	if c == nil {
		return nil
	}
	if at, ok := c.below[key]; ok {
		return at
	}
	return c.below[tree.PathMatchAll]
}

// interpolator replaces variables in a decoded file, in place.
type interpolator struct {
	variables *variables
	lookup    template.Mapping
}

func (in interpolator) value(value any, at *casts) (any, error) {
	switch v := value.(type) {
	case string:
		return in.text(v, at)
	case map[string]any:
		for key, child := range v {
			replaced, err := in.value(child, at.next(key))
			if err != nil {
				return nil, err
			}
			v[key] = replaced
		}
	case []any:
		for i, child := range v {
			replaced, err := in.value(child, at.next(tree.PathMatchList))
			if err != nil {
				return nil, err
			}
			v[i] = replaced
		}
	}
	return value, nil
}

func (in interpolator) text(text string, at *casts) (any, error) {
	replaced, err := in.variables.substitute(text, in.lookup)
	if err != nil {
		return nil, err
	}
	if at == nil || at.cast == nil {
		return replaced, nil
	}
	cast, err := at.cast(replaced)
	if err != nil {
		return nil, fmt.Errorf("failed to cast to expected type: %w", err)
	}
	return cast, nil
}
