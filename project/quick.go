package project

import (
	"slices"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/override"
	"github.com/compose-spec/compose-go/v2/paths"
	"github.com/compose-spec/compose-go/v2/transform"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/compose-spec/compose-go/v2/validation"
)

// quickModel loads the files by compose-go's own steps, in compose-go's
// order, but without compiling the schema and without walking the parts of
// the model that a step leaves alone. It gives up, with ok false, on anything
// it is not sure about: compose-go then loads the files from the beginning
// and has the last word, so errors are always compose-go's.
func (l *load) quickModel() (model map[string]any, ok bool) {
	defer func() {
		if recover() != nil { // compose-go's steps panic on some values that its schema forbids
			model, ok = nil, false
		}
	}()
	if l.unparsed || l.options.unusual() {
		return nil, false
	}
	schema, err := loadSchema()
	if err != nil {
		return nil, false
	}
	q := quick{
		schema:       schema,
		casts:        castTable(),
		interpolator: interpolator{&l.variables, l.env.Resolve},
	}
	model = map[string]any{}
	for _, file := range l.mainFiles() {
		if model, ok = q.merge(model, file); !ok {
			return nil, false
		}
	}
	return l.finishQuick(model)
}

// unusual tells whether a step of loading is switched off.
func (o Options) unusual() bool {
	return o.NoInterpolate || o.NoNormalize || o.NoPathResolution
}

type quick struct {
	schema       *composeSchema
	casts        *casts
	interpolator interpolator
}

func (q quick) merge(model map[string]any, file *source) (map[string]any, bool) {
	docs := file.documents()
	if len(docs) != 1 {
		return nil, false
	}
	config, ok := plainValue(docs[0])
	if !ok || !plainConfig(config) {
		return nil, false
	}
	if _, err := q.interpolator.value(config, q.casts); err != nil {
		return nil, false
	}
	if !extended(config) {
		return nil, false
	}
	model, err := override.Merge(model, config)
	if err != nil || !onPart(model, uniqueLists, override.EnforceUnicity) || !q.schema.accepts(model) {
		return nil, false
	}
	delete(model, "version")
	canonical := func(part map[string]any) (map[string]any, error) {
		part, err := transform.Canonical(part, false)
		if err != nil {
			return nil, err
		}
		return loader.OmitEmpty(part), nil
	}
	ok = onPart(model, canonicalKeys, canonical) && onPart(model, uniqueLists, override.EnforceUnicity)
	return model, ok
}

// plainConfig refuses what makes compose-go include files or rename keys.
func plainConfig(config map[string]any) bool {
	if _, ok := config["include"]; ok {
		return false
	}
	services, ok := config["services"].(map[string]any)
	if !ok {
		_, ok = config["services"]
		return !ok
	}
	for _, value := range services {
		service, ok := value.(map[string]any)
		if !ok || service["x-develop"] != nil || hasAliasedSync(service) {
			return false
		}
	}
	return true
}

// hasAliasedSync looks for the older name of develop.watch's initial_sync.
func hasAliasedSync(service map[string]any) bool {
	develop, _ := service["develop"].(map[string]any)
	watch, _ := develop["watch"].([]any)
	return slices.ContainsFunc(watch, func(rule any) bool {
		fields, _ := rule.(map[string]any)
		_, ok := fields["x-initialSync"]
		return ok
	})
}

func (l *load) finishQuick(model map[string]any) (map[string]any, bool) {
	if len(model) == 0 {
		return nil, false
	}
	checked := func(part map[string]any) (map[string]any, error) { return part, validation.Validate(part) }
	resolved := func(part map[string]any) (map[string]any, error) {
		return part, paths.ResolveRelativePaths(part, l.dir, []paths.RemoteResource{IsRemote})
	}
	l.strict = strictBindsOf(model)
	ok := onPart(model, defaultKeys, transform.SetDefaultValues) &&
		onPart(model, checkedKeys, checked) &&
		onPart(model, pathKeys, resolved)
	if !ok {
		return nil, false
	}
	loader.ResolveEnvironment(model, l.env)
	return model, true
}

// slowOptions make compose-go do the same steps by itself.
func (l *load) slowOptions(o *loader.Options) {
	o.SetProjectName(l.name, l.name == loader.NormalizeProjectName(l.name))
	o.Profiles = l.profiles()
	o.Interpolate.Substitute = l.variables.substitute
	o.SkipInterpolation = l.options.NoInterpolate
	o.ResolvePaths = !l.options.NoPathResolution
	o.ConvertWindowsPaths = o.ResolvePaths && isTrue(l.env[envConvertPaths])
	o.ResourceLoaders = append(slices.Clone(o.ResourceLoaders), remoteLoader{l.location})
	// Normalization, consistency and the files of services come later: see load.
	o.SkipNormalization = true
	o.SkipConsistencyCheck = true
	o.SkipResolveEnvironment = true
	o.SkipResolveLabels = true
}

func (l *load) details() types.ConfigDetails {
	details := types.ConfigDetails{WorkingDir: l.dir, Environment: l.env}
	for _, file := range l.mainFiles() {
		details.ConfigFiles = append(details.ConfigFiles, types.ConfigFile{Filename: file.name, Content: file.content})
	}
	return details
}

// mainFiles are those that were asked for, not those that they refer to.
func (l *load) mainFiles() []*source {
	return slices.DeleteFunc(slices.Clone(l.sources.files), func(file *source) bool { return file.under })
}
