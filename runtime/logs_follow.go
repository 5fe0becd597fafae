package runtime

import (
	"context"
	"errors"

	"github.com/gocompose/gocompose/internal/engine"
)

// logFollow is one call of FollowLogs.
type logFollow struct {
	engine *engine.Client
	target LogTarget
	span   logSpan
	notice func(string)
	sink   LogSink
	live   map[string]bool // IDs of the containers that are followed
}

// errUntil ends what follows a log until a point in time.
var errUntil = errors.New("the end of the span has come")

// follow shows what was written until now, and then what comes.
func (f *logFollow) follow(ctx context.Context) error {
	if !f.span.deadline.IsZero() {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadlineCause(ctx, f.span.deadline, errUntil)
		defer cancel()
	}
	err := f.run(ctx)
	if err != nil && errors.Is(context.Cause(ctx), errUntil) {
		return nil // whatever it was that the end of the span broke off
	}
	return err
}

func (f *logFollow) run(ctx context.Context) error {
	events := NewEvents(f.engine, f.target.Project)
	defer events.Close()
	happened := events.subscribe(ctx)
	defer happened.close()
	list, err := f.list(ctx)
	if err != nil {
		return err
	}
	for _, l := range list {
		f.live[l.ID] = Alive(l.Phase)
	}
	marks, err := f.history(ctx, list)
	if err != nil {
		return err
	}
	p := newPrinter(f.sink)
	go p.run(ctx)
	defer func() {
		p.close()
		<-p.ended
	}()
	c := newCrew(f.engine, f.target.Project, happened, p)
	c.awaits, c.shows = f.target.wants, f.target.wants
	c.resume = func(context.Context, member) logSpan { return f.span }
	c.trouble = func(_ logSource, err error) { c.err = err }
	ctx, cancel := context.WithCancel(ctx)
	defer c.tasks.Wait()
	defer cancel()
	for _, l := range list {
		m := c.member(sourceOfListed(l))
		m.span.after = marks[l.ID]
		if f.live[l.ID] {
			c.started(ctx, m)
		}
	}
	for c.busy() {
		if _, err := c.step(ctx, nil); err != nil {
			return err
		}
	}
	return nil
}
