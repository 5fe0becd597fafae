package main

import (
	"github.com/urfave/cli/v2"

	"github.com/gocompose/gocompose/planner"
	"github.com/gocompose/gocompose/project"
)

func (p *program) stopCommand() *cli.Command {
	var o planner.VerbOptions
	var g grace
	return &cli.Command{
		Name:        "stop",
		Category:    categoryManage,
		Usage:       "Stop containers without removing them",
		ArgsUsage:   "[SERVICE...]",
		Description: "A service stops after those that depend on it. start brings it back.",
		UsageText:   "gocompose stop\ngocompose stop --timeout 30 db",
		Flags:       []cli.Flag{g.flag()},
		Action: func(c *cli.Context) error {
			o.Services, o.Timeout = c.Args().Slice(), g.duration(c)
			return p.verbOn(o, planner.Stop).run(c.Context, p)
		},
	}
}

// verbPlan plans a command on containers that exist.
type verbPlan func(*project.Project, planner.State, planner.VerbOptions) (*planner.Plan, error)

// verbOn is a command whose planning takes nothing but these options.
func (p *program) verbOn(o planner.VerbOptions, plan verbPlan) verb {
	return verb{
		services: o.Services,
		mode:     project.WithDependents,
		plan: func(loaded *project.Project, s planner.State) (*planner.Plan, error) {
			expanded := o
			expanded.Services = loaded.Expand(o.Services)
			return plan(loaded, s, expanded)
		},
	}
}
