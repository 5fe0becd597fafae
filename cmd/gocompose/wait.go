package main

import (
	"context"

	"github.com/urfave/cli/v2"

	"github.com/gocompose/gocompose/planner"
	"github.com/gocompose/gocompose/project"
	"github.com/gocompose/gocompose/runtime"
)

type waitOptions struct {
	services []string
	down     bool
}

func (p *program) waitCommand() *cli.Command {
	var o waitOptions
	return &cli.Command{
		Name:        "wait",
		Category:    categoryManage,
		Usage:       "Wait until containers have ended",
		ArgsUsage:   "SERVICE [SERVICE...]",
		Description: "Waits for all containers of the services that run, and exits with the status of the one that ended last.",
		UsageText:   "gocompose wait migrate\ngocompose wait --down-project tests",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "down-project", Destination: &o.down, Usage: "Then take the whole application down"},
		},
		Action: func(c *cli.Context) error {
			if c.Args().Len() == 0 {
				return usage("docker: 'docker compose wait' requires at least 1 argument")
			}
			o.services = c.Args().Slice()
			return p.wait(c.Context, o)
		},
	}
}

func (p *program) wait(ctx context.Context, o waitOptions) error {
	found, e, err := p.reach(ctx)
	if err != nil {
		return err
	}
	last := 0
	err = runtime.Wait(ctx, e, found.name, o.services, func(ended runtime.Ended) error {
		last = ended.ExitCode
		return p.say("container %q exited with status code %d", ended.ID, ended.ExitCode)
	})
	if err != nil {
		return err
	}
	if o.down {
		down := verb{keepGoing: true, plan: func(loaded *project.Project, s planner.State) (*planner.Plan, error) {
			return planner.Down(loaded, s, planner.DownOptions{RemoveOrphans: true})
		}}
		if err := down.runOn(ctx, p, e, found); err != nil {
			return err
		}
	}
	return asStatus(last)
}
