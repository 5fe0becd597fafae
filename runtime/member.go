package runtime

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/gocompose/gocompose/internal/engine"
	"github.com/gocompose/gocompose/planner"
)

// Member says which container of a service is meant.
type Member struct {
	Project string
	Service string
	Number  int // 0 or less is the first there is
}

// NotRunningError tells that the container that was meant does not run.
type NotRunningError struct {
	Service string
	Number  int // 0 where any would have done
}

// Error is in docker compose's words, which scripts look for.
func (e *NotRunningError) Error() string {
	if e.Number > 0 {
		return fmt.Sprintf("service %q is not running container #%d", e.Service, e.Number)
	}
	return fmt.Sprintf("service %q is not running", e.Service)
}

// FindRunning finds the container that runs: that of the lowest number, and a
// one-off only where the service has no other.
func FindRunning(ctx context.Context, e *engine.Client, m Member) (Listed, error) {
	list, err := List(ctx, e, m.Project)
	if err != nil {
		return Listed{}, err
	}
	list = slices.DeleteFunc(list, func(c Listed) bool {
		return c.Service != m.Service || !Alive(c.Phase) || m.Number > 0 && c.Number != m.Number
	})
	if len(list) == 0 {
		return Listed{}, &NotRunningError{Service: m.Service, Number: max(m.Number, 0)}
	}
	return slices.MinFunc(list, func(a, b Listed) int {
		return cmp.Or(compareFlags(a.OneOff, b.OneOff), cmp.Compare(a.Number, b.Number))
	}), nil
}

// Alive tells whether the engine lists a container in that phase as running.
func Alive(phase planner.Phase) bool {
	return phase == planner.Running || phase == planner.PausedNow || phase == planner.Restarting
}

// compareFlags orders false before true.
func compareFlags(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	default:
		return 1
	}
}

// listMembers lists the containers of some services, of all where there are
// none, in name order.
func listMembers(ctx context.Context, e *engine.Client, projectName string, services []string) ([]Listed, error) {
	list, err := List(ctx, e, projectName)
	return slices.DeleteFunc(list, func(c Listed) bool {
		return len(services) > 0 && !slices.Contains(services, c.Service)
	}), err
}
