package project

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"
	"pgregory.net/rapid"
)

// TestQuickModel holds the quick way of loading against compose-go's: what it
// accepts compose-go accepts too, with the same model.
func TestQuickModel(t *testing.T) {
	dir := t.TempDir()
	accepted := 0
	for _, wrong := range []bool{false, true} {
		g := newGenerator(wrong)
		rapid.Check(t, func(t *rapid.T) {
			files := []map[string]any{g.file(t)}
			if rapid.IntRange(0, 3).Draw(t, "override") == 0 {
				files = append(files, g.file(t))
			}
			if compareQuick(t, writeFiles(t, dir, files)) {
				accepted++
			}
		})
	}
	if accepted == 0 {
		t.Error("no drawn file was loaded the quick way")
	}
}

func writeFiles(t *rapid.T, dir string, files []map[string]any) Options {
	options := Options{
		Name: "demo", ProjectDirectory: dir, AllResources: true,
		Env: []string{"PWD=" + dir, "ONE=1", "NO=false", "EMPTY="},
	}
	for i, file := range files {
		content, err := yaml.Marshal(file)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, []string{"one.yaml", "two.yaml"}[i])
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		options.Files = append(options.Files, path)
	}
	return options
}

// failer is what rapid.T and testing.T have in common.
type failer interface {
	Fatalf(format string, args ...any)
	Errorf(format string, args ...any)
}

func compareQuick(t failer, o Options) bool {
	quickLoad, slowLoad := prepared(t, o), prepared(t, o)
	if quickLoad == nil {
		return false
	}
	got, ok := quickLoad.quickModel()
	if !ok {
		return false
	}
	details := slowLoad.details()
	want, err := guarded(func() (map[string]any, error) {
		return loader.LoadModelWithContext(background(), details, slowLoad.slowOptions)
	})
	if err != nil {
		t.Fatalf("the quick way accepts what compose-go refuses: %v\n%s", err, show(quickLoad))
		return false
	}
	if !reflect.DeepEqual(want, got) {
		t.Fatalf("another model than compose-go's (-want +got):\n%s\n%s", cmp.Diff(want, got), show(quickLoad))
	}
	if want, got := missingNames(slowLoad), missingNames(quickLoad); !slices.Equal(want, got) {
		t.Errorf("missing variables %v, want %v\n%s", got, want, show(quickLoad))
	}
	return true
}

// guarded takes a panic of compose-go for an error.
func guarded[T any](call func() (T, error)) (result T, err error) {
	defer func() {
		if problem := recover(); problem != nil {
			err = fmt.Errorf("panic: %v", problem)
		}
	}()
	return call()
}

func prepared(t failer, o Options) *load {
	l, ds := newLoad(context.Background(), o)
	if l == nil {
		t.Fatalf("%v", ds.Err())
		return nil
	}
	if !l.parse() || l.nameProject() != nil {
		return nil
	}
	return l
}

func missingNames(l *load) []string {
	names := map[string]bool{}
	for missing := range l.variables.missing {
		names[missing.name] = true
	}
	return slices.Sorted(maps.Keys(names))
}

func show(l *load) string {
	text := ""
	for _, file := range l.sources.files {
		text += "-- " + file.name + "\n" + string(file.content)
	}
	return text
}

// TestLoadAsComposeGo holds whole loads against compose-go's: the same files
// are refused, and the others make the same project.
func TestLoadAsComposeGo(t *testing.T) {
	dir := t.TempDir()
	for _, wrong := range []bool{false, true} {
		g := newGenerator(wrong)
		rapid.Check(t, func(t *rapid.T) {
			options := writeFiles(t, dir, []map[string]any{g.file(t)})
			options.NoEnvResolution = true
			compareLoad(t, options)
		})
	}
}

func compareLoad(t failer, o Options) {
	got, ds := Load(background(), o)
	l := prepared(t, o)
	if l == nil {
		return
	}
	want, err := guarded(func() (*types.Project, error) {
		return loader.LoadWithContext(background(), l.details(), l.slowOptions, func(o *loader.Options) {
			o.SkipNormalization = false
			o.SkipConsistencyCheck = false
		})
	})
	if err == nil {
		err = want.CheckContainerNameUnicity()
	}
	if (err != nil) != ds.HasErrors() {
		t.Fatalf("compose-go says %v, Load says %v\n%s", err, ds.Err(), show(l))
		return
	}
	if err != nil {
		return
	}
	want.ComposeFiles = got.model.ComposeFiles
	if diff := cmp.Diff(clean(want), clean(got.model)); diff != "" {
		t.Fatalf("another project than compose-go's (-want +got):\n%s\n%s", diff, show(l))
	}
}

// clean takes out what is compared by other means.
func clean(p *types.Project) any {
	yamlText, _ := p.MarshalYAML()
	jsonText, _ := p.MarshalJSON()
	return []string{string(yamlText), string(jsonText)}
}
