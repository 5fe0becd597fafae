package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/gocompose/gocompose/project"
	"github.com/gocompose/gocompose/runtime"
)

type psOptions struct {
	services []string
	all      bool
	filter   string
	format   string
	noTrunc  bool
	orphans  bool
	quiet    bool
	names    bool // of services
	statuses cli.StringSlice
}

func (p *program) psCommand() *cli.Command {
	var o psOptions
	return &cli.Command{
		Name:      "ps",
		Category:  categoryLook,
		Usage:     "List the containers of an application",
		ArgsUsage: "[SERVICE...]",
		Description: "Lists those that run; --all lists the others too. The format is table, json, a Go template, " +
			"or table and a template. Where psFormat is set in docker's config.json it is the default.",
		UsageText: `gocompose ps --all
gocompose ps --format json web
gocompose ps --format 'table {{.Name}}\t{{.Status}}'`,
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "all", Aliases: []string{"a"}, Destination: &o.all,
				Usage: "Also list containers that have stopped, and those of run"},
			&cli.StringSliceFlag{Name: "status", Destination: &o.statuses,
				Usage: "List containers in this `STATE`: created, running, paused, restarting, removing, exited or dead"},
			&cli.StringFlag{Name: "filter", Destination: &o.filter, Usage: "List by a property; `status=STATE` is --status"},
			&cli.BoolFlag{Name: "orphans", Value: true, Destination: &o.orphans,
				Usage: "Also list containers of services that are no longer in the files"},
			&cli.StringFlag{Name: "format", Destination: &o.format, Usage: "Write them as `FORMAT`"},
			&cli.BoolFlag{Name: "services", Destination: &o.names, Usage: "Show the names of the services alone"},
			&cli.BoolFlag{Name: "quiet", Aliases: []string{"q"}, Destination: &o.quiet, Usage: "Show IDs alone"},
			&cli.BoolFlag{Name: "no-trunc", Destination: &o.noTrunc, Usage: "Show long values whole"},
		},
		Action: func(c *cli.Context) error {
			o.services = c.Args().Slice()
			return p.ps(c.Context, o)
		},
	}
}

func (p *program) ps(ctx context.Context, o psOptions) error {
	statuses, err := o.states()
	if err != nil {
		return err
	}
	dialing := p.dial(ctx)
	found, err := p.locate(ctx, nil, project.WithoutDependencies)
	if err != nil {
		return err
	}
	wanted, err := o.wanted(found.project)
	if err != nil {
		return err
	}
	e, err := dialing.engine()
	if err != nil {
		return err
	}
	containers, err := runtime.List(ctx, e, found.name)
	if err != nil {
		return err
	}
	containers = slices.DeleteFunc(containers, func(c runtime.Listed) bool {
		switch {
		case len(wanted) > 0 && !slices.Contains(wanted, c.Service):
			return true
		case len(statuses) > 0:
			return !slices.Contains(statuses, string(c.Phase))
		default:
			return !o.all && (c.OneOff || !runtime.Alive(c.Phase))
		}
	})
	switch {
	case o.quiet:
		return p.sayEach(containers, func(c runtime.Listed) string { return c.ID })
	case o.names:
		return p.sayServices(containers)
	}
	format := cmp.Or(o.format, e.Config().PsFormat)
	return writeContainers(p.Stdout, format, containers, !o.noTrunc, time.Now())
}

// states are those of --status and --filter.
func (o psOptions) states() ([]string, error) {
	states := o.statuses.Value()
	if o.filter == "" {
		return states, nil
	}
	key, value, ok := strings.Cut(o.filter, "=")
	switch {
	case !ok:
		return nil, usage("arguments to --filter should be in form KEY=VAL")
	case key != "status":
		return nil, usage("unknown filter " + key)
	default:
		return append(states, value), nil
	}
}

// wanted are the services to list; none means all.
func (o psOptions) wanted(loaded *project.Project) ([]string, error) {
	if loaded == nil {
		return o.services, nil
	}
	for _, name := range o.services {
		if !loaded.Knows(name) {
			return nil, &project.UnknownServiceError{Name: name}
		}
	}
	if len(o.services) == 0 && !o.orphans {
		return loaded.ServiceNames(), nil
	}
	return o.services, nil
}

func (p *program) sayEach(containers []runtime.Listed, text func(runtime.Listed) string) error {
	for _, c := range containers {
		if err := p.say("%s", text(c)); err != nil {
			return err
		}
	}
	return nil
}

func (p *program) sayServices(containers []runtime.Listed) error {
	var names []string
	for _, c := range containers {
		names = append(names, c.Service)
	}
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		if _, err := fmt.Fprintln(p.Stdout, name); err != nil {
			return err
		}
	}
	return nil
}
