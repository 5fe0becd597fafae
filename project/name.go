package project

import (
	"fmt"
	"path/filepath"

	"github.com/compose-spec/compose-go/v2/interpolation"
	"github.com/compose-spec/compose-go/v2/loader"
)

// nameProject settles the project name: the one asked for, that of
// COMPOSE_PROJECT_NAME, the name in the last file that has one, or that of
// the project directory. The files can use it as COMPOSE_PROJECT_NAME.
func (l *load) nameProject() error {
	name, err := l.projectName()
	if err != nil {
		return err
	}
	if name == "" {
		return fmt.Errorf("project name must not be empty")
	}
	l.name = name
	l.env[envProjectName] = name
	return nil
}

func (l *load) projectName() (string, error) {
	for _, asked := range []string{l.options.Name, l.env[envProjectName]} {
		if asked == "" {
			continue
		}
		if loader.NormalizeProjectName(asked) != asked {
			return "", loader.InvalidProjectNameErr(asked)
		}
		return asked, nil
	}
	written := ""
	for _, file := range l.sources.files {
		for _, doc := range file.documents() {
			if name := topLevelText(doc, "name"); name != "" {
				written = name
			}
		}
	}
	if written == "" {
		return loader.NormalizeProjectName(filepath.Base(l.home)), nil
	}
	return l.writtenName(written)
}

func (l *load) writtenName(name string) (string, error) {
	if !l.options.NoInterpolate {
		replaced, err := interpolation.Interpolate(map[string]any{"name": name}, interpolation.Options{
			LookupValue: l.env.Resolve,
			Substitute:  l.variables.substitute,
		})
		if err != nil {
			return "", err
		}
		name, _ = replaced["name"].(string)
	}
	if l.options.NoNormalize {
		return name, nil
	}
	return loader.NormalizeProjectName(name), nil
}
