package main

import (
	"context"
	"errors"
	"time"

	"github.com/gocompose/gocompose/internal/engine"
	"github.com/gocompose/gocompose/internal/watch"
	"github.com/gocompose/gocompose/planner"
	"github.com/gocompose/gocompose/project"
	"github.com/gocompose/gocompose/runtime"
)

// converge is a command that makes the host as the files say: up, create and
// scale.
type converge struct {
	command  string
	options  upOptions
	services []string
	mode     project.SelectMode
	watch    *watch.Rules // nil where nothing is to be watched
}

// run is the flow of such a command: load and connect, observe, plan, ask,
// fetch images and call providers, plan again with what came of it, apply.
func (v converge) run(ctx context.Context, p *program) error {
	dialing := p.dial(ctx)
	loaded, planning, err := v.load(ctx, p)
	if err != nil {
		return err
	}
	if v.command == "up" {
		if err := p.agreeToRemote(ctx, loaded, v.options.yes); err != nil {
			return err
		}
	}
	e, err := dialing.engine()
	if err != nil {
		return err
	}
	if loaded, err = p.withAPISocket(ctx, loaded, e); err != nil {
		return err
	}
	state, err := runtime.Observe(ctx, e, loaded)
	if err != nil {
		return err
	}
	return v.bringUp(ctx, p, e, loaded, state, planning)
}

// bringUp plans and applies, or only shows the plan.
func (v converge) bringUp(ctx context.Context, p *program, e *engine.Client, loaded *project.Project, state planner.State, planning planner.UpOptions) error {
	if p.onlyShow() {
		plan, err := planner.Up(loaded, state, planning)
		if err != nil {
			return err
		}
		return p.show(plan)
	}
	plan, planning, err := v.agree(ctx, p, loaded, state, planning)
	if err != nil {
		return err
	}
	return v.carryOut(ctx, p, e, loaded, state, plan, planning)
}

// carryOut applies the plan: what goes ahead, and then what that makes of the rest.
func (v converge) carryOut(ctx context.Context, p *program, e *engine.Client, loaded *project.Project, state planner.State, plan *planner.Plan, planning planner.UpOptions) error {
	c := p.newChange(loaded, e)
	defer c.close()
	c.sink = quietly{c.sink, v.options.quietPull, v.options.quietBuild}
	plan, err := c.ahead(ctx, plan, state, func(p *project.Project, s planner.State, built bool) (*planner.Plan, error) {
		planning.Prepared, planning.Built = true, built
		if v.options.pruneImages {
			planning.Superseded = state.SupersededBy(s, p.Name())
		}
		return planner.Up(p, s, planning)
	})
	if err != nil {
		return err
	}
	c.notes(plan)
	if v.options.detach || v.options.noStart || len(c.project.ServiceNames()) == 0 {
		return c.apply(ctx, plan, false)
	}
	return v.attach(ctx, c, plan)
}

// load reads the project and what the flags make of it.
func (v *converge) load(ctx context.Context, p *program) (*project.Project, planner.UpOptions, error) {
	o := p.loadOptions()
	o.Services, o.Mode = v.services, v.mode
	loaded, err := p.load(ctx, o)
	if err != nil {
		return nil, planner.UpOptions{}, err
	}
	v.services = loaded.Expand(v.services)
	replicas, err := parseScale("--scale option", v.options.scale.Value())
	if err != nil {
		return nil, planner.UpOptions{}, err
	}
	if loaded, err = loaded.WithScale(replicas); err != nil {
		return nil, planner.UpOptions{}, err
	}
	if loaded, err = loaded.WithDefaultPlatform(); err != nil {
		return nil, planner.UpOptions{}, err
	}
	if len(loaded.ServiceNames()) == 0 && v.command == "up" && !p.globals.allResources {
		return nil, planner.UpOptions{}, errors.New("no service selected")
	}
	if err := v.readWatch(p, loaded); err != nil {
		return nil, planner.UpOptions{}, err
	}
	planning, err := v.planning(p, loaded)
	return loaded, planning, err
}

func (v converge) planning(p *program, loaded *project.Project) (planner.UpOptions, error) {
	remove, ignore, err := p.orphans(loaded, v.options.removeOrphans)
	if err != nil {
		return planner.UpOptions{}, err
	}
	return planner.UpOptions{
		Command:               v.command,
		Services:              v.services,
		Recreate:              v.options.recreate(),
		RecreateDeps:          v.options.recreateDependencies(),
		RenewAnonymousVolumes: v.options.renewVolumes,
		NoStart:               v.options.noStart,
		RemoveOrphans:         remove,
		IgnoreOrphans:         ignore,
		Pull:                  v.options.policy(),
		Builds:                v.options.builds(),
		ReplaceVolumes:        v.options.yes,
		Timeout:               v.options.timeout,
		Wait:                  v.options.wait,
		WaitTimeout:           time.Duration(v.options.waitTimeout) * time.Second,
		ShowSecrets:           p.planning != nil && p.planning.showValues,
	}, nil
}
