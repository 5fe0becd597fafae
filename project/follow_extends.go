package project

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// serviceKey names a service of a file.
type serviceKey struct{ file, service string }

func (k serviceKey) compare(other serviceKey) int {
	return cmp.Or(cmp.Compare(k.file, other.file), cmp.Compare(k.service, other.service))
}

// extendedService is how many elements a service has, and what it extends.
type extendedService struct {
	own   int
	base  serviceKey
	total int // with the base, once known; inProgress while it is counted
}

func expandedSize(node *yaml.Node) int {
	budget := nodeBudget{size: map[*yaml.Node]int{}}
	size, err := budget.count(node, 0)
	if err != nil {
		return maxNodes
	}
	return size
}

// checkExtends refuses circles, and what would copy a large service so often
// that the model fills the memory.
func (f *follower) checkExtends() {
	total := 0
	for _, key := range slices.SortedFunc(maps.Keys(f.bases), serviceKey.compare) {
		if circle := f.circleFrom(key); circle != nil {
			f.reportCircle(circle)
			return
		}
		total += f.sizeOf(key)
		if total > maxNodes {
			f.found.fail("services have too many elements once extends is applied: at most %d are read", maxNodes)
			return
		}
	}
}

// circleFrom follows what the service extends. It is asked in the order of
// the keys, so that a circle is found at its first service.
func (f *follower) circleFrom(start serviceKey) []serviceKey {
	if f.bases[start].total != 0 {
		return nil // it was followed to its end
	}
	path := []serviceKey{start}
	for {
		next := f.bases[path[len(path)-1]].base
		if at := slices.Index(path, next); at >= 0 {
			return path[at:]
		}
		if known, ok := f.bases[next]; !ok || known.total != 0 {
			return nil
		}
		path = append(path, next)
	}
}

// reportCircle has the words of docker compose.
func (f *follower) reportCircle(circle []serviceKey) {
	var lines []string
	for _, key := range append(slices.Clone(circle), circle[0]) {
		lines = append(lines, fmt.Sprintf("%s in %s", key.service, key.file))
	}
	f.found.add(Diagnostic{
		Code: CodeCycle, Path: dotted("services", circle[0].service, "extends"),
		Summary: "Circular reference:\n  " + strings.Join(lines, "\n  extends "),
	})
}

// sizeOf is the size of a service that is in no circle.
func (f *follower) sizeOf(key serviceKey) int {
	service, ok := f.bases[key]
	if !ok {
		return 0
	}
	if service.total == 0 {
		service.total = min(service.own+f.sizeOf(service.base), maxNodes+1)
	}
	return service.total
}
