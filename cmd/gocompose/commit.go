package main

import (
	"context"
	"fmt"

	"github.com/urfave/cli/v2"

	"github.com/gocompose/gocompose/runtime"
)

type commitOptions struct {
	service string
	index   int
	changes cli.StringSlice
	image   runtime.CommitOptions
}

func (p *program) commitCommand() *cli.Command {
	var o commitOptions
	return &cli.Command{
		Name:        "commit",
		Category:    categoryManage,
		Usage:       "Make an image of a container",
		ArgsUsage:   "SERVICE [REPOSITORY[:TAG]]",
		Description: "Takes the first container of the service that runs. What is in volumes is not part of the image.",
		UsageText:   `gocompose commit -m 'with data' -c 'CMD ["serve"]' web example/web:data`,
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "author", Aliases: []string{"a"}, Destination: &o.image.Author, Usage: "Name the `AUTHOR` of the image"},
			&cli.StringFlag{Name: "message", Aliases: []string{"m"}, Destination: &o.image.Message, Usage: "Say in the image why it was made"},
			&cli.StringSliceFlag{Name: "change", Aliases: []string{"c"}, Destination: &o.changes,
				Usage: "Apply this `INSTRUCTION` of a Dockerfile to the image"},
			&cli.BoolFlag{Name: "pause", Aliases: []string{"p"}, Value: true, Destination: &o.image.Pause,
				Usage: "Freeze the container meanwhile"},
			&cli.IntFlag{Name: "index", Destination: &o.index, Usage: "Take the container with the number `N` of the service"},
		},
		Action: func(c *cli.Context) error {
			if n := c.Args().Len(); n < 1 || n > 2 {
				return usage(fmt.Sprintf("accepts between 1 and 2 arg(s), received %d", n))
			}
			o.service, o.image.Reference, o.image.Changes = c.Args().Get(0), c.Args().Get(1), o.changes.Value()
			return p.commit(c.Context, o)
		},
	}
}

func (p *program) commit(ctx context.Context, o commitOptions) error {
	e, c, err := p.running(ctx, o.service, o.index)
	if err != nil {
		return err
	}
	console := p.console()
	defer console.Close()
	return p.showStep(console, c.Name, "Commit "+c.Name, "Committing", func() (string, error) {
		id, err := runtime.Commit(ctx, e, c.ID, o.image)
		return "Committed as " + id, err
	})
}
