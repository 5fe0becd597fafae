package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/gocompose/gocompose/planner"
	"github.com/gocompose/gocompose/project"
)

// createOptions are the flags that create and up share.
type createOptions struct {
	build, noBuild            bool
	quietBuild                bool
	forceRecreate, noRecreate bool
	pull                      string
	quietPull                 bool
	removeOrphans             bool
	scale                     cli.StringSlice
	yes                       bool
}

func (o *createOptions) flags() []cli.Flag {
	return append([]cli.Flag{
		&cli.BoolFlag{Name: "force-recreate", Destination: &o.forceRecreate,
			Usage: "Recreate containers though nothing changed"},
		&cli.BoolFlag{Name: "no-recreate", Destination: &o.noRecreate,
			Usage: "Keep containers though something changed"},
		&cli.StringSliceFlag{Name: "scale", Destination: &o.scale,
			Usage: "Run NUM containers of a service, as `SERVICE=NUM`; may be repeated"},
		&cli.BoolFlag{Name: "yes", Aliases: []string{"y"}, Destination: &o.yes,
			Usage: "Answer all questions with yes"},
		&cli.BoolFlag{Name: "no-build", Destination: &o.noBuild,
			Usage: "Build no images, not even those that are missing"},
	}, o.bringUpFlags()...)
}

// bringUpFlags are those that run has, too.
func (o *createOptions) bringUpFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "pull", Destination: &o.pull,
			Usage: "`WHEN` to pull images: always, missing or never; build builds them"},
		&cli.BoolFlag{Name: "quiet-pull", Destination: &o.quietPull,
			Usage: "Do not show the layers of images being pulled"},
		&cli.BoolFlag{Name: "remove-orphans", Destination: &o.removeOrphans,
			Usage: "Remove containers of services that are no longer in the files"},
		&cli.BoolFlag{Name: "build", Destination: &o.build, Usage: "Build images, though they are there"},
	}
}

func (o *createOptions) complete() error {
	switch {
	case o.build && o.noBuild:
		return usage("--build and --no-build are incompatible")
	case o.forceRecreate && o.noRecreate:
		return usage("--force-recreate and --no-recreate are incompatible")
	}
	switch o.pull {
	case "", "policy", pullBuild, planner.PullAlways, planner.PullMissing, planner.PullNever:
		return nil
	default:
		return usage(fmt.Sprintf("invalid --pull option %q", o.pull))
	}
}

// pullBuild is the --pull that builds what can be built.
const pullBuild = "build"

// quietBuildFlag is one of up and run.
func (o *createOptions) quietBuildFlag() cli.Flag {
	return &cli.BoolFlag{Name: "quiet-build", Destination: &o.quietBuild, Usage: "Do not show what builders tell"}
}

// builds says when images are built.
func (o *createOptions) builds() planner.Builds {
	switch {
	case o.noBuild:
		return planner.BuildNever
	case o.build || o.pull == pullBuild:
		return planner.BuildAlways
	default:
		return planner.BuildMissing
	}
}

// policy is the pull policy that overrides those of the files.
func (o *createOptions) policy() string {
	if o.pull == "policy" || o.pull == pullBuild {
		return ""
	}
	return o.pull
}

// parseScale reads SERVICE=NUM; what says where that was given.
func parseScale(what string, specs []string) (map[string]int, error) {
	replicas := map[string]int{}
	for _, spec := range specs {
		service, number, ok := strings.Cut(spec, "=")
		n, err := strconv.Atoi(number)
		switch {
		case !ok || service == "":
			return nil, usage(fmt.Sprintf("invalid %s %q. Should be SERVICE=NUM", what, spec))
		case err != nil:
			return nil, usage(fmt.Sprintf("invalid %s %q: %q is not a number", what, spec, number))
		case n < 0:
			return nil, usage(fmt.Sprintf("invalid %s %q: a service cannot have %d containers", what, spec, n))
		}
		replicas[service] = n
	}
	return replicas, nil
}

func (p *program) createCommand() *cli.Command {
	var o createOptions
	return &cli.Command{
		Name:      "create",
		Category:  categoryRun,
		Usage:     "Create containers without starting them",
		ArgsUsage: "[SERVICE...]",
		Description: "Like up --no-start: pulls images that are missing, makes networks and volumes, creates " +
			"containers, and replaces those that differ from the files.",
		UsageText: "gocompose create\ngocompose create --pull always web",
		Flags:     o.flags(),
		Action: func(c *cli.Context) error {
			if err := o.complete(); err != nil {
				return err
			}
			return p.create(c.Context, o, c.Args().Slice())
		},
	}
}

func (p *program) create(ctx context.Context, o createOptions, services []string) error {
	up := converge{
		command: "create", options: upOptions{createOptions: o, noStart: true, detach: true},
		services: services, mode: project.WithDependencies,
	}
	return up.run(ctx, p)
}
