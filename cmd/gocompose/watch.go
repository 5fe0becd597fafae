package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/gocompose/gocompose/internal/watch"
	"github.com/gocompose/gocompose/planner"
	"github.com/gocompose/gocompose/project"
	"github.com/gocompose/gocompose/runtime"
)

type watchOptions struct{ noUp, prune, quiet bool }

func (p *program) watchCommand() *cli.Command {
	var o watchOptions
	return &cli.Command{
		Name:      "watch",
		Category:  categoryRun,
		Usage:     "Act on changes of files: sync them, restart, rebuild",
		ArgsUsage: "[SERVICE...]",
		Description: "Brings the services up, and then does what their develop.watch sections say when files " +
			"change: copies them into the containers (sync), restarts these, runs a command in them, or builds " +
			"the image anew and replaces them. Ctrl-C ends the watch and leaves the containers running.",
		UsageText: "gocompose watch\ngocompose watch --no-up web",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "no-up", Destination: &o.noUp, Usage: "Do not bring the services up first"},
			&cli.BoolFlag{Name: "prune", Value: true, Destination: &o.prune,
				Usage: "Remove the images that a rebuild has replaced"},
			&cli.BoolFlag{Name: "quiet", Destination: &o.quiet, Usage: "Do not show the output of builds"},
		},
		Action: func(c *cli.Context) error { return p.watch(c.Context, o, c.Args().Slice()) },
	}
}

// alphaWatchCommand is what watch was when it was an experiment.
func (p *program) alphaWatchCommand() *cli.Command {
	o := watchOptions{prune: true}
	return &cli.Command{
		Name:      "watch",
		Hidden:    true,
		Usage:     "Act on changes of files: the older way to say watch",
		ArgsUsage: "[SERVICE...]",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "no-up", Destination: &o.noUp, Usage: "Do not bring the services up first"},
			&cli.BoolFlag{Name: "quiet", Destination: &o.quiet, Usage: "Do not show the output of builds"},
		},
		Action: func(c *cli.Context) error {
			p.warn("watch command is now available as a top level command")
			return p.watch(c.Context, o, c.Args().Slice())
		},
	}
}

// watch brings the services up, and watches until it is interrupted.
func (p *program) watch(ctx context.Context, o watchOptions, services []string) error {
	up := converge{command: "up", services: services, mode: project.WithDependencies}
	up.options.detach, up.options.watch, up.options.quietPull = true, true, o.quiet
	up.options.quietBuild = o.quiet
	dialing := p.dial(ctx)
	loaded, planning, err := up.load(ctx, p)
	if err != nil {
		return err
	}
	planning.Rebuild = up.watch.Services()
	planning.RecreateDeps, planning.IgnoreOrphans = planner.RecreateNever, planning.IgnoreOrphans || o.noUp
	if p.onlyShow() && o.noUp {
		return p.showWatch(up.watch)
	}
	e, err := dialing.engine()
	if err != nil {
		return err
	}
	if loaded, err = p.withAPISocket(ctx, loaded, e); err != nil {
		return err
	}
	var files *watch.Notifier
	if !p.onlyShow() { // from here on no change is lost
		files = notify(up.watch, p.warn)
		defer files.Close()
	}
	if !o.noUp {
		state, err := runtime.Observe(ctx, e, loaded)
		if err != nil {
			return err
		}
		if err := up.bringUp(ctx, p, e, loaded, state, planning); err != nil {
			return err
		}
	}
	if p.onlyShow() {
		return p.showWatch(up.watch)
	}
	c := p.newChange(loaded, e)
	defer c.close()
	host := &watchHost{change: c, Syncer: runtime.NewSyncer(e), prune: o.prune, quiet: o.quiet}
	say := func(text string) { c.console.Out([]byte(text + "\n")) }
	if err := host.run(ctx, up.watch, files, say); err != nil {
		return err
	}
	return context.Cause(ctx)
}

// readWatch reads what is to be watched, where the command watches or may be told to.
// Whether that is possible is known before anything is made.
func (v *converge) readWatch(p *program, loaded *project.Project) error {
	if v.command != "up" || v.options.detach && !v.options.watch {
		return nil
	}
	rules, err := watch.ReadRules(loaded)
	switch {
	case err == nil:
		v.watch = rules
	case !v.options.watch:
		return nil // the key will not be there
	case errors.Is(err, watch.ErrNothing) && !v.options.detach:
		err = errors.New("none of the selected services is configured for watch, see https://docs.docker.com/compose/how-tos/file-watch/")
	}
	if v.options.watch {
		for _, note := range rules.Notes {
			p.warn(note)
		}
	}
	return err
}

// showWatch tells what would be watched.
func (p *program) showWatch(rules *watch.Rules) error {
	var lines []string
	rules.Each(func(r watch.Rule) {
		line := fmt.Sprintf("watch %s: %s", r.Path, r.Action)
		if r.Syncs() {
			line += " to " + r.Target
		}
		lines = append(lines, line+" in "+r.Service)
	})
	return p.say("%s", strings.Join(lines, "\n"))
}

// notify begins to notice what happens to the files of rules.
func notify(rules *watch.Rules, note func(string)) *watch.Notifier {
	return watch.Notify(watch.NotifierOptions{Paths: rules.Paths(), Skip: rules.Skip, Note: note})
}
