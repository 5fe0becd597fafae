package main

import (
	"github.com/urfave/cli/v2"

	"github.com/gocompose/gocompose/project"
)

// runOptions are the flags of run.
type runOptions struct {
	createOptions

	service string
	oneOff  project.OneOff

	env, envFiles, labels, capAdd, capDrop, publish, volumes cli.StringSlice

	entrypoint                 string
	detach, remove, useAliases bool
	noDeps, noTTY, tty, quiet  bool
	interactive                bool
}

func (o *runOptions) flags() []cli.Flag {
	return append([]cli.Flag{
		&cli.BoolFlag{Name: "detach", Aliases: []string{"d"}, Destination: &o.detach,
			Usage: "Leave the container running in the background and print its ID"},
		&cli.BoolFlag{Name: "rm", Destination: &o.remove, Usage: "Remove the container when it has ended"},
		&cli.StringFlag{Name: "name", Destination: &o.oneOff.Name, Usage: "Call the container `NAME`"},
		&cli.StringFlag{Name: "entrypoint", Destination: &o.entrypoint,
			Usage: "Run `COMMAND` instead of the entrypoint"},
		&cli.StringSliceFlag{Name: "env", Aliases: []string{"e"}, Destination: &o.env,
			Usage: "Set a variable: `NAME=VALUE`, or NAME to pass it on; may be repeated"},
		&cli.StringSliceFlag{Name: "env-from-file", Destination: &o.envFiles,
			Usage: "Set the variables in this `FILE`; may be repeated"},
		&cli.StringFlag{Name: "user", Aliases: []string{"u"}, Destination: &o.oneOff.User, Usage: "Run it as this `USER`"},
		&cli.StringFlag{Name: "workdir", Aliases: []string{"w"}, Destination: &o.oneOff.WorkingDir, Usage: "Run it in `DIR`"},
		&cli.StringSliceFlag{Name: "volume", Aliases: []string{"v"}, Destination: &o.volumes,
			Usage: "Mount a volume or path, as `SOURCE:TARGET`; may be repeated"},
		&cli.StringSliceFlag{Name: "publish", Aliases: []string{"p"}, Destination: &o.publish,
			Usage: "Publish a port, as `HOST:CONTAINER`; may be repeated"},
		&cli.BoolFlag{Name: "service-ports", Aliases: []string{"P"}, Destination: &o.oneOff.ServicePorts,
			Usage: "Publish the ports of the service, which run does not by default"},
		&cli.BoolFlag{Name: "use-aliases", Destination: &o.useAliases,
			Usage: "Let others find it by the names of the service"},
		&cli.StringSliceFlag{Name: "label", Aliases: []string{"l"}, Destination: &o.labels,
			Usage: "Label it: `KEY=VALUE`; may be repeated"},
		&cli.StringSliceFlag{Name: "cap-add", Destination: &o.capAdd, Usage: "Give it this Linux `CAPABILITY`; may be repeated"},
		&cli.StringSliceFlag{Name: "cap-drop", Destination: &o.capDrop, Usage: "Take this Linux `CAPABILITY` away; may be repeated"},
		&cli.BoolFlag{Name: "no-deps", Destination: &o.noDeps, Usage: "Leave the services that it needs alone"},
		&cli.BoolFlag{Name: "no-tty", Aliases: []string{"T", "no-TTY"}, Destination: &o.noTTY,
			Usage: "Run it without a terminal, even where output goes to one"},
		&cli.BoolFlag{Name: "interactive", Aliases: []string{"i"}, Value: true, Destination: &o.interactive,
			Usage: "Pass input on to it; --interactive=false does not"},
		&cli.BoolFlag{Name: "tty", Aliases: []string{"t"}, Value: true, Destination: &o.tty, Hidden: true},
		&cli.BoolFlag{Name: "quiet", Aliases: []string{"q"}, Destination: &o.quiet,
			Usage: "Show the container's output alone"},
		o.quietBuildFlag(),
	}, o.bringUpFlags()...)
}

// complete works out what flags imply, and refuses those that contradict each
// other.
func (o *runOptions) complete(c *cli.Context, dir string) error {
	if o.oneOff.ServicePorts && len(o.publish.Value()) > 0 {
		return usage("--service-ports and --publish are incompatible")
	}
	if c.IsSet("entrypoint") {
		o.oneOff.Entrypoint = &o.entrypoint
	}
	o.oneOff.Dir = dir
	o.oneOff.Input = o.interactive
	o.oneOff.Env, o.oneOff.EnvFiles, o.oneOff.Labels = o.env.Value(), o.envFiles.Value(), o.labels.Value()
	o.oneOff.CapAdd, o.oneOff.CapDrop = o.capAdd.Value(), o.capDrop.Value()
	o.oneOff.Publish, o.oneOff.Volumes = o.publish.Value(), o.volumes.Value()
	return o.createOptions.complete()
}

func (o *runOptions) interaction() interaction {
	return interaction{
		tty: o.oneOff.TTY, input: o.oneOff.Input, detach: o.detach, without: "-T runs the command without one",
	}
}
