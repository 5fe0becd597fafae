package main

import (
	"fmt"
	"io"

	"github.com/urfave/cli/v2"

	"github.com/gocompose/gocompose/internal/argv"
	"github.com/gocompose/gocompose/planner"
)

// planOptions say how a plan is shown.
type planOptions struct {
	format     string
	exitCode   bool
	showValues bool
}

func (p *program) planCommand() *cli.Command {
	var o planOptions
	command := &cli.Command{
		Name:     "plan",
		Category: categoryLook,
		Usage:    "Show what a command would do, and why, without doing it",
		Description: "Takes any command that changes something, with its options, and shows the steps " +
			"it would take now, with the reason of each down to the setting that changed. " +
			"Without a command it is about up. Nothing is changed.",
		UsageText: `gocompose plan
gocompose plan web --force-recreate
gocompose plan down --volumes
gocompose plan --exit-code || echo "the host differs from the files"
gocompose plan --format mermaid up`,
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "format", Value: "text", Destination: &o.format,
				Usage: "Write the plan as `TYPE`: text, json, dot or mermaid"},
			&cli.BoolFlag{Name: "exit-code", Destination: &o.exitCode,
				Usage: "Exit with status 2 when there is something to do"},
			&cli.BoolFlag{Name: "show-values", Destination: &o.showValues,
				Usage: "Show old and new values of the environment too"},
		},
		Before: func(*cli.Context) error {
			if _, err := planWriter(o); err != nil {
				return err
			}
			p.planning = &o
			return nil
		},
	}
	for _, c := range p.changingCommands() {
		c.Category = ""
		command.Subcommands = append(command.Subcommands, c)
	}
	return command
}

// show writes the plan instead of applying it.
func (p *program) show(plan *planner.Plan) error {
	o := planOptions{format: "text"}
	if p.planning != nil {
		o = *p.planning
	}
	write, err := planWriter(o)
	if err != nil {
		return err
	}
	if err := write(p.Stdout, plan); err != nil {
		return err
	}
	if o.exitCode && !plan.Empty() {
		return &exitError{code: exitChanges}
	}
	return nil
}

func planWriter(o planOptions) (func(io.Writer, *planner.Plan) error, error) {
	switch o.format {
	case "text":
		return planner.WriteText, nil
	case "json":
		return planner.WriteJSON, nil
	case "dot":
		return planner.WriteDOT, nil
	case "mermaid":
		return planner.WriteMermaid, nil
	default:
		return nil, &argv.UsageError{Message: fmt.Sprintf("unsupported format %q; it is text, json, dot or mermaid", o.format)}
	}
}
