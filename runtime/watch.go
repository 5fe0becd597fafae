package runtime

import (
	"context"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/docker/docker/api/types/events"
	"github.com/docker/docker/api/types/filters"

	"github.com/gocompose/gocompose/internal/engine"
	"github.com/gocompose/gocompose/project"
)

// WatchOptions say which events to show.
type WatchOptions struct {
	Project  string
	Services []string // none are all
	// Since and Until are dates or how long ago, such as 42m; empty is from now
	// on, and without an end.
	Since, Until string
}

// ContainerEvent is what happened to a container, as events shows it.
type ContainerEvent struct {
	Time       time.Time
	ID         string
	Service    string
	Action     string
	Attributes map[string]string // without the labels that every container has
}

// What the labels of docker compose and of gocompose begin with.
const (
	composeLabels = "com.docker.compose."
	ourLabels     = "gocompose."
)

// WatchEvents tells of the events of a project's containers, but for one-offs,
// until ctx is done or the time of Until has come.
func WatchEvents(ctx context.Context, e *engine.Client, o WatchOptions, tell func(ContainerEvent) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // ends the stream
	messages, failed := e.API().Events(ctx, events.ListOptions{
		Since: o.Since, Until: o.Until,
		Filters: filters.NewArgs(
			filters.Arg("type", string(events.ContainerEventType)),
			filters.Arg("label", project.LabelProject+"="+o.Project),
		),
	})
	for {
		select {
		case m := <-messages:
			labels := m.Actor.Attributes
			service := labels[project.LabelService]
			if isOneOff(labels) || len(o.Services) > 0 && !slices.Contains(o.Services, service) {
				continue
			}
			if err := tell(shownEvent(m)); err != nil {
				return err
			}
		case err := <-failed:
			if o.Until != "" && errors.Is(err, io.EOF) {
				return nil
			}
			return engine.Classify(err)
		}
	}
}

func shownEvent(m events.Message) ContainerEvent {
	attributes := maps.Clone(m.Actor.Attributes)
	maps.DeleteFunc(attributes, func(name, _ string) bool {
		return strings.HasPrefix(name, composeLabels) || strings.HasPrefix(name, ourLabels)
	})
	return ContainerEvent{
		Time: timeOf(m), ID: m.Actor.ID, Service: m.Actor.Attributes[project.LabelService],
		Action: string(m.Action), Attributes: attributes,
	}
}
