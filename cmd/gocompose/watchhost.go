package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/compose-spec/compose-go/v2/types"
	"golang.org/x/sync/errgroup"

	"github.com/gocompose/gocompose/internal/ui"
	"github.com/gocompose/gocompose/internal/watch"
	"github.com/gocompose/gocompose/planner"
	"github.com/gocompose/gocompose/project"
	"github.com/gocompose/gocompose/runtime"
)

// watchHost carries out what changes of files mean. It is a [watch.Host].
type watchHost struct {
	*change
	*runtime.Syncer
	prune, quiet bool // of rebuilds
}

// run watches until ctx is done, or the engine is gone for good.
func (h *watchHost) run(ctx context.Context, rules *watch.Rules, files *watch.Notifier, say func(string)) error {
	moved := make(chan struct{}, 1)
	session := watch.NewSession(watch.Options{
		Rules: rules, Files: files, Host: h, Moved: moved,
		Say:  say,
		Warn: func(text string) { h.console.Err(ui.WarningText(h.style, text)) },
	})
	tasks, ctx := errgroup.WithContext(ctx)
	listening := make(chan struct{})
	tasks.Go(func() error {
		return runtime.FollowMoves(ctx, h.engine, h.project.Name(), func() { close(listening) }, func() {
			select {
			case moved <- struct{}{}:
			default: // it will look anyway
			}
		})
	})
	tasks.Go(func() error {
		<-listening
		return session.Run(ctx)
	})
	return tasks.Wait()
}

// Containers implements [watch.Host].
func (h *watchHost) Containers(ctx context.Context, services []string) ([]watch.Container, error) {
	return h.Syncer.Containers(ctx, h.project.Name(), services)
}

// Restart implements [watch.Host]. Like docker compose, it does so without a word.
func (h *watchHost) Restart(ctx context.Context, services []string) error {
	state, err := runtime.ObserveProject(ctx, h.engine, h.project.Name())
	if err != nil {
		return err
	}
	plan, err := planner.Restart(h.project, state, planner.VerbOptions{Services: services})
	if err != nil {
		return err
	}
	silent := *h.change
	silent.sink = nil
	_, err = silent.carryOut(ctx, plan, false)
	return err
}

// Exec implements [watch.Host].
func (h *watchHost) Exec(ctx context.Context, c watch.Container, command types.ServiceHook) error {
	options := runtime.ExecOptions{
		Command: command.Command, User: command.User, WorkingDir: command.WorkingDir, Privileged: command.Privileged,
	}
	environment := command.Environment.Resolve(h.lookUp)
	for _, name := range slices.Sorted(maps.Keys(environment)) {
		if value := environment[name]; value != nil {
			options.Env = append(options.Env, name+"="+*value)
		}
	}
	status, err := runtime.Exec(ctx, h.engine, c.ID, options, runtime.Interaction{Out: consoleOut{h.console}, Err: consoleErr{h.console}})
	if err == nil && status != 0 {
		err = fmt.Errorf("%q ended with status %d", command.Command, status)
	}
	return err
}

func (h *watchHost) lookUp(name string) (string, bool) {
	value, ok := h.project.Environment()[name]
	return value, ok
}

// Rebuild implements [watch.Host]: a plan of up for these services alone, which builds
// their images, replaces the containers whose images have become others, and in the end
// removes what the images were before.
func (h *watchHost) Rebuild(ctx context.Context, services []string) error {
	selected, err := h.project.Select(services, project.WithDependencies)
	if err != nil {
		return err
	}
	c := *h.change
	c.project, c.sink = selected, quietly{c.sink, h.quiet, h.quiet}
	before, err := runtime.Observe(ctx, c.engine, selected)
	if err != nil {
		return err
	}
	planning := planner.UpOptions{
		Services: services, Rebuild: services, RecreateDeps: planner.RecreateNever, IgnoreOrphans: true,
	}
	plan, err := planner.Up(selected, before, planning)
	if err != nil {
		return err
	}
	plan, err = c.ahead(ctx, plan, before, func(p *project.Project, s planner.State, built bool) (*planner.Plan, error) {
		planning.Prepared, planning.Built = true, built
		if h.prune {
			planning.Superseded = before.SupersededBy(s, p.Name())
		}
		return planner.Up(p, s, planning)
	})
	if err != nil {
		return err
	}
	return c.apply(ctx, plan, false)
}

// consoleOut and consoleErr write to the streams of a console.
type (
	consoleOut struct{ *ui.Console }
	consoleErr struct{ *ui.Console }
)

// Write implements [io.Writer].
func (c consoleOut) Write(p []byte) (int, error) { c.Out(p); return len(p), nil }

// Write implements [io.Writer].
func (c consoleErr) Write(p []byte) (int, error) { c.OutToErr(p); return len(p), nil }

// watchMark stands before what the watch says among the output of containers.
const watchMark = "⦿"

// watching is the watch beside an attached up, which a key begins and ends.
type watching struct {
	*watchHost
	ctx   context.Context //nolint:containedctx // the session's, which keys and sinks know nothing of
	rules *watch.Rules
	logs  *ui.Logs

	mu     sync.Mutex
	files  *watch.Notifier    // that has begun already
	cancel context.CancelFunc // nil while it is off
	over   bool               // it is not to begin any more
	tasks  sync.WaitGroup
}

// watching prepares the watch beside an attached up; nil where there is nothing to
// watch.
func (v converge) watching(ctx context.Context, c *change, logs *ui.Logs) *watching {
	if v.watch == nil {
		return nil
	}
	host := &watchHost{change: c, Syncer: runtime.NewSyncer(c.engine), prune: true, quiet: v.options.quietBuild}
	w := &watching{watchHost: host, ctx: ctx, rules: v.watch, logs: logs}
	if v.options.watch { // from here on no change is lost
		w.files = w.begin()
	}
	return w
}

func (w *watching) begin() *watch.Notifier {
	return notify(w.rules, func(text string) { w.console.Err(ui.WarningText(w.style, text)) })
}

func (w *watching) say(text string) { w.logs.Aside(watchMark, text) }

// on tells whether files are being watched.
func (w *watching) on() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.cancel != nil
}

// toggle begins to watch, or ends it.
func (w *watching) toggle() {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case w.over:
	case w.cancel != nil:
		w.cancel()
		w.cancel = nil
		w.say("Watch disabled")
	default:
		ctx, cancel := context.WithCancel(w.ctx)
		w.cancel = cancel
		files := w.files
		w.files = nil
		w.tasks.Go(func() { w.watch(ctx, files) })
	}
}

func (w *watching) watch(ctx context.Context, files *watch.Notifier) {
	if files == nil {
		files = w.begin()
	}
	defer files.Close()
	if err := w.run(ctx, w.rules, files, w.say); err != nil && ctx.Err() == nil {
		w.console.Err(ui.WarningText(w.style, "Watch disabled with errors: "+err.Error()))
	}
}

// end has the watch come to an end for good, and does not wait for it.
func (w *watching) end() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.over = true
	if w.files != nil {
		w.files.Close()
		w.files = nil
	}
	if w.cancel != nil {
		w.cancel()
		w.cancel = nil
	}
}

// stop ends the watch and waits until it has.
func (w *watching) stop() {
	w.end()
	w.tasks.Wait()
}
