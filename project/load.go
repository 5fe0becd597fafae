package project

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
)

// Load reads, merges, interpolates, validates and checks the files that the
// options name. The Project is nil exactly when the Diagnostics hold errors;
// they may hold warnings either way.
//
// compose-go reports a few things by logging them with logrus's standard
// logger. Load returns those that matter as diagnostics; a program that wants
// no such lines discards the logger's output.
func Load(ctx context.Context, o Options) (*Project, Diagnostics) {
	project, _, ds := LoadWithSources(ctx, o)
	return project, ds
}

// LoadWithSources also returns the files, for the excerpts of
// [Diagnostics.WriteText]; they are there when the project is not.
func LoadWithSources(ctx context.Context, o Options) (*Project, *Sources, Diagnostics) {
	l, ds := newLoad(ctx, o)
	if l == nil {
		return nil, nil, ds
	}
	project := l.project(ctx)
	if project == nil && !l.found.HasErrors() {
		l.found.fail("internal error in loader: no project and no error")
	}
	l.noteMissing()
	ds = append(ds, l.found...)
	ds.place(l.sources)
	if ds.HasErrors() {
		project = nil
	}
	return project, l.sources, ds.sorted()
}

// place looks up where the things are that the diagnostics are about.
func (ds Diagnostics) place(sources *Sources) {
	for i, d := range ds {
		if d.Pos == (Pos{}) {
			ds[i].Pos, _ = sources.Position(d.Path)
		}
	}
}

// load is one load under way.
type load struct {
	*location
	name      string
	sources   *Sources
	unparsed  bool // a file cannot be parsed by the parser used here
	variables variables
	strict    strictBinds
	included  []string // remote
	found     Diagnostics
}

func newLoad(ctx context.Context, o Options) (*load, Diagnostics) {
	place, ds := locateProject(o)
	if place == nil {
		return nil, ds
	}
	l := &load{location: place, sources: &Sources{}}
	for _, file := range place.files {
		read, err := place.read(ctx, file)
		if err != nil {
			ds.fail("%v", err)
			continue
		}
		l.sources.files = append(l.sources.files, read)
	}
	if ds.HasErrors() {
		return nil, ds
	}
	return l, ds
}

func (l *load) project(ctx context.Context) *Project {
	defer l.recoverPanic()
	if !l.parse() {
		return nil
	}
	if err := l.nameProject(); err != nil {
		l.report(err)
		return nil
	}
	model := l.model(ctx)
	if model == nil {
		return nil
	}
	l.noteVersion()
	written := writtenDependencies(model)
	if !l.options.NoNormalize {
		model["name"] = l.name
		var err error
		if model, err = loader.Normalize(model, l.env); err != nil {
			l.report(err)
			return nil
		}
	}
	return l.bind(model, written)
}

// recoverPanic turns a panic of compose-go on odd input into diagnostics: the
// schema tells what is odd, but compose-go asks it late.
func (l *load) recoverPanic() {
	problem := recover()
	if problem == nil {
		return
	}
	if ds := l.explainSchema(""); ds.HasErrors() {
		l.found = append(l.found, ds...)
		return
	}
	l.found.add(Diagnostic{
		Code:    CodeInternal,
		Summary: fmt.Sprintf("internal error in loader: %v", problem),
		Hint:    "the files hold something that the loader does not expect; please report it with the files",
	})
}

// parse reports files that are too much to decode. A file with an error in
// its syntax is left to compose-go, whose parser says more about it.
func (l *load) parse() bool {
	for _, file := range l.sources.files {
		docs, err := parseDocuments(file.content)
		file.docs = docs
		var limit *limitError
		switch {
		case errors.As(err, &limit):
			l.found.add(limit.diagnostic(file))
		case err != nil:
			l.unparsed = true
		}
	}
	return !l.found.HasErrors()
}

// model is the merged dictionary before normalization, or nil.
func (l *load) model(ctx context.Context) map[string]any {
	if !l.follow(ctx) {
		return nil
	}
	if model, ok := l.quickModel(); ok {
		return model
	}
	l.variables = variables{}
	model, err := loader.LoadModelWithContext(ctx, l.details(), l.slowOptions)
	if err != nil {
		l.report(err)
		return nil
	}
	l.strict = l.findStrictBinds(ctx, model)
	return model
}

// bind makes the project of the dictionary and checks it.
func (l *load) bind(model map[string]any, written map[string][]string) *Project {
	details := l.details()
	options := loader.ToOptions(&details, []func(*loader.Options){l.slowOptions})
	bound, err := loader.ModelToProject(model, options, details)
	if err != nil {
		l.report(err)
		return nil
	}
	for _, file := range details.ConfigFiles {
		bound.ComposeFiles = append(bound.ComposeFiles, file.Filename)
	}
	p := newProject(bound, Project{
		sources:  l.sources,
		sep:      l.separator(),
		version:  l.options.Version,
		envFiles: l.options.envFiles(),
		keepAll:  l.options.AllResources,
		keepFree: l.options.FreeResources,
		written:  written,
		strict:   l.strict,
		included: l.included,
	})
	if !l.options.NoConsistency {
		copyScale(bound.Services)
		if l.found = append(l.found, p.check()...); l.found.HasErrors() {
			return nil
		}
	}
	return l.selectServices(p)
}

func (l *load) selectServices(p *Project) *Project {
	selected, err := p.Select(l.options.Services, l.options.Mode)
	if err != nil {
		l.report(err)
		return nil
	}
	if !l.options.NoConsistency && !l.options.SharedNames {
		l.found = append(l.found, selected.checkContainerNames()...)
	}
	if !l.options.NoEnvResolution {
		l.found = append(l.found, selected.resolveFiles()...)
		selected.resolved = true
	}
	return selected
}

// copyScale gives deploy the number of replicas of scale, as compose-go's
// check does on the way.
func copyScale(services types.Services) {
	for _, service := range services {
		if service.Scale != nil && service.Deploy != nil && service.Deploy.Replicas == nil {
			service.Deploy.Replicas = service.Scale
		}
	}
}

// writtenDependencies are the dependencies that the files spell out, by
// service; normalization adds those that links and the like imply.
func writtenDependencies(model map[string]any) map[string][]string {
	written := map[string][]string{}
	services, _ := model["services"].(map[string]any)
	for name, value := range services {
		service, _ := value.(map[string]any)
		if dependencies, ok := service["depends_on"].(map[string]any); ok {
			written[name] = slices.Sorted(maps.Keys(dependencies))
		}
	}
	return written
}

// serviceConfigs are all services, enabled or not.
func serviceConfigs(model *types.Project) map[string]types.ServiceConfig {
	all := make(map[string]types.ServiceConfig, len(model.Services)+len(model.DisabledServices))
	maps.Copy(all, model.DisabledServices)
	maps.Copy(all, model.Services)
	return all
}
