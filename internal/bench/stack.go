//go:build linux

package main

import (
	"fmt"
	"strings"
)

// image holds one static program that waits and ends at once on SIGTERM, so that the runs time the
// tools and not the containers.
const image = "gocompose-test/sleep"

// probe is the health check of every service that has one; it passes at its first run, one interval
// after the start.
var probe = []string{"CMD", "/sleeper", "ok"} //nolint:gochecknoglobals // a constant; Go has no constant slices

type service struct {
	name    string
	after   []string // services that must have started, or be healthy where they have a probe
	probed  bool
	ordinal int // place in the stack
}

// stack is a compose project as the benchmarks need it: services and their order.
type stack struct {
	name     string
	services []service
}

// layered has four layers of five services, each after two of the layer below it.
func layered() stack {
	const layers, width = 4, 5
	s := stack{name: "layered"}
	for layer := range layers {
		for column := range width {
			next := service{name: fmt.Sprintf("s%d%d", layer, column)}
			if layer > 0 {
				next.after = []string{
					fmt.Sprintf("s%d%d", layer-1, column),
					fmt.Sprintf("s%d%d", layer-1, (column+1)%width),
				}
			}
			s.add(next)
		}
	}
	return s
}

// flat has n services that need nothing of each other.
func flat(n int) stack {
	s := stack{name: "flat"}
	for i := range n {
		s.add(service{name: fmt.Sprintf("s%03d", i)})
	}
	return s
}

// chain is web after cache after db, where each link waits for health.
func chain() stack {
	s := stack{name: "chain"}
	s.add(service{name: "db", probed: true})
	s.add(service{name: "cache", probed: true, after: []string{"db"}})
	s.add(service{name: "web", after: []string{"cache"}})
	return s
}

func (s *stack) add(next service) {
	next.ordinal = len(s.services)
	s.services = append(s.services, next)
}

func (s *stack) find(name string) service {
	for _, candidate := range s.services {
		if candidate.name == name {
			return candidate
		}
	}
	return service{}
}

// yaml is the stack as a compose file.
func (s *stack) yaml() string {
	var out strings.Builder
	out.WriteString("services:\n")
	for _, item := range s.services {
		fmt.Fprintf(&out, "  %s:\n    image: %s\n    labels:\n      bench.ordinal: \"%d\"\n", item.name, image, item.ordinal)
		if item.probed {
			fmt.Fprintf(&out, "    healthcheck:\n      test: [%q, %q, %q]\n      interval: 1s\n", probe[0], probe[1], probe[2])
		}
		if len(item.after) > 0 {
			out.WriteString("    depends_on:\n")
		}
		for _, name := range item.after {
			condition := "service_started"
			if s.find(name).probed {
				condition = "service_healthy"
			}
			fmt.Fprintf(&out, "      %s:\n        condition: %s\n", name, condition)
		}
	}
	return out.String()
}
