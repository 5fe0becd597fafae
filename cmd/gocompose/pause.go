package main

import (
	"github.com/urfave/cli/v2"

	"github.com/gocompose/gocompose/planner"
)

func (p *program) pauseCommand() *cli.Command {
	return &cli.Command{
		Name:      "pause",
		Category:  categoryManage,
		Usage:     "Freeze running containers",
		ArgsUsage: "[SERVICE...]",
		Action: func(c *cli.Context) error {
			return p.verbOn(planner.VerbOptions{Services: c.Args().Slice()}, planner.Pause).run(c.Context, p)
		},
	}
}

func (p *program) unpauseCommand() *cli.Command {
	return &cli.Command{
		Name:      "unpause",
		Category:  categoryManage,
		Usage:     "Let frozen containers go on",
		ArgsUsage: "[SERVICE...]",
		Action: func(c *cli.Context) error {
			return p.verbOn(planner.VerbOptions{Services: c.Args().Slice()}, planner.Unpause).run(c.Context, p)
		},
	}
}
