package main

import (
	"context"
	"strings"

	"github.com/gocompose/gocompose/internal/argv"
	"github.com/gocompose/gocompose/project"
)

// load reads the project and tells its warnings.
func (p *program) load(ctx context.Context, o project.Options) (*project.Project, error) {
	loaded, sources, diagnostics := project.LoadWithSources(ctx, o)
	p.warnAll(diagnostics)
	if diagnostics.HasErrors() {
		return nil, &loadError{diagnostics: diagnostics.Errors(), sources: sources}
	}
	return loaded, nil
}

func (p *program) warnAll(diagnostics project.Diagnostics) {
	for _, d := range diagnostics.Warnings() {
		text := d.Summary
		if place := d.Pos.String(); place != "" && !strings.HasPrefix(text, "The ") {
			text = place + ": " + text
		}
		p.warn(text)
	}
}

// target is the project that a command on existing containers is about.
type target struct {
	name    string
	project *project.Project // nil where there is a name and no files
}

// locate finds the project by its files or, where -p alone names it, by that
// name. The services are those that the command is given.
func (p *program) locate(ctx context.Context, services []string, mode project.SelectMode) (target, error) {
	o := p.loadOptions()
	if o.Name != "" && len(o.Files) == 0 {
		return target{name: o.Name}, nil
	}
	o.Services, o.Mode = services, mode
	o.FreeResources = true   // what no service uses may be there all the same
	o.NoEnvResolution = true // env files are of no account to containers that exist
	o.SharedNames = true     // and they have got their names
	loaded, err := p.load(ctx, o)
	if err != nil {
		if name := p.getenv("COMPOSE_PROJECT_NAME"); name != "" && !isAbout(err, project.CodeNoSuchService) {
			return target{name: name}, nil
		}
		return target{}, err
	}
	return target{name: loaded.Name(), project: loaded}, nil
}

// setting is a variable of the process or else of the project's .env file.
func (p *program) setting(loaded *project.Project, name string) string {
	if value := p.getenv(name); value != "" || loaded == nil {
		return value
	}
	return loaded.Environment()[name]
}

// orphans settles what is done about containers whose service the files no
// longer define.
func (p *program) orphans(loaded *project.Project, flag bool) (remove, ignore bool, err error) {
	ignore = isTrue(p.setting(loaded, "COMPOSE_IGNORE_ORPHANS"))
	if flag && ignore {
		return false, false, &argv.UsageError{Message: "cannot combine COMPOSE_IGNORE_ORPHANS and --remove-orphans"}
	}
	return flag || !ignore && isTrue(p.setting(loaded, "COMPOSE_REMOVE_ORPHANS")), ignore, nil
}
