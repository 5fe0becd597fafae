package main

import (
	"time"

	"github.com/urfave/cli/v2"

	"github.com/gocompose/gocompose/internal/argv"
	"github.com/gocompose/gocompose/planner"
)

// upOptions are the flags of up.
type upOptions struct {
	createOptions

	detach, noStart, noDeps    bool
	alwaysRecreateDeps         bool
	renewVolumes               bool
	abortOnExit, abortOnFailed bool
	exitCodeFrom               string
	attach, noAttach           cli.StringSlice
	attachDependencies         bool
	noColour, noLogPrefix      bool
	timestamps                 bool
	wait                       bool
	waitTimeout                int
	watch, menu                bool
	pruneImages                bool

	grace   grace
	timeout *time.Duration
}

func (o *upOptions) flags() []cli.Flag {
	own := []cli.Flag{
		&cli.BoolFlag{Name: "detach", Aliases: []string{"d"}, Destination: &o.detach,
			Usage: "Leave the containers running in the background"},
		&cli.BoolFlag{Name: "wait", Destination: &o.wait,
			Usage: "Wait until services are running or healthy; implies --detach"},
		&cli.IntFlag{Name: "wait-timeout", Destination: &o.waitTimeout,
			Usage: "Wait for at most `SECONDS`"},
		&cli.BoolFlag{Name: "no-start", Destination: &o.noStart,
			Usage: "Create containers without starting them"},
		&cli.BoolFlag{Name: "no-deps", Destination: &o.noDeps,
			Usage: "Leave the services that the named ones need alone"},
		&cli.BoolFlag{Name: "always-recreate-deps", Destination: &o.alwaysRecreateDeps,
			Usage: "Recreate the services that the named ones need"},
		&cli.BoolFlag{Name: "renew-anon-volumes", Aliases: []string{"V"}, Destination: &o.renewVolumes,
			Usage: "Give recreated containers new anonymous volumes"},
		o.grace.flag(),
		&cli.BoolFlag{Name: "abort-on-container-exit", Destination: &o.abortOnExit,
			Usage: "Stop all containers once one has stopped"},
		&cli.BoolFlag{Name: "abort-on-container-failure", Destination: &o.abortOnFailed,
			Usage: "Stop all containers once one has failed"},
		&cli.StringFlag{Name: "exit-code-from", Destination: &o.exitCodeFrom,
			Usage: "Exit with the status of this `SERVICE`; implies --abort-on-container-exit"},
		&cli.StringSliceFlag{Name: "attach", Destination: &o.attach,
			Usage: "Show the output of this `SERVICE` alone; may be repeated"},
		&cli.StringSliceFlag{Name: "no-attach", Destination: &o.noAttach,
			Usage: "Do not show the output of this `SERVICE`; may be repeated"},
		&cli.BoolFlag{Name: "attach-dependencies", Destination: &o.attachDependencies,
			Usage: "Also show the output of the services that the named ones need"},
		&cli.BoolFlag{Name: "timestamps", Destination: &o.timestamps, Usage: "Show when lines were written"},
		&cli.BoolFlag{Name: "no-log-prefix", Destination: &o.noLogPrefix, Usage: "Do not name the container before each line"},
		&cli.BoolFlag{Name: "no-color", Destination: &o.noColour, Usage: "Do not colour the output"},
		&cli.BoolFlag{Name: "watch", Aliases: []string{"w"}, Destination: &o.watch,
			Usage: "Watch files and act on changes, as the command watch does"},
		&cli.BoolFlag{Name: "menu", Value: true, Destination: &o.menu,
			Usage: "On a terminal, take keys: d leaves the containers running, w watches files"},
		&cli.BoolFlag{Name: "prune-images", Destination: &o.pruneImages,
			Usage: "In the end, remove images of the application that were replaced by newer ones of their name and that nothing uses"},
		o.quietBuildFlag(),
	}
	return append(own, o.createOptions.flags()...)
}

// complete works out what flags imply, and refuses those that contradict each
// other in the words of docker compose.
func (o *upOptions) complete(c *cli.Context) error {
	if o.exitCodeFrom != "" && !o.abortOnFailed {
		o.abortOnExit = true
	}
	attaches := o.abortOnExit || o.attachDependencies || len(o.attach.Value()) > 0
	switch {
	case o.wait && attaches:
		return usage("--wait cannot be combined with --abort-on-container-exit, --attach or --attach-dependencies")
	case o.wait && o.abortOnFailed:
		return usage("--wait cannot be combined with --abort-on-container-failure")
	case o.wait && o.watch:
		return usage("--wait cannot be combined with --abort-on-container-exit, --abort-on-container-failure, --attach, --attach-dependencies or --watch")
	}
	o.detach = o.detach || o.wait
	switch {
	case o.detach && (attaches || o.abortOnFailed || o.watch):
		return usage("--detach cannot be combined with --abort-on-container-exit, --abort-on-container-failure, --attach, --attach-dependencies or --watch")
	case o.noBuild && o.watch:
		return usage("--no-build and --watch are incompatible")
	case o.attachDependencies && len(o.attach.Value()) > 0:
		return usage("cannot combine --attach and --attach-dependencies")
	case o.abortOnExit && o.abortOnFailed:
		return usage("--abort-on-container-failure cannot be combined with --abort-on-container-exit")
	case o.waitTimeout < 0:
		return usage("--wait-timeout must be a non-negative integer")
	case o.noRecreate && o.renewVolumes:
		return usage("--no-recreate and --renew-anon-volumes are incompatible")
	case o.noRecreate && o.alwaysRecreateDeps:
		return usage("--always-recreate-deps and --no-recreate are incompatible")
	}
	o.timeout = o.grace.duration(c)
	return o.createOptions.complete()
}

// recreate applies to the services that are named. New anonymous volumes need
// new containers.
func (o *upOptions) recreate() planner.Recreate {
	switch {
	case o.noRecreate:
		return planner.RecreateNever
	case o.forceRecreate || o.renewVolumes:
		return planner.RecreateForce
	default:
		return planner.RecreateDiverged
	}
}

// recreateDependencies applies to what the named services need.
func (o *upOptions) recreateDependencies() planner.Recreate {
	switch {
	case o.noRecreate:
		return planner.RecreateNever
	case o.alwaysRecreateDeps:
		return planner.RecreateForce
	default:
		return planner.RecreateDiverged
	}
}

func usage(message string) error { return &argv.UsageError{Message: message} }
