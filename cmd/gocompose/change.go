package main

import (
	"context"
	"fmt"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/gocompose/gocompose/internal/engine"
	"github.com/gocompose/gocompose/internal/ui"
	"github.com/gocompose/gocompose/planner"
	"github.com/gocompose/gocompose/project"
	"github.com/gocompose/gocompose/runtime"
)

// change is one change to the host under way.
type change struct {
	*program
	project  *project.Project
	engine   *engine.Client
	console  *ui.Console
	progress *ui.Progress
	sink     runtime.Sink // progress, or what filters for it
	building runtime.BuildOptions
}

func (p *program) newChange(loaded *project.Project, e *engine.Client) *change {
	c := &change{program: p, project: loaded, engine: e, console: p.console()}
	c.progress = ui.NewProgress(c.console, p.style)
	c.sink = c.progress
	c.building.Native = true
	c.building.Classic = p.getenv("DOCKER_BUILDKIT") == "0"
	return c
}

// close writes all that is left to write.
func (c *change) close() { c.console.Close() }

// options are how plans are applied.
func (c *change) options() (runtime.ApplyOptions, error) {
	parallel, err := c.parallel()
	return runtime.ApplyOptions{Parallel: parallel, Sink: c.sink}, err
}

// quietly keeps the layers of images being pulled, and what builders tell, out of
// the progress. That a pull is tried again is told.
type quietly struct {
	runtime.Sink
	pulls, builds bool
}

func (s quietly) Event(e runtime.Event) {
	_, pull := e.Step.Op.(planner.PullImage)
	_, build := e.Step.Op.(planner.BuildImage)
	pull = pull && e.Progress != nil && e.Progress.Status != runtime.Retrying && !runtime.EngineRetries(*e.Progress)
	if e.Phase != runtime.PhaseProgress || !(pull && s.pulls || build && s.builds) {
		s.Sink.Event(e)
	}
}

// apply carries out a plan and shows it.
func (c *change) apply(ctx context.Context, plan *planner.Plan, keepGoing bool) error {
	c.progress.Begin(plan)
	defer c.progress.End()
	_, err := c.carryOut(ctx, plan, keepGoing)
	return err
}

// carryOut is apply without the frame around what is shown.
func (c *change) carryOut(ctx context.Context, plan *planner.Plan, keepGoing bool) (*runtime.Report, error) {
	options, err := c.options()
	if err != nil || plan.Empty() {
		return &runtime.Report{}, err
	}
	options.KeepGoing = keepGoing
	if err := runtime.CheckBuilds(c.project, plan, c.building); err != nil {
		return &runtime.Report{}, err
	}
	defer c.tellDelay(ctx)()
	driver := runtime.NewDriver(c.engine, c.project, runtime.DriverOptions{Build: c.building})
	defer func() { _ = driver.Close() }() // all its steps have ended
	report, err := runtime.Apply(ctx, plan, driver, options)
	runtime.Settle(ctx, c.engine, c.project.Name(), report)
	return report, err
}

// ahead does the part of a plan that goes ahead: what becomes of containers is
// known only once their images are there, and providers and models have said what
// variables services get. It returns the plan for the rest, which again makes for
// the project and state that came of it. What could not be fetched is built in a
// second round; built says that this has been.
func (c *change) ahead(
	ctx context.Context, plan *planner.Plan, state planner.State,
	again func(p *project.Project, s planner.State, built bool) (*planner.Plan, error),
) (*planner.Plan, error) {
	for _, built := range []bool{false, true} {
		ahead := plan.Ahead()
		if ahead.Empty() {
			break
		}
		var err error
		if state, err = c.prepare(ctx, ahead, state); err != nil {
			return nil, err
		}
		if plan, err = again(c.project, state, built); err != nil {
			return nil, err
		}
	}
	return plan, nil
}

// prepare carries out a plan that goes ahead of another. The state has the images
// then, and the change's project the variables.
func (c *change) prepare(ctx context.Context, ahead *planner.Plan, state planner.State) (planner.State, error) {
	c.progress.Begin(ahead)
	defer c.progress.End()
	report, err := c.carryOut(ctx, ahead, true)
	if err != nil {
		return state, err
	}
	c.project = c.project.WithVariables(report.Variables())
	return runtime.ObserveImages(ctx, c.engine, c.project, state)
}

// patience is how long the end after an interrupt may take without a word.
const patience = time.Second

// tellDelay tells who interrupted the command why it has not ended yet: the
// engine is still to answer. The returned function is for when it has.
func (c *change) tellDelay(ctx context.Context) (ended func()) {
	done := make(chan struct{})
	forget := context.AfterFunc(ctx, func() {
		select {
		case <-done:
		case <-time.After(patience):
			c.console.Err(ui.WarningText(c.style, "waiting for what is under way; press Ctrl+C again to leave at once"))
		}
	})
	return func() {
		forget()
		close(done)
	}
}

// notes tells what the plan has to say.
func (c *change) notes(plan *planner.Plan) {
	for _, note := range plan.Notes {
		c.console.Err(ui.WarningText(c.style, note.Text))
	}
}

// onlyShow tells whether changing commands show their plan and stop there.
func (p *program) onlyShow() bool { return p.globals.dryRun || p.planning != nil }

// verb is a command on containers that exist.
type verb struct {
	services []string
	mode     project.SelectMode
	plan     func(*project.Project, planner.State) (*planner.Plan, error)
	// images tells that planning looks at the project's images.
	images bool
	// keepGoing goes on where one container fails.
	keepGoing bool
	// nothing is said where there is no container under the project's name.
	nothing func(name string) error
	// refuse makes an error of what the plan leaves alone; nil makes none.
	refuse func(*planner.Plan) error
	// confirm asks before the plan is applied; nil asks nothing.
	confirm func(context.Context, *planner.Plan) error
}

// run locates the project, observes the host, plans, and applies the plan.
func (v verb) run(ctx context.Context, p *program) error {
	dialing := p.dial(ctx)
	found, err := p.locate(ctx, v.services, v.mode)
	if err != nil {
		return err
	}
	e, err := dialing.engine()
	if err != nil {
		return err
	}
	return v.runOn(ctx, p, e, found)
}

// runOn is run for a project that is located already.
func (v verb) runOn(ctx context.Context, p *program, e *engine.Client, found target) error {
	loaded, state, err := v.observe(ctx, e, found)
	if err != nil {
		return err
	}
	if found.project == nil && v.nothing != nil && len(state.Containers) == 0 {
		return v.nothing(found.name)
	}
	plan, err := v.plan(loaded, state)
	if err != nil {
		return err
	}
	if p.onlyShow() {
		return p.show(plan)
	}
	if v.confirm != nil {
		if err := v.confirm(ctx, plan); err != nil {
			return err
		}
	}
	c := p.newChange(loaded, e)
	defer c.close()
	c.notes(plan)
	if v.refuse != nil {
		if err := v.refuse(plan); err != nil {
			return err
		}
	}
	return c.apply(ctx, plan, v.keepGoing)
}

func (v verb) observe(ctx context.Context, e *engine.Client, found target) (*project.Project, planner.State, error) {
	if found.project != nil && v.images {
		state, err := runtime.Observe(ctx, e, found.project)
		return found.project, state, err
	}
	state, err := runtime.ObserveProject(ctx, e, found.name)
	if err != nil || found.project != nil {
		return found.project, state, err
	}
	rebuilt, err := runtime.ProjectFromState(found.name, state)
	return rebuilt, state, err
}

// grace is a --timeout in seconds.
type grace struct{ seconds int }

func (g *grace) flag() cli.Flag {
	return &cli.IntFlag{Name: "timeout", Aliases: []string{"t"}, Destination: &g.seconds,
		Usage: "Kill containers that have not stopped after `SECONDS`"}
}

// duration is nil where the flag was not given: every container then has its
// own.
func (g *grace) duration(c *cli.Context) *time.Duration {
	if !c.IsSet("timeout") {
		return nil
	}
	d := time.Duration(g.seconds) * time.Second
	return &d
}

// say writes a line to standard output.
func (p *program) say(format string, args ...any) error {
	_, err := fmt.Fprintf(p.Stdout, format+"\n", args...)
	return err
}
