package main

import (
	"context"

	"github.com/urfave/cli/v2"

	"github.com/gocompose/gocompose/internal/ui"
	"github.com/gocompose/gocompose/planner"
)

type pushOptions struct {
	services            []string
	planning            planner.PushOptions
	dependencies, quiet bool
}

func (p *program) pushCommand() *cli.Command {
	var o pushOptions
	return &cli.Command{
		Name:      "push",
		Category:  categoryRun,
		Usage:     "Push the images of services",
		ArgsUsage: "[SERVICE...]",
		Description: "Sends the images that services build, under all names that the files give them, to their " +
			"registries, side by side. A transfer that breaks is tried again.",
		UsageText: "gocompose push\ngocompose push --include-deps web",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "ignore-push-failures", Destination: &o.planning.IgnoreFailures,
				Usage: "Push what can be pushed, and take it that the rest cannot"},
			&cli.BoolFlag{Name: "include-deps", Destination: &o.dependencies,
				Usage: "Also push for the services that the named ones need"},
			&cli.BoolFlag{Name: "quiet", Aliases: []string{"q"}, Destination: &o.quiet,
				Usage: "Show nothing but errors"},
		},
		Action: func(c *cli.Context) error {
			o.services = c.Args().Slice()
			return p.push(c.Context, o)
		},
	}
}

func (p *program) push(ctx context.Context, o pushOptions) error {
	if o.quiet {
		p.style.Mode = ui.Quiet
	}
	dialing := p.dial(ctx)
	loaded, err := p.loadForTransfer(ctx, o.services, o.dependencies)
	if err != nil {
		return err
	}
	e, err := dialing.engine()
	if err != nil {
		return err
	}
	plan, err := planner.Push(loaded, planner.State{}, o.planning)
	if err != nil {
		return err
	}
	if p.onlyShow() {
		return p.show(plan)
	}
	c := p.newChange(loaded, e)
	defer c.close()
	_, err = c.transfer(ctx, plan)
	return err
}
