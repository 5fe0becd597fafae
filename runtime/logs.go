package runtime

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/docker/docker/api/types/events"
	"golang.org/x/sync/errgroup"

	"github.com/gocompose/gocompose/internal/engine"
	"github.com/gocompose/gocompose/planner"
	"github.com/gocompose/gocompose/project"
)

// Stream is where a container wrote a line.
type Stream uint8

// The streams. A container with a terminal has only Stdout.
const (
	Stdout Stream = iota
	Stderr
)

// LogLine is one line of a container's output.
type LogLine struct {
	Container string // name
	Service   string
	Number    int
	OneOff    bool
	Stream    Stream
	Time      time.Time // when the engine recorded it; zero where it does not say
	Text      string    // without the line end
}

// LogSink takes lines, one at a time. Line may block; the streams then wait.
type LogSink interface{ Line(LogLine) }

// LogAudience is a [LogSink] that wants to know before the first line whose
// lines will come.
type LogAudience interface {
	LogSink
	Containers([]Listed)
}

// LogOptions say which lines to read.
type LogOptions struct {
	Follow bool
	Since  string // RFC 3339, Unix seconds, or a duration before now
	Until  string
	Tail   string // number of last lines, or "all"; empty means all
}

// LogTarget says whose logs to read.
type LogTarget struct {
	Project  string
	Services []string // empty means all
	Number   int      // only the container of that number; 0 means all
}

// FollowLogs reads the logs of a project's containers into the sink, in the
// order of time across containers. With Follow it then goes on, line by line
// as they come, until no container is left running or ctx is done; containers
// that are started meanwhile join.
func FollowLogs(ctx context.Context, e *engine.Client, t LogTarget, o LogOptions, sink LogSink) error {
	events := NewEvents(e, t.Project)
	defer func() { _ = events.Close() }() // nothing to lose
	f := &follower{
		engine: e, target: t, options: o,
		sink:    &oneAtATime{sink: sink},
		streams: map[string]*logStream{},
		ended:   make(chan *logStream),
	}
	var subscription *subscription
	if o.Follow {
		subscription = events.subscribe(ctx)
		defer subscription.close()
	}
	sources, err := f.sources(ctx)
	if err != nil {
		return err
	}
	if o.Tail != "0" {
		if err := f.history(ctx, sources); err != nil {
			return err
		}
	}
	if !o.Follow {
		return nil
	}
	return f.follow(ctx, sources, subscription)
}

// oneAtATime lets several streams write into one sink.
type oneAtATime struct {
	mu   sync.Mutex
	sink LogSink
}

func (s *oneAtATime) Line(line LogLine) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sink.Line(line)
}

// follower reads the logs of one target.
type follower struct {
	engine  *engine.Client
	target  LogTarget
	options LogOptions
	sink    *oneAtATime
	streams map[string]*logStream // that are being followed, by container ID
	seen    sync.Map              // container ID -> time.Time of its last line
	ended   chan *logStream
}

// sources lists the containers whose logs are read.
func (f *follower) sources(ctx context.Context) ([]logSource, error) {
	list, err := List(ctx, f.engine, f.target.Project)
	if err != nil {
		return nil, err
	}
	list = slices.DeleteFunc(list, func(c Listed) bool { return c.OneOff || !f.wants(c.Service, c.Number) })
	if audience, ok := f.sink.sink.(LogAudience); ok {
		audience.Containers(list)
	}
	var sources []logSource
	for _, c := range list {
		sources = append(sources, logSource{
			id: c.ID, name: c.Name, service: c.Service, number: c.Number,
			alive: c.Phase == planner.Running || c.Phase == planner.Restarting || c.Phase == planner.PausedNow,
		})
	}
	if f.target.Number > 0 && len(sources) == 0 && len(f.target.Services) == 1 {
		return nil, fmt.Errorf("service %q is not running container #%d", f.target.Services[0], f.target.Number)
	}
	return sources, nil
}

func (f *follower) wants(service string, number int) bool {
	return (len(f.target.Services) == 0 || slices.Contains(f.target.Services, service)) &&
		(f.target.Number == 0 || f.target.Number == number)
}

// history reads what was written until now.
func (f *follower) history(ctx context.Context, sources []logSource) error {
	group, ctx := errgroup.WithContext(ctx)
	var lanes []chan LogLine
	for _, source := range sources {
		lane := make(chan LogLine, laneSize)
		lanes = append(lanes, lane)
		group.Go(func() error {
			defer close(lane)
			read := logRead{since: f.options.Since, until: f.options.Until, tail: f.options.Tail}
			return source.read(ctx, f.engine, read, func(line LogLine) error {
				f.seen.Store(source.id, line.Time)
				select {
				case lane <- line:
					return nil
				case <-ctx.Done():
					return ctx.Err()
				}
			})
		})
	}
	mergeLines(lanes, f.sink)
	return group.Wait()
}

// follow goes on from where the history ended.
func (f *follower) follow(ctx context.Context, sources []logSource, happened *subscription) error {
	ctx, cancel := context.WithCancel(ctx)
	defer f.drain()
	defer cancel()
	for _, source := range sources {
		if source.alive {
			f.open(ctx, source)
		}
	}
	for len(f.streams) > 0 {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case s := <-f.ended:
			delete(f.streams, s.id)
			if s.err != nil && ctx.Err() == nil {
				return s.err
			}
			if f.restarts(ctx, s.id) {
				f.streams[s.id] = s // its start event opens it again
				s.idle = true
			}
		case <-happened.ready():
			list, err := happened.take()
			if err != nil {
				return err
			}
			for _, event := range list {
				f.notice(ctx, event)
			}
		}
	}
	return nil
}

// notice lets containers join that start, and gives up those that are removed.
func (f *follower) notice(ctx context.Context, event containerEvent) {
	source, ok := sourceOf(event)
	if !ok || !f.wants(source.service, source.number) {
		return
	}
	stream, known := f.streams[source.id]
	if event.action == events.ActionStart && (!known || stream.idle) {
		f.open(ctx, source)
	}
	if event.action == events.ActionDestroy && known && stream.idle {
		delete(f.streams, source.id)
	}
}

// restarts tells whether the engine is about to start the container again.
func (f *follower) restarts(ctx context.Context, id string) bool {
	inspect, err := f.engine.API().ContainerInspect(ctx, id)
	return err == nil && inspect.State != nil && (inspect.State.Restarting || inspect.State.Running)
}

// logStream is the log of one container that is being followed.
type logStream struct {
	logSource
	idle bool  // the container is down, and will be started again
	err  error // why it ended
}

func (f *follower) open(ctx context.Context, source logSource) {
	s := &logStream{logSource: source}
	f.streams[source.id] = s
	go func() {
		s.err = s.read(ctx, f.engine, f.from(source.id), func(line LogLine) error {
			f.seen.Store(source.id, line.Time)
			f.sink.Line(line)
			return ctx.Err()
		})
		f.ended <- s
	}()
}

// from says where to go on in a container's log.
func (f *follower) from(id string) logRead {
	read := logRead{follow: true, since: f.options.Since, until: f.options.Until}
	if last, ok := f.seen.Load(id); ok {
		read.after, _ = last.(time.Time) // nothing else is stored
	} else {
		read.tail = f.options.Tail
	}
	return read
}

// drain waits for the streams to end, once ctx is done.
func (f *follower) drain() {
	for _, s := range f.streams {
		if !s.idle {
			<-f.ended
		}
	}
}

// sourceOf reads whose event it is; one-off containers are left out.
func sourceOf(event containerEvent) (logSource, bool) {
	labels := event.attributes
	if event.resync || labels[project.LabelService] == "" || isOneOff(labels) {
		return logSource{}, false
	}
	return logSource{
		id: event.id, name: event.name, alive: true,
		service: labels[project.LabelService], number: numberOf(labels),
	}, true
}
