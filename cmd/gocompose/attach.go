package main

import (
	"cmp"
	"context"

	"github.com/urfave/cli/v2"

	"github.com/gocompose/gocompose/runtime"
)

type attachOptions struct {
	service    string
	index      int
	noStdin    bool
	sigProxy   bool
	detachKeys string
}

func (p *program) attachCommand() *cli.Command {
	var o attachOptions
	return &cli.Command{
		Name:      "attach",
		Category:  categoryManage,
		Usage:     "Connect this terminal to a running container",
		ArgsUsage: "SERVICE",
		Description: "Shows what the container writes and passes input on until it ends, with its exit status. Signals, " +
			"such as that of Ctrl-C, go to the container. Where it has a terminal of its own, ctrl-p,ctrl-q leaves it running.",
		UsageText: `gocompose attach web
gocompose attach --no-stdin --sig-proxy=false web`,
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "detach-keys", Destination: &o.detachKeys,
				Usage: "Leave by these `KEYS`, such as ctrl-a,d"},
			&cli.IntFlag{Name: "index", Destination: &o.index, Usage: "Use the container with the number `N` of the service"},
			&cli.BoolFlag{Name: "no-stdin", Destination: &o.noStdin, Usage: "Pass no input on"},
			&cli.BoolFlag{Name: "sig-proxy", Value: true, Destination: &o.sigProxy,
				Usage: "Pass signals on; --sig-proxy=false has Ctrl-C end the command alone"},
		},
		Action: func(c *cli.Context) error {
			if err := needArgs(c, 1); err != nil {
				return err
			}
			o.service = c.Args().First()
			return p.attach(c.Context, o)
		},
	}
}

// attach passes the exit status of the container on as its own.
func (p *program) attach(ctx context.Context, o attachOptions) error {
	e, c, err := p.running(ctx, o.service, o.index)
	if err != nil {
		return err
	}
	streams, err := runtime.AttachableStreams(ctx, e, c.ID)
	if err != nil {
		return err
	}
	if p.onlyShow() {
		return p.say("would attach to container %s", c.Name)
	}
	want := interaction{
		tty: streams.TTY, input: streams.Stdin && !o.noStdin, without: "--no-stdin attaches to it without input",
		detachKeys: e.Config().DetachKeys,
	}
	if o.detachKeys != "" {
		want.detachKeys, want.keysFrom = o.detachKeys, "--detach-keys"
	}
	user, err := p.interact(want)
	if err != nil {
		return err
	}
	run := runtime.AttachOptions{DetachKeys: cmp.Or(want.detachKeys, usualDetachKeys)}
	if o.sigProxy && !streams.TTY { // a terminal makes signals of keys
		signals, stop := p.passSignals()
		defer stop()
		run.Signals = signals
	}
	code, err := runtime.Attach(ctx, e, c.ID, run, user)
	p.terminal.restore()
	if err != nil {
		return err
	}
	return asStatus(code)
}
