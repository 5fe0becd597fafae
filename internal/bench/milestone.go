//go:build linux

package main

import (
	"context"

	"github.com/docker/docker/api/types/events"
)

// milestones holds, for each service, a channel that is closed when the service has got there.
type milestones map[string]chan struct{}

func newMilestones(s stack) milestones {
	all := milestones{}
	for _, item := range s.services {
		all[item.name] = make(chan struct{})
	}
	return all
}

func await(ctx context.Context, reached <-chan struct{}) error {
	select {
	case <-reached:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// watchHealth subscribes to the engine's events, if the stack has probes, and closes a service's
// milestone when the engine calls it healthy.
func (f *floor) watchHealth(ctx context.Context, s stack, project string) (milestones, context.CancelFunc) {
	healthy := newMilestones(s)
	ctx, cancel := context.WithCancel(ctx)
	if !s.hasProbes() {
		return healthy, cancel
	}
	messages, _ := f.engine.Events(ctx, events.ListOptions{Filters: projectFilter(project)})
	go func() {
		seen := map[string]bool{}
		for {
			select {
			case <-ctx.Done():
				return
			case message := <-messages:
				name := message.Actor.Attributes[serviceLabel]
				if message.Action == events.ActionHealthStatusHealthy && !seen[name] {
					seen[name] = true
					close(healthy[name])
				}
			}
		}
	}()
	return healthy, cancel
}

func (s *stack) hasProbes() bool {
	for _, item := range s.services {
		if item.probed {
			return true
		}
	}
	return false
}
