package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/docker/go-units"
	"github.com/urfave/cli/v2"

	"github.com/gocompose/gocompose/internal/build"
	"github.com/gocompose/gocompose/internal/engine"
	"github.com/gocompose/gocompose/internal/ui"
	"github.com/gocompose/gocompose/planner"
	"github.com/gocompose/gocompose/project"
	"github.com/gocompose/gocompose/runtime"
)

type buildOptions struct {
	services              []string
	args                  cli.StringSlice
	ssh                   string
	memory                string
	builder, progress     string
	overrides             project.BuildOptions
	push, quiet           bool
	print, check          bool
	dependencies, ignored bool
}

func (o *buildOptions) flags() []cli.Flag {
	return []cli.Flag{
		&cli.StringSliceFlag{Name: "build-arg", Destination: &o.args,
			Usage: "Give the builds an argument, as `NAME=VALUE`, or NAME for a variable of the environment; may be repeated"},
		&cli.BoolFlag{Name: "no-cache", Destination: &o.overrides.NoCache, Usage: "Use nothing of earlier builds"},
		&cli.BoolFlag{Name: "pull", Destination: &o.overrides.Pull, Usage: "Look for newer versions of the images that builds start from"},
		&cli.BoolFlag{Name: "push", Destination: &o.push, Usage: "Push the images that the files name, once they are built"},
		&cli.BoolFlag{Name: "with-dependencies", Destination: &o.dependencies,
			Usage: "Also build the services that the named ones need"},
		&cli.StringFlag{Name: "ssh", Destination: &o.ssh,
			Usage: "Give the builds an SSH agent or keys, as `ID[=PATH]`; default is the agent of SSH_AUTH_SOCK"},
		&cli.StringFlag{Name: "provenance", Destination: &o.overrides.Provenance,
			Usage: "Attest how images came to be, by `PARAMETERS` such as mode=max; true for the usual ones"},
		&cli.StringFlag{Name: "sbom", Destination: &o.overrides.SBOM,
			Usage: "Attest what is in images, by `PARAMETERS` such as generator=IMAGE; true for the usual ones"},
		&cli.StringFlag{Name: "memory", Aliases: []string{"m"}, Destination: &o.memory,
			Usage: "Let a build by the classic builder use `BYTES` of memory at most; BuildKit takes no notice"},
		&cli.BoolFlag{Name: "check", Destination: &o.check, Usage: "Check the Dockerfiles, and build nothing"},
		&cli.BoolFlag{Name: "print", Destination: &o.print, Usage: "Print the builds as a file for docker buildx bake, and build nothing"},
		&cli.BoolFlag{Name: "quiet", Aliases: []string{"q"}, Destination: &o.quiet, Usage: "Show nothing but errors"},
		&cli.StringFlag{Name: "builder", Destination: &o.builder,
			Usage: "`NAME` of the builder: default, that of the engine, is the only one"},
		&cli.StringFlag{Name: "progress", Destination: &o.progress, Hidden: true},
		&cli.BoolFlag{Name: "compress", Value: true, Destination: &o.ignored, Hidden: true},
		&cli.BoolFlag{Name: "force-rm", Value: true, Destination: &o.ignored, Hidden: true},
		&cli.BoolFlag{Name: "no-rm", Destination: &o.ignored, Hidden: true},
		&cli.BoolFlag{Name: "parallel", Value: true, Destination: &o.ignored, Hidden: true},
	}
}

func (p *program) buildCommand() *cli.Command {
	var o buildOptions
	return &cli.Command{
		Name:      "build",
		Category:  categoryRun,
		Usage:     "Build the images of services",
		ArgsUsage: "[SERVICE...]",
		Description: "Builds the images of services that have a build section, independent ones side by side. What a " +
			"build starts from by additional_contexts is built before it.",
		UsageText: "gocompose build\ngocompose build --build-arg VERSION=2 --no-cache web\ngocompose build --print | docker buildx bake -f -",
		Flags:     o.flags(),
		Action: func(c *cli.Context) error {
			o.services = c.Args().Slice()
			return p.build(c.Context, o)
		},
	}
}

func (p *program) build(ctx context.Context, o buildOptions) error {
	if o.quiet {
		p.style.Mode = ui.Quiet
	}
	if builder := o.builder; builder != "" && builder != "default" {
		return usage(fmt.Sprintf("builder %q is not one of the engine's; gocompose builds by the engine's own, whose name is default", builder))
	}
	var memory int64
	if o.memory != "" {
		var err error
		if memory, err = units.RAMInBytes(o.memory); err != nil {
			return usage(fmt.Sprintf("invalid --memory %q: %v", o.memory, err))
		}
	}
	loaded, err := p.loadForBuild(ctx, &o)
	if err != nil {
		return err
	}
	if o.print {
		return p.printBuilds(loaded, o)
	}
	e, err := p.dial(ctx).engine()
	if err != nil {
		return err
	}
	if o.check {
		return p.checkBuilds(ctx, loaded, e, o)
	}
	plan, err := planner.Build(loaded, planner.State{}, planner.BuildOptions{Services: o.services, Push: o.push})
	if err != nil {
		return err
	}
	if p.onlyShow() {
		return p.show(plan)
	}
	c := p.newChange(loaded, e)
	defer c.close()
	c.building.Native = false
	c.building.Memory = memory
	return c.apply(ctx, plan, false)
}

// loadForBuild reads the project, with the flags put over its build sections.
// Dependencies are left out unless they are asked for.
func (p *program) loadForBuild(ctx context.Context, o *buildOptions) (*project.Project, error) {
	load := p.loadOptions()
	load.Services, load.Mode = o.services, project.WithoutDependencies
	if o.dependencies {
		load.Mode = project.WithDependencies
	}
	load.NoEnvResolution = true // they are for containers
	loaded, err := p.load(ctx, load)
	if err != nil {
		return nil, err
	}
	if o.services = loaded.Expand(o.services); o.dependencies {
		o.services = nil // all that were selected
	}
	o.overrides.Args = map[string]string{}
	for _, arg := range o.args.Value() {
		name, value, given := strings.Cut(arg, "=")
		if !given {
			if value, given = loaded.Environment()[name]; !given {
				continue
			}
		}
		o.overrides.Args[name] = value
	}
	if o.ssh != "" {
		id, path, _ := strings.Cut(o.ssh, "=")
		o.overrides.SSH = []types.SSHKey{{ID: id, Path: path}}
	}
	return loaded.WithBuildOptions(o.overrides).WithDefaultPlatform()
}

// definitions are the builds of the services and of what these start from.
func definitions(loaded *project.Project, services []string) ([]build.Definition, error) {
	if len(services) == 0 {
		services = loaded.ServiceNames()
	}
	var list []build.Definition
	for _, name := range slices.Sorted(maps.Keys(loaded.BuildClosure(services))) {
		service, _ := loaded.AnyService(name)
		definition, err := build.Define(loaded, service, false)
		if err != nil {
			return nil, &runtime.BuildError{Service: name, Err: err}
		}
		list = append(list, definition)
	}
	return list, nil
}

func (p *program) printBuilds(loaded *project.Project, o buildOptions) error {
	list, err := definitions(loaded, o.services)
	if err != nil {
		return err
	}
	text, err := build.Bake(list, o.push)
	if err != nil {
		return err
	}
	_, err = p.Stdout.Write(text)
	return err
}

// checkBuilds has the builder look over the Dockerfiles. That changes nothing,
// and is no plan.
func (p *program) checkBuilds(ctx context.Context, loaded *project.Project, e *engine.Client, o buildOptions) error {
	list, err := definitions(loaded, o.services)
	if err != nil {
		return err
	}
	builder := build.NewBuilder(e, build.Options{Classic: p.getenv("DOCKER_BUILDKIT") == "0"})
	defer func() { _ = builder.Close() }() // it has answered
	failed := false
	for _, definition := range list {
		check, err := builder.Check(ctx, definition)
		if err != nil {
			return &runtime.BuildError{Service: definition.Service, Err: err}
		}
		if err := p.say("%s\n\n%s", definition.Service, strings.TrimRight(check.Text, "\n")); err != nil {
			return err
		}
		failed = failed || check.Failed
	}
	if failed {
		return asStatus(exitFailure)
	}
	return nil
}
