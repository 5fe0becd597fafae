package main

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/gocompose/gocompose/project"
	"github.com/gocompose/gocompose/runtime"
)

type generateOptions struct{ format, name, dir string }

func (p *program) generateCommand() *cli.Command {
	var o generateOptions
	return &cli.Command{
		Name:      "generate",
		Category:  categoryFiles,
		Usage:     "Show a Compose file for containers that exist",
		ArgsUsage: "CONTAINER...",
		Description: "The file is a start to go on from by hand. It has the image, environment, labels, health check, " +
			"ports, volumes and networks of each container, and not its command or limits.",
		UsageText: `gocompose alpha generate my-database
gocompose alpha generate --name shop shop-web-1 shop-db-1`,
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "format", Value: project.YAML, Destination: &o.format, Usage: "Write it as `TYPE`: yaml or json"},
			&cli.StringFlag{Name: "name", Destination: &o.name, Usage: "Call the project `NAME`"},
			&cli.StringFlag{Name: "project-dir", Destination: &o.dir, Usage: "Accepted and ignored: no path in the file is relative"},
		},
		Action: func(c *cli.Context) error { return p.generate(c.Context, o, c.Args().Slice()) },
	}
}

func (p *program) generate(ctx context.Context, o generateOptions, containers []string) error {
	p.experimental("generate")
	if len(containers) == 0 {
		return usage("at least one container must be specified")
	}
	e, err := p.dial(ctx).engine()
	if err != nil {
		return err
	}
	made, missing, err := runtime.Describe(ctx, e, cmp.Or(o.name, p.globals.projectName), containers)
	if err != nil {
		return err
	}
	if len(missing) > 0 {
		return fmt.Errorf("no container(s) found with the following name(s): %s", strings.Join(missing, ","))
	}
	text, err := made.Render(o.format)
	if err != nil {
		return usage(err.Error())
	}
	_, err = fmt.Fprintf(p.Stdout, "%s\n", text)
	return err
}
