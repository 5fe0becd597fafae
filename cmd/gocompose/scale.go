package main

import (
	"maps"
	"slices"

	"github.com/urfave/cli/v2"

	"github.com/gocompose/gocompose/project"
)

func (p *program) scaleCommand() *cli.Command {
	var noDeps bool
	return &cli.Command{
		Name:      "scale",
		Category:  categoryRun,
		Usage:     "Run so many containers of a service",
		ArgsUsage: "SERVICE=NUM...",
		UsageText: "gocompose scale worker=3 web=2",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "no-deps", Destination: &noDeps, Usage: "Leave the services that the named ones need alone"},
		},
		Action: func(c *cli.Context) error {
			specs := c.Args().Slice()
			services, err := scaledServices(specs)
			if err != nil {
				return err
			}
			o := upOptions{detach: true, noDeps: noDeps}
			o.scale = *cli.NewStringSlice(specs...)
			mode := project.WithDependencies
			if noDeps {
				mode = project.WithoutDependencies
			}
			return converge{command: "scale", options: o, services: services, mode: mode}.run(c.Context, p)
		},
	}
}

// scaledServices are the services that SERVICE=NUM operands name.
func scaledServices(specs []string) ([]string, error) {
	if len(specs) == 0 {
		return nil, usage("requires at least 1 arg(s), only received 0")
	}
	replicas, err := parseScale("scale specifier", specs)
	return slices.Sorted(maps.Keys(replicas)), err
}
