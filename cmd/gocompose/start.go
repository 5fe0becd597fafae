package main

import (
	"context"
	"fmt"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/gocompose/gocompose/planner"
	"github.com/gocompose/gocompose/project"
)

func (p *program) startCommand() *cli.Command {
	var o planner.VerbOptions
	var waitTimeout int
	return &cli.Command{
		Name:      "start",
		Category:  categoryManage,
		Usage:     "Start containers that exist",
		ArgsUsage: "[SERVICE...]",
		Description: "A service starts after those that it depends on, and once they are as it needs them. " +
			"Nothing is created; see up for that.",
		UsageText: "gocompose start\ngocompose start --wait web",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "wait", Destination: &o.Wait, Usage: "Wait until services are running or healthy"},
			&cli.IntFlag{Name: "wait-timeout", Destination: &waitTimeout, Usage: "Wait for at most `SECONDS`"},
		},
		Action: func(c *cli.Context) error {
			if waitTimeout < 0 {
				return usage("--wait-timeout must be a non-negative integer")
			}
			o.WaitTimeout = time.Duration(waitTimeout) * time.Second
			return p.start(c.Context, o, c.Args().Slice())
		},
	}
}

// start brings along what the named services need, as docker compose does.
func (p *program) start(ctx context.Context, o planner.VerbOptions, services []string) error {
	return verb{
		services: services,
		mode:     project.WithDependencies,
		plan: func(loaded *project.Project, s planner.State) (*planner.Plan, error) {
			selected, err := loaded.Select(services, project.WithDependencies)
			if err != nil {
				return nil, err
			}
			return planner.Start(selected, s, o)
		},
		nothing: func(name string) error {
			return fmt.Errorf("no container found for project %q: not found", name)
		},
	}.run(ctx, p)
}
