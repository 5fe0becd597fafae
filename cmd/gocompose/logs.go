package main

import (
	"context"

	"github.com/urfave/cli/v2"

	"github.com/gocompose/gocompose/internal/ui"
	"github.com/gocompose/gocompose/runtime"
)

type logsOptions struct {
	services   []string
	read       runtime.LogOptions
	index      int
	noColour   bool
	noPrefix   bool
	timestamps bool
}

func (p *program) logsCommand() *cli.Command {
	var o logsOptions
	return &cli.Command{
		Name:      "logs",
		Category:  categoryLook,
		Usage:     "Show the output of containers",
		ArgsUsage: "[SERVICE...]",
		UsageText: `gocompose logs --follow web
gocompose logs -n 20 --since 10m`,
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "follow", Aliases: []string{"f"}, Destination: &o.read.Follow, Usage: "Go on with what is written from now on"},
			&cli.StringFlag{Name: "tail", Aliases: []string{"n"}, Value: "all", Destination: &o.read.Tail,
				Usage: "Show the last `N` lines of each container"},
			&cli.StringFlag{Name: "since", Destination: &o.read.Since,
				Usage: "Show lines from this `TIME` on: a date, or how long ago, such as 42m"},
			&cli.StringFlag{Name: "until", Destination: &o.read.Until, Usage: "Show lines before this `TIME`"},
			&cli.BoolFlag{Name: "timestamps", Aliases: []string{"t"}, Destination: &o.timestamps, Usage: "Show when lines were written"},
			&cli.IntFlag{Name: "index", Destination: &o.index, Usage: "Show the container with the number `N` of the service"},
			&cli.BoolFlag{Name: "no-log-prefix", Destination: &o.noPrefix, Usage: "Do not name the container before each line"},
			&cli.BoolFlag{Name: "no-color", Destination: &o.noColour, Usage: "Do not colour the output"},
		},
		Action: func(c *cli.Context) error {
			o.services = c.Args().Slice()
			return p.logs(c.Context, o)
		},
	}
}

func (p *program) logs(ctx context.Context, o logsOptions) error {
	if o.index > 0 && len(o.services) != 1 {
		return usage("--index requires one service to be selected")
	}
	found, e, err := p.reach(ctx, o.services...)
	if err != nil {
		return err
	}
	if found.project != nil {
		// Of a project with files, only what they define is of interest.
		if o.services = found.project.ServiceNames(); len(o.services) == 0 {
			return nil
		}
	}
	console := p.console()
	defer console.Close()
	logs := ui.NewLogs(console, ui.LogOptions{
		Colour: p.style.OutColour && !o.noColour, NoPrefix: o.noPrefix, Timestamps: o.timestamps,
		Services: o.services, OneStream: true,
	})
	o.read.Notice = func(text string) { console.Err(ui.WarningText(p.style, text)) }
	return runtime.FollowLogs(ctx, e, runtime.LogTarget{
		Project: found.name, Services: o.services, Number: o.index,
	}, o.read, logs)
}
