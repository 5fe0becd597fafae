//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/docker/docker/api/types/events"
)

// healthTime adds up, from the engine's own events since a moment, how long each probed service of the
// project took from its start to its health: the time that no tool can save.
func (b *bench) healthTime(ctx context.Context, s stack, project string, since time.Time) (time.Duration, error) {
	messages, failed := b.engine.Events(ctx, events.ListOptions{
		Since:   unixNano(since),
		Until:   unixNano(time.Now()),
		Filters: projectFilter(project),
	})
	started, healthy := map[string]int64{}, map[string]int64{}
	for {
		select {
		case message := <-messages:
			name := message.Actor.Attributes[serviceLabel]
			switch message.Action {
			case events.ActionStart:
				started[name] = message.TimeNano
			case events.ActionHealthStatusHealthy:
				healthy[name] = message.TimeNano
			default:
			}
		case err := <-failed:
			if err != nil && !errors.Is(err, io.EOF) {
				return 0, err
			}
			return sumHealth(s, started, healthy)
		}
	}
}

func sumHealth(s stack, started, healthy map[string]int64) (time.Duration, error) {
	var sum time.Duration
	for _, item := range s.services {
		if !item.probed {
			continue
		}
		if started[item.name] == 0 || healthy[item.name] == 0 {
			return 0, fmt.Errorf("the engine told of no start or no health of %s", item.name)
		}
		sum += time.Duration(healthy[item.name] - started[item.name])
	}
	return sum, nil
}

// unixNano is a time in the form that the engine's event filter takes, to the nanosecond.
func unixNano(at time.Time) string {
	return strconv.FormatInt(at.Unix(), 10) + "." + fmt.Sprintf("%09d", at.Nanosecond())
}
