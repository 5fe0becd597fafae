package main

import (
	"github.com/urfave/cli/v2"

	"github.com/gocompose/gocompose/planner"
)

func (p *program) killCommand() *cli.Command {
	var o planner.VerbOptions
	return &cli.Command{
		Name:      "kill",
		Category:  categoryManage,
		Usage:     "Send a signal to running containers",
		ArgsUsage: "[SERVICE...]",
		UsageText: "gocompose kill -s SIGHUP web",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "signal", Aliases: []string{"s"}, Value: "SIGKILL", Destination: &o.Signal,
				Usage: "Send this `SIGNAL` instead of SIGKILL"},
			&cli.BoolFlag{Name: "remove-orphans", Destination: &o.Orphans,
				Usage: "Also kill containers of services that are no longer in the files"},
		},
		Action: func(c *cli.Context) error {
			o.Services = c.Args().Slice()
			return p.verbOn(o, planner.Kill).run(c.Context, p)
		},
	}
}
