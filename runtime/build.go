package runtime

import (
	"context"
	"errors"
	"fmt"

	"github.com/gocompose/gocompose/internal/build"
	"github.com/gocompose/gocompose/planner"
	"github.com/gocompose/gocompose/project"
)

// BuildOptions say how images are built.
type BuildOptions struct {
	build.Options
	// Native builds images for the platform of their service or the engine alone,
	// though the files name more: what containers need.
	Native bool
}

// BuildError is the failure of a service's build.
type BuildError struct {
	Service string
	Err     error
}

// Error names the service.
func (e *BuildError) Error() string { return fmt.Sprintf("service %q: %v", e.Service, e.Err) }

// Unwrap is the failure.
func (e *BuildError) Unwrap() error { return e.Err }

// Excerpt shows the place of the Dockerfile that failed, as BuildKit draws it;
// it is empty where it is not known.
func (e *BuildError) Excerpt() string {
	if excerpts := build.Excerpts(e.Err); len(excerpts) > 0 {
		return excerpts[0]
	}
	return ""
}

// build makes the image of a service.
func (d *EngineDriver) build(ctx context.Context, op planner.BuildImage, in Inputs) (Output, error) {
	service, ok := d.project.AnyService(op.Service)
	if !ok {
		return Output{}, fmt.Errorf("no such service: %s", op.Service)
	}
	definition, err := build.Define(d.project, service, d.building.Native)
	if err != nil {
		return Output{}, &BuildError{Service: op.Service, Err: err}
	}
	id, err := d.builder.Build(ctx, definition, func(p build.Progress) {
		in.report(Progress{Build: &p})
	})
	switch {
	case ctx.Err() != nil:
		return Output{}, context.Cause(ctx)
	case err != nil:
		return Output{}, &BuildError{Service: op.Service, Err: err}
	default:
		return Output{ID: id}, nil
	}
}

// CheckBuilds looks for what the builds of a plan read on this machine: directories,
// Dockerfiles, secrets. What is missing is better told before anything is built.
func CheckBuilds(p *project.Project, plan *planner.Plan, o BuildOptions) error {
	var errs []error
	for _, step := range plan.Steps {
		op, ok := step.Op.(planner.BuildImage)
		if !ok {
			continue
		}
		service, _ := p.AnyService(op.Service)
		definition, err := build.Define(p, service, o.Native)
		if err == nil {
			err = definition.Check()
		}
		if err != nil {
			errs = append(errs, &BuildError{Service: op.Service, Err: err})
		}
	}
	return errors.Join(errs...)
}
