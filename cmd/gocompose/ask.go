package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/gocompose/gocompose/internal/ui"
	"github.com/gocompose/gocompose/planner"
	"github.com/gocompose/gocompose/project"
)

// canAsk tells whether somebody is there to answer.
func (p *program) canAsk() bool { return isTerminal(p.Stdin) && isTerminal(p.Stderr) }

func (p *program) confirm(ctx context.Context, question string) (bool, error) {
	return ui.Confirm(ctx, p.Stdin, p.Stderr, question)
}

// agree plans, and asks once where data would be lost. On no, and where nobody
// can be asked, the volumes stay as they are and the plan says so.
func (v converge) agree(ctx context.Context, p *program, loaded *project.Project, state planner.State, o planner.UpOptions) (*planner.Plan, planner.UpOptions, error) {
	ask := !o.ReplaceVolumes && p.canAsk()
	if ask {
		o.ReplaceVolumes = true
	}
	plan, err := planner.Up(loaded, state, o)
	if err != nil || !ask {
		return plan, o, err
	}
	volumes := lost(plan)
	if len(volumes) == 0 {
		return plan, o, nil
	}
	yes, err := p.confirm(ctx, fmt.Sprintf(
		"Volume %s exists but doesn't match the configuration in the Compose file. Recreate it, and lose its data?",
		strings.Join(volumes, ", ")))
	if err != nil || yes {
		return plan, o, err
	}
	o.ReplaceVolumes = false
	plan, err = planner.Up(loaded, state, o)
	return plan, o, err
}

// lost names the volumes whose data the plan destroys.
func lost(plan *planner.Plan) []string {
	var names []string
	for _, step := range plan.AtRisk(planner.DataLoss) {
		if remove, ok := step.Op.(planner.RemoveVolume); ok {
			names = append(names, remove.Name)
		}
	}
	return names
}
