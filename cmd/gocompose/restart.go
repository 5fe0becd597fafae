package main

import (
	"github.com/urfave/cli/v2"

	"github.com/gocompose/gocompose/planner"
)

func (p *program) restartCommand() *cli.Command {
	var o planner.VerbOptions
	var g grace
	return &cli.Command{
		Name:      "restart",
		Category:  categoryManage,
		Usage:     "Restart containers",
		ArgsUsage: "[SERVICE...]",
		Description: "Services restart in the order of their dependencies. Those whose depends_on says " +
			"restart: true follow. Changes of the files have no effect; see up for that.",
		UsageText: "gocompose restart web",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "no-deps", Destination: &o.NoDeps, Usage: "Do not restart the services that follow"},
			g.flag(),
		},
		Action: func(c *cli.Context) error {
			o.Services, o.Timeout = c.Args().Slice(), g.duration(c)
			return p.verbOn(o, planner.Restart).run(c.Context, p)
		},
	}
}
