package runtime

import (
	"context"
	"strings"
	"testing"

	"github.com/gocompose/gocompose/planner"
	"github.com/gocompose/gocompose/project"
)

// load reads a project from the text of a Compose file.
func load(t *testing.T, yaml string) *project.Project {
	t.Helper()
	p, diagnostics := project.Load(t.Context(), project.Options{
		Files: []string{"-"}, Stdin: strings.NewReader(yaml), Name: testProject, ProjectDirectory: "/srv/app",
		Env: []string{"TOKEN=s3cret"},
	})
	if p == nil {
		t.Fatalf("loading: %v", diagnostics)
	}
	return p
}

// stackDriver makes a driver for a project.
func (h host) stackDriver(p *project.Project) *EngineDriver {
	d := NewDriver(h.engine, p, DriverOptions{})
	h.Cleanup(func() {
		if err := d.Close(); err != nil {
			h.Error(err)
		}
	})
	return d
}

// up brings a project up as the command does: images first, then the rest.
func (h host) up(ctx context.Context, p *project.Project, o planner.UpOptions, a ApplyOptions) (*Report, error) {
	state, err := Observe(ctx, h.engine, p)
	if err != nil {
		return nil, err
	}
	plan, err := planner.Up(p, state, o)
	if err != nil {
		return nil, err
	}
	if ahead := plan.Ahead(); !ahead.Empty() {
		report, err := h.apply(ctx, p, ahead, a)
		if err != nil {
			return report, err
		}
		p = p.WithVariables(report.Variables())
		if state, err = ObserveImages(ctx, h.engine, p, state); err != nil {
			return nil, err
		}
		o.Prepared = true
		if plan, err = planner.Up(p, state, o); err != nil {
			return nil, err
		}
	}
	return h.apply(ctx, p, plan, a)
}

// down takes a project down.
func (h host) down(ctx context.Context, p *project.Project, o planner.DownOptions, a ApplyOptions) (*Report, error) {
	state, err := ObserveProject(ctx, h.engine, p.Name())
	if err != nil {
		return nil, err
	}
	plan, err := planner.Down(p, state, o)
	if err != nil {
		return nil, err
	}
	return h.apply(ctx, p, plan, a)
}

func (h host) apply(ctx context.Context, p *project.Project, plan *planner.Plan, a ApplyOptions) (*Report, error) {
	d := NewDriver(h.engine, p, DriverOptions{})
	defer func() {
		if err := d.Close(); err != nil {
			h.Error(err)
		}
	}()
	return Apply(ctx, plan, d, a)
}

// mustUp brings a project up and fails the test where that fails.
func (h host) mustUp(p *project.Project, o planner.UpOptions) *Report {
	h.Helper()
	report, err := h.up(h.Context(), p, o, ApplyOptions{})
	if err != nil {
		h.Fatal(err)
	}
	return report
}
