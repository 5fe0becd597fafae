package main

import (
	"context"
	"fmt"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/gocompose/gocompose/planner"
	"github.com/gocompose/gocompose/project"
)

type downOptions struct {
	services      []string
	removeOrphans bool
	volumes       bool
	images        string
	grace         grace
	timeout       *time.Duration
}

func (p *program) downCommand() *cli.Command {
	var o downOptions
	return &cli.Command{
		Name:      "down",
		Category:  categoryRun,
		Usage:     "Stop and remove the containers and networks of an application",
		ArgsUsage: "[SERVICE...]",
		Description: "Volumes and images stay unless --volumes and --rmi say otherwise. What others still use " +
			"is kept and named. With -p alone no Compose file is needed.",
		UsageText: `gocompose down
gocompose down --volumes
gocompose -p shop down`,
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "volumes", Aliases: []string{"v"}, Destination: &o.volumes,
				Usage: "Also remove the volumes, and lose the data in them"},
			&cli.StringFlag{Name: "rmi", Destination: &o.images,
				Usage: "Also remove images: `WHICH` is local for those without a name of their own, or all"},
			&cli.BoolFlag{Name: "remove-orphans", Destination: &o.removeOrphans,
				Usage: "Also remove containers of services that are no longer in the files"},
			o.grace.flag(),
		},
		Action: func(c *cli.Context) error {
			o.services, o.timeout = c.Args().Slice(), o.grace.duration(c)
			return p.down(c.Context, o)
		},
	}
}

func (p *program) down(ctx context.Context, o downOptions) error {
	switch o.images {
	case "", planner.ImagesLocal, planner.ImagesAll:
	default:
		return usage(fmt.Sprintf("invalid value for --rmi: %q", o.images))
	}
	return verb{
		services:  o.services,
		mode:      project.WithDependents,
		images:    o.images != "",
		keepGoing: true,
		plan: func(loaded *project.Project, s planner.State) (*planner.Plan, error) {
			remove, ignore, err := p.orphans(loaded, o.removeOrphans)
			if err != nil {
				return nil, err
			}
			return planner.Down(loaded, s, planner.DownOptions{
				Services: loaded.Expand(o.services), RemoveOrphans: remove, IgnoreOrphans: ignore,
				Volumes: o.volumes, Images: o.images, Timeout: o.timeout,
			})
		},
	}.run(ctx, p)
}
