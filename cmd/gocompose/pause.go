package main

import (
	"errors"
	"fmt"

	"github.com/urfave/cli/v2"

	"github.com/gocompose/gocompose/planner"
)

func (p *program) pauseCommand() *cli.Command {
	return p.freezing(freezing{
		name: "pause", usage: "Freeze running containers", plan: planner.Pause,
		refused: planner.PausedNow, text: "is already paused",
	})
}

func (p *program) unpauseCommand() *cli.Command {
	return p.freezing(freezing{
		name: "unpause", usage: "Let frozen containers go on", plan: planner.Unpause,
		refused: planner.Running, text: "is not paused",
	})
}

// freezing is what pause and unpause differ in.
type freezing struct {
	name, usage string
	plan        verbPlan
	// refused is the phase of containers to which it cannot be done. Where there
	// are no others, the command fails, as it does with docker compose, which also
	// fails where there are.
	refused planner.Phase
	text    string
}

func (p *program) freezing(f freezing) *cli.Command {
	return &cli.Command{
		Name:      f.name,
		Category:  categoryManage,
		Usage:     f.usage,
		ArgsUsage: "[SERVICE...]",
		UsageText: "gocompose " + f.name + "\ngocompose " + f.name + " web",
		Action: func(c *cli.Context) error {
			v := p.verbOn(planner.VerbOptions{Services: c.Args().Slice()}, f.plan)
			v.refuse = f.refuse
			return v.run(c.Context, p)
		},
	}
}

func (f freezing) refuse(plan *planner.Plan) error {
	if !plan.Empty() {
		return nil
	}
	var errs []error
	for _, kept := range plan.Kept {
		if kept.State == f.refused {
			errs = append(errs, fmt.Errorf("container %s %s", kept.Name, f.text))
		}
	}
	return errors.Join(errs...)
}
