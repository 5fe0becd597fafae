package main

import (
	"context"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/gocompose/gocompose/runtime"
)

type execOptions struct {
	service     string
	index       int
	noTTY       bool
	tty         bool
	interactive bool
	env         cli.StringSlice
	run         runtime.ExecOptions
}

func (p *program) execCommand() *cli.Command {
	var o execOptions
	return &cli.Command{
		Name:      "exec",
		Category:  categoryManage,
		Usage:     "Run a command in a running container",
		ArgsUsage: "SERVICE COMMAND [ARG...]",
		UsageText: `gocompose exec web sh
gocompose exec -T db pg_dump --username shop > shop.sql`,
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "detach", Aliases: []string{"d"}, Destination: &o.run.Detach, Usage: "Start the command and leave"},
			&cli.StringSliceFlag{Name: "env", Aliases: []string{"e"}, Destination: &o.env,
				Usage: "Set a variable: `NAME=VALUE`"},
			&cli.IntFlag{Name: "index", Destination: &o.index, Usage: "Use the container with the number `N` of the service"},
			&cli.BoolFlag{Name: "no-tty", Aliases: []string{"T", "no-TTY"}, Destination: &o.noTTY,
				Usage: "Run it without a terminal, even where output goes to one"},
			&cli.BoolFlag{Name: "privileged", Destination: &o.run.Privileged, Usage: "Give the command all privileges"},
			&cli.StringFlag{Name: "user", Aliases: []string{"u"}, Destination: &o.run.User, Usage: "Run it as this `USER`"},
			&cli.StringFlag{Name: "workdir", Aliases: []string{"w"}, Destination: &o.run.WorkingDir, Usage: "Run it in `DIR`"},
			&cli.BoolFlag{Name: "interactive", Aliases: []string{"i"}, Value: true, Destination: &o.interactive, Hidden: true},
			&cli.BoolFlag{Name: "tty", Aliases: []string{"t"}, Value: true, Destination: &o.tty, Hidden: true},
		},
		Action: func(c *cli.Context) error {
			if err := needArgs(c, 2); err != nil {
				return err
			}
			o.service, o.run.Command = c.Args().First(), c.Args().Tail()
			o.run.Env = o.env.Value()
			return p.exec(c.Context, o)
		},
	}
}

// exec passes the exit status of the command on as its own.
func (p *program) exec(ctx context.Context, o execOptions) error {
	e, c, err := p.running(ctx, o.service, o.index)
	if err != nil {
		return err
	}
	if p.onlyShow() {
		return p.say("would run in container %s: %s", c.Name, strings.Join(o.run.Command, " "))
	}
	user, err := p.interact(interaction{
		tty: o.tty && !o.noTTY && isTerminal(p.Stdout), input: o.interactive, detach: o.run.Detach,
		detachKeys: e.Config().DetachKeys, without: "-T runs the command without one",
	})
	if err != nil {
		return err
	}
	code, err := runtime.Exec(ctx, e, c.ID, o.run, user)
	p.terminal.restore()
	if err != nil {
		return err
	}
	return asStatus(code)
}
