package main

import (
	"context"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/gocompose/gocompose/planner"
)

func (p *program) rmCommand() *cli.Command {
	var o planner.VerbOptions
	var force, all bool
	return &cli.Command{
		Name:        "rm",
		Category:    categoryManage,
		Usage:       "Remove stopped containers",
		ArgsUsage:   "[SERVICE...]",
		Description: "Asks before it removes anything. Named volumes stay; anonymous ones do too unless --volumes is given.",
		UsageText:   "gocompose rm\ngocompose rm --stop --force web",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "force", Aliases: []string{"f"}, Destination: &force, Usage: "Do not ask"},
			&cli.BoolFlag{Name: "stop", Aliases: []string{"s"}, Destination: &o.Stop, Usage: "Stop running containers first"},
			&cli.BoolFlag{Name: "volumes", Aliases: []string{"v"}, Destination: &o.Volumes, Usage: "Also remove anonymous volumes"},
			&cli.BoolFlag{Name: "all", Aliases: []string{"a"}, Hidden: true, Destination: &all},
		},
		Action: func(c *cli.Context) error {
			o.Services = c.Args().Slice()
			rm := p.verbOn(o, planner.Remove)
			rm.confirm = func(ctx context.Context, plan *planner.Plan) error {
				return p.confirmRemoval(ctx, plan, force)
			}
			return rm.run(c.Context, p)
		},
	}
}

// confirmRemoval names what will be removed, and asks unless force is set.
func (p *program) confirmRemoval(ctx context.Context, plan *planner.Plan, force bool) error {
	var names []string
	for _, step := range plan.Steps {
		if remove, ok := step.Op.(planner.RemoveContainer); ok {
			names = append(names, remove.Name)
		}
	}
	if len(names) == 0 {
		return nil
	}
	going := "Going to remove " + strings.Join(names, ", ")
	switch {
	case force:
		return p.say("%s", going)
	case !p.canAsk():
		return usage(going + " needs a yes, and nobody can be asked; use --force")
	}
	yes, err := p.confirm(ctx, going+"?")
	if err == nil && !yes {
		err = errDeclined
	}
	return err
}
