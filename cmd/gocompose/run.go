package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"os"
	"slices"

	"github.com/urfave/cli/v2"

	"github.com/gocompose/gocompose/internal/engine"
	"github.com/gocompose/gocompose/internal/ui"
	"github.com/gocompose/gocompose/planner"
	"github.com/gocompose/gocompose/project"
	"github.com/gocompose/gocompose/runtime"
)

func (p *program) runCommand() *cli.Command {
	var o runOptions
	return &cli.Command{
		Name:      "run",
		Category:  categoryRun,
		Usage:     "Run a command in a new container of a service",
		ArgsUsage: "SERVICE [COMMAND] [ARG...]",
		Description: "Makes a container that is like those of the service, but runs one command once. What the service " +
			"needs is brought up first. The container's own ports are not published, so that it can run beside the " +
			"service. The exit status is the command's.",
		UsageText: `gocompose run --rm web sh
gocompose run --rm --no-deps web npm test
gocompose run -d --name import db psql --file /data.sql`,
		Flags: o.flags(),
		Action: func(c *cli.Context) error {
			if err := needArgs(c, 1); err != nil {
				return err
			}
			dir, err := os.Getwd()
			if err != nil {
				return err
			}
			if err := o.complete(c, dir); err != nil {
				return err
			}
			o.service, o.oneOff.Command = c.Args().First(), c.Args().Tail()
			return p.runOneOff(c.Context, o)
		},
	}
}

// oneOff is one container of run.
type oneOff struct {
	*program
	options  runOptions
	project  *project.Project
	planning planner.RunOptions
}

func (p *program) runOneOff(ctx context.Context, o runOptions) error {
	if o.quiet {
		p.style.Mode = ui.Quiet
	}
	o.oneOff.TTY = o.tty && !o.noTTY && isTerminal(p.Stdout)
	if err := p.canInteract(o.interaction()); err != nil {
		return err
	}
	dialing := p.dial(ctx)
	r, err := p.newOneOff(ctx, o)
	if err != nil {
		return err
	}
	const yes = false // it has no flag for that
	if err := p.agreeToRemote(ctx, r.project, yes); err != nil {
		return err
	}
	e, err := dialing.engine()
	if err != nil {
		return err
	}
	if r.project, err = p.withAPISocket(ctx, r.project, e); err != nil {
		return err
	}
	state, err := runtime.Observe(ctx, e, r.project)
	if err != nil {
		return err
	}
	plan, err := planner.Run(r.project, state, r.planning)
	if err != nil {
		return err
	}
	if p.onlyShow() {
		return p.show(plan)
	}
	return r.carryOut(ctx, e, plan, state)
}

// newOneOff reads the project and what the flags make of the service.
func (p *program) newOneOff(ctx context.Context, o runOptions) (oneOff, error) {
	load := p.loadOptions()
	load.Services, load.AllResources = []string{o.service}, true
	if o.noDeps {
		load.Mode = project.WithoutDependencies
	}
	loaded, err := p.load(ctx, load)
	if err != nil {
		return oneOff{}, err
	}
	slug := make([]byte, 32)
	_, _ = rand.Read(slug) // it never fails
	planning := planner.RunOptions{
		Service: o.service,
		OneOff:  planner.OneOff{Slug: hex.EncodeToString(slug), AutoRemove: o.remove, UseAliases: o.useAliases},
	}
	const inName = 12 // digits of the slug
	sep := loaded.Separator()
	planning.Name = cmp.Or(o.oneOff.Name, loaded.Name()+sep+o.service+sep+"run"+sep+planning.OneOff.Slug[:inName])
	o.oneOff.Name = planning.Name
	if loaded, err = loaded.WithOneOff(o.service, o.oneOff); err != nil {
		return oneOff{}, err
	}
	if !p.globals.allResources {
		loaded = loaded.Used()
	}
	if loaded, err = loaded.WithDefaultPlatform(); err != nil {
		return oneOff{}, err
	}
	planning.Up.RemoveOrphans, planning.Up.IgnoreOrphans, err = p.orphans(loaded, o.removeOrphans)
	planning.Up.Pull, planning.Up.Builds = o.policy(), o.builds()
	planning.Up.ShowSecrets = p.planning != nil && p.planning.showValues
	return oneOff{program: p, options: o, project: loaded, planning: planning}, err
}

// carryOut brings up what the container needs, and then runs it.
func (r oneOff) carryOut(ctx context.Context, e *engine.Client, plan *planner.Plan, state planner.State) error {
	c := r.newChange(r.project, e)
	defer c.close()
	c.sink = quietly{c.sink, r.options.quietPull, r.options.quietBuild}
	plan, err := c.ahead(ctx, plan, state, func(p *project.Project, s planner.State, built bool) (*planner.Plan, error) {
		r.project, r.planning.Up.Prepared, r.planning.Up.Built = p, true, built
		return planner.Run(p, s, r.planning)
	})
	if err != nil {
		return err
	}
	c.notes(plan)
	before, start := plan.Split()
	id, err := r.create(ctx, c, before)
	started := false
	if err == nil {
		err = r.start(ctx, c, id, func(ctx context.Context) error {
			_, err := c.carryOut(ctx, start(id), false)
			started = err == nil
			return err
		})
	}
	if r.options.remove && id != "" && !started {
		// The engine removes only what has run.
		_, gone := c.carryOut(context.WithoutCancel(ctx), plan.Abandon(id), false)
		err = errors.Join(err, gone)
	}
	return err
}

// start runs the container, with the user's terminal or streams connected to it
// unless it is to run in the background. The exit status is the container's.
func (r oneOff) start(ctx context.Context, c *change, id string, start func(context.Context) error) error {
	if r.options.detach {
		if err := start(ctx); err != nil {
			return err
		}
		c.close()
		return r.say("%s", id)
	}
	c.close() // it lets go of the terminal
	want := r.options.interaction()
	want.detachKeys = c.engine.Config().DetachKeys
	user, err := r.interact(want)
	if err != nil {
		return err
	}
	signals, stop := r.passSignals()
	defer stop()
	code, err := runtime.Run(ctx, c.engine, runtime.RunOptions{
		Container: id, Start: start, AutoRemove: r.options.remove, Signals: signals,
		DetachKeys: cmp.Or(want.detachKeys, usualDetachKeys),
	}, user)
	r.terminal.restore()
	if err != nil {
		return err
	}
	return asStatus(code)
}

// create carries out all but the start, and returns the ID of the container, if it
// came to be. It shows what is done about other containers only: people ask for
// the output of a command, and not for the container that it runs in.
func (r oneOff) create(ctx context.Context, c *change, before *planner.Plan) (string, error) {
	shown := *before
	shown.Steps = slices.DeleteFunc(slices.Clone(before.Steps), planner.Step.AboutOneOff)
	c.progress.Begin(&shown)
	defer c.progress.End()
	c.sink = withoutOneOff{c.sink}
	report, err := c.carryOut(ctx, before, false)
	for _, step := range report.Steps {
		if step.Step.AboutOneOff() { // the first is the create
			return step.Output.ID, err
		}
	}
	return "", err
}

// withoutOneOff keeps what is done about the one-off container out of the
// progress.
type withoutOneOff struct{ runtime.Sink }

func (s withoutOneOff) Event(e runtime.Event) {
	if e.Step.Op == nil || !e.Step.AboutOneOff() {
		s.Sink.Event(e)
	}
}
