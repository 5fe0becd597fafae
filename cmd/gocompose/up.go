package main

import (
	"context"

	"github.com/urfave/cli/v2"

	"github.com/gocompose/gocompose/project"
)

func (p *program) upCommand() *cli.Command {
	var o upOptions
	return &cli.Command{
		Name:      "up",
		Category:  categoryRun,
		Usage:     "Create and start the containers of an application",
		ArgsUsage: "[SERVICE...]",
		Description: "Makes the host run what the files describe: pulls images that are missing, makes networks " +
			"and volumes, creates and starts containers in the order of their dependencies, and replaces those " +
			"that differ from the files. What is as it should be is left alone. Named services bring along what " +
			"they need.\n\n" +
			"Without --detach the output of the containers is shown until they have all stopped. Ctrl-C stops " +
			"them, a second Ctrl-C kills them. On a terminal the key d leaves them running and ends the command, " +
			"and w begins and ends to watch files; --menu=false, or COMPOSE_MENU=false, takes no keys.",
		UsageText: `gocompose up
gocompose up -d --wait
gocompose up web --scale worker=3
gocompose up --exit-code-from tests`,
		Flags: o.flags(),
		Action: func(c *cli.Context) error {
			if err := o.complete(c); err != nil {
				return err
			}
			if value := p.getenv("COMPOSE_MENU"); value != "" && !c.IsSet("menu") {
				o.menu = isTrue(value)
			}
			return p.up(c.Context, o, c.Args().Slice())
		},
	}
}

func (p *program) up(ctx context.Context, o upOptions, services []string) error {
	mode := project.WithDependencies
	if o.noDeps {
		mode = project.WithoutDependencies
	}
	up := converge{command: "up", options: o, services: services, mode: mode}
	return up.run(ctx, p)
}
