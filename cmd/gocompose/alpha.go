package main

import (
	"slices"

	"github.com/urfave/cli/v2"

	"github.com/gocompose/gocompose/internal/argv"
)

// The group of docker compose's experiments, and its older way to ask for a dry
// run.
const (
	groupAlpha  = "alpha"
	redoAsDry   = "dry-run"
	flagDryRun  = "--dry-run"
	experiments = "Experiments of docker compose, and older names of commands"
)

// alphaCommand is hidden, as docker compose hides it.
func (p *program) alphaCommand() *cli.Command {
	scale, publish := p.scaleCommand(), p.publishCommand()
	scale.Hidden, publish.Hidden = true, true
	watch := p.alphaWatchCommand()
	return &cli.Command{
		Name:   groupAlpha,
		Hidden: true,
		Usage:  experiments,
		Subcommands: own(p.vizCommand(), p.generateCommand(), publish, scale, watch, &cli.Command{
			Name:      redoAsDry,
			Hidden:    true,
			Usage:     "Show what a command would do, and do nothing: the older way to say --dry-run",
			ArgsUsage: "-- COMMAND [ARGS...]",
			// What it does is done by withoutDryRunCommand.
		}),
		Action: func(*cli.Context) error { return p.help(p.app(), []string{groupAlpha}) },
	}
}

// withoutDryRunCommand puts the flag --dry-run in the place of the command alpha
// dry-run.
func withoutDryRunCommand(table argv.Command, line argv.Line) (argv.Line, error) {
	if !slices.Equal(line.Path, []string{groupAlpha, redoAsDry}) || line.Help || len(line.Operands) == 0 {
		return line, nil
	}
	globals := line.Args[:slices.Index(line.Args, groupAlpha)]
	return argv.Parse(table, slices.Concat(globals, []string{flagDryRun}, line.Operands))
}
