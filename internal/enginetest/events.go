package enginetest

import (
	"maps"
	"time"

	etypes "github.com/docker/docker/api/types/events"
	"github.com/docker/docker/api/types/filters"
)

// eventHistory is how many past events the engine keeps for "since".
const eventHistory = 256

// broker hands every event to every listener whose filter it passes. Listeners'
// queues have no bound: nothing is lost however slowly they are read. The
// engine's lock guards it.
type broker struct {
	history   []etypes.Message
	listeners map[*listener]struct{}
}

type listener struct {
	filter filters.Args
	queue  []etypes.Message
	wake   chan struct{} // holds a token when the queue has something
}

// publish records an event. Attributes are copied.
func (e *Engine) publish(kind etypes.Type, action etypes.Action, id string, attributes map[string]string) {
	now := e.now()
	event := etypes.Message{
		Type: kind, Action: action, Scope: "local",
		Actor: etypes.Actor{ID: id, Attributes: maps.Clone(attributes)},
		Time:  now.Unix(), TimeNano: now.UnixNano(),
	}
	if event.Actor.Attributes == nil {
		event.Actor.Attributes = map[string]string{}
	}
	// The old fields are filled for those two kinds only.
	if kind == etypes.ContainerEventType || kind == etypes.ImageEventType {
		event.Status, event.ID = string(action), id
	}
	if kind == etypes.ContainerEventType {
		event.From = attributes["image"]
	}
	b := &e.events
	b.history = append(b.history, event)
	if len(b.history) > eventHistory {
		b.history = b.history[1:]
	}
	for l := range b.listeners {
		if passes(l.filter, event) {
			l.queue = append(l.queue, event)
			signal(l.wake)
		}
	}
}

// publishContainer records an event of a container with its labels, image and
// name, and extra attributes.
func (e *Engine) publishContainer(c *container, action etypes.Action, extra map[string]string) {
	attributes := map[string]string{}
	maps.Copy(attributes, c.config.Labels)
	maps.Copy(attributes, extra)
	if c.config.Image != "" {
		attributes["image"] = c.config.Image
	}
	attributes["name"] = c.name
	e.publish(etypes.ContainerEventType, action, c.id, attributes)
}

// listen subscribes and returns what of the history lies between since and
// until. A zero since asks for none of it.
func (b *broker) listen(filter filters.Args, since, until time.Time) (*listener, []etypes.Message) {
	if b.listeners == nil {
		b.listeners = map[*listener]struct{}{}
	}
	l := &listener{filter: filter, wake: make(chan struct{}, 1)}
	b.listeners[l] = struct{}{}
	if since.IsZero() && until.IsZero() {
		return l, nil
	}
	var past []etypes.Message
	for _, event := range b.history {
		at := time.Unix(0, event.TimeNano)
		if at.Before(since) || (!until.IsZero() && at.After(until)) || !passes(filter, event) {
			continue
		}
		past = append(past, event)
	}
	return l, past
}

func (b *broker) leave(l *listener) { delete(b.listeners, l) }

// forget drops the history, as a restart of the daemon does.
func (b *broker) forget() { b.history = nil }

// signal leaves a token in a channel of capacity one.
func signal(wake chan struct{}) {
	select {
	case wake <- struct{}{}:
	default:
	}
}

// passes applies the filters of the events call. Filters named after a kind of
// object match identifiers and names from their start, whatever the event's own
// kind is.
func passes(f filters.Args, event etypes.Message) bool {
	if !passesAction(f, string(event.Action)) ||
		!f.ExactMatch("type", string(event.Type)) ||
		!f.ExactMatch("scope", event.Scope) ||
		!f.MatchKVList("label", event.Actor.Attributes) {
		return false
	}
	for _, kind := range []etypes.Type{
		etypes.ContainerEventType, etypes.NetworkEventType, etypes.VolumeEventType, etypes.DaemonEventType,
		etypes.PluginEventType, etypes.ServiceEventType, etypes.NodeEventType,
	} {
		key := string(kind)
		if !f.FuzzyMatch(key, event.Actor.ID) && !f.FuzzyMatch(key, event.Actor.Attributes["name"]) {
			return false
		}
	}
	return passesImage(f, event)
}

// passesAction compares whole actions, unless the filter names one of those that
// carry more behind a colon: then the start is enough.
func passesAction(f filters.Args, action string) bool {
	for _, value := range f.Get("event") {
		switch value {
		case "health_status", "exec_create", "exec_start":
			return f.FuzzyMatch("event", action)
		}
	}
	return f.ExactMatch("event", action)
}

func passesImage(f filters.Args, event etypes.Message) bool {
	if !f.Contains("image") {
		return true
	}
	name := event.Actor.Attributes["image"]
	if event.Type == etypes.ImageEventType {
		name = event.Actor.Attributes["name"]
	}
	for _, candidate := range []string{event.Actor.ID, name, repositoryOf(event.Actor.ID), repositoryOf(name)} {
		if f.ExactMatch("image", candidate) {
			return true
		}
	}
	return false
}
