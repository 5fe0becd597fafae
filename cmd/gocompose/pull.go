package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/urfave/cli/v2"

	"github.com/gocompose/gocompose/internal/ui"
	"github.com/gocompose/gocompose/planner"
	"github.com/gocompose/gocompose/project"
	"github.com/gocompose/gocompose/runtime"
)

type pullOptions struct {
	services             []string
	planning             planner.PullOptions
	dependencies, quiet  bool
	parallel, noParallel bool
}

func (p *program) pullCommand() *cli.Command {
	var o pullOptions
	return &cli.Command{
		Name:      "pull",
		Category:  categoryRun,
		Usage:     "Pull the images of services",
		ArgsUsage: "[SERVICE...]",
		Description: "Fetches the images of services from their registries, side by side and each once, whether they " +
			"are on the host or not; what pull_policy or --policy says otherwise is kept to. A transfer that " +
			"breaks is tried again. Containers are left alone; up replaces those whose image has changed.",
		UsageText: "gocompose pull\ngocompose pull --policy missing web\ngocompose pull --ignore-buildable",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "policy", Destination: &o.planning.Policy,
				Usage: "`WHEN` to pull images, instead of pull_policy: always, missing, daily, weekly, every_12h and the like"},
			&cli.BoolFlag{Name: "ignore-buildable", Destination: &o.planning.IgnoreBuildable,
				Usage: "Leave images alone that can be built"},
			&cli.BoolFlag{Name: "ignore-pull-failures", Destination: &o.planning.IgnoreFailures,
				Usage: "Pull what can be pulled, and take it that the rest cannot"},
			&cli.BoolFlag{Name: "include-deps", Destination: &o.dependencies,
				Usage: "Also pull for the services that the named ones need"},
			&cli.BoolFlag{Name: "quiet", Aliases: []string{"q"}, Destination: &o.quiet,
				Usage: "Do not show the layers of images"},
			&cli.BoolFlag{Name: "parallel", Value: true, Destination: &o.parallel, Hidden: true},
			&cli.BoolFlag{Name: "no-parallel", Value: true, Destination: &o.noParallel, Hidden: true},
		},
		Action: func(c *cli.Context) error {
			for _, old := range []string{"no-parallel", "parallel"} {
				if c.IsSet(old) {
					p.warn(fmt.Sprintf("option '--%s' is DEPRECATED and will be ignored.", old))
				}
			}
			o.services = c.Args().Slice()
			return p.pull(c.Context, o)
		},
	}
}

func (p *program) pull(ctx context.Context, o pullOptions) error {
	policy := types.ServiceConfig{ContainerSpec: types.ContainerSpec{PullPolicy: o.planning.Policy}}
	if _, _, err := policy.GetPullPolicy(); err != nil {
		return usage(fmt.Sprintf("invalid --policy option %q", o.planning.Policy))
	}
	dialing := p.dial(ctx)
	loaded, err := p.loadForTransfer(ctx, o.services, o.dependencies)
	if err != nil {
		return err
	}
	e, err := dialing.engine()
	if err != nil {
		return err
	}
	state, err := runtime.ObserveImages(ctx, e, loaded, planner.State{})
	if err != nil {
		return err
	}
	plan, err := planner.Pull(loaded, state, o.planning)
	if err != nil {
		return err
	}
	if p.onlyShow() {
		return p.show(plan)
	}
	c := p.newChange(loaded, e)
	defer c.close()
	c.sink = quietly{c.sink, o.quiet, false}
	report, err := c.transfer(ctx, plan)
	if build := unpulled(loaded, report); len(build) > 0 && c.style.Mode != ui.Quiet {
		c.console.Err(ui.WarningText(c.style, "Some service image(s) must be built from source by running:\n    gocompose build "+strings.Join(build, " ")))
	}
	return err
}

// loadForTransfer reads the project of a pull or push. Dependencies are left out
// unless they are asked for.
func (p *program) loadForTransfer(ctx context.Context, services []string, dependencies bool) (*project.Project, error) {
	load := p.loadOptions()
	load.Services, load.Mode = services, project.WithoutDependencies
	if dependencies {
		load.Mode = project.WithDependencies
	}
	load.NoEnvResolution = true // it is for containers
	loaded, err := p.load(ctx, load)
	if err != nil {
		return nil, err
	}
	return loaded.WithDefaultPlatform()
}

// transfer carries out a plan of pulls or pushes. One that fails keeps no other
// from being done.
func (c *change) transfer(ctx context.Context, plan *planner.Plan) (*runtime.Report, error) {
	c.progress.Begin(plan)
	defer c.progress.End()
	return c.carryOut(ctx, plan, true)
}

// unpulled names the services whose image could not be pulled and can be built.
func unpulled(loaded *project.Project, report *runtime.Report) []string {
	var names []string
	for _, step := range report.Steps {
		op, ok := step.Step.Op.(planner.PullImage)
		if !ok || step.Outcome != runtime.Failed {
			continue
		}
		for _, name := range op.Services {
			if service, ok := loaded.Service(name); ok && service.Build != nil {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
