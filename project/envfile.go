package project

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/dotenv"
	"github.com/compose-spec/compose-go/v2/types"
)

// resolveFiles reads the env and label files of the enabled services into
// their environment and labels. The project must not be shared yet: it
// changes services in place.
func (p *Project) resolveFiles() Diagnostics {
	var ds Diagnostics
	for _, name := range p.ServiceNames() {
		service := p.model.Services[name]
		path := dotted("services", name)
		p.resolveContainer(&service.ContainerSpec, path, &ds)
		for i := range service.PreStart {
			hook := dotted(path, "pre_start", strconv.Itoa(i))
			p.resolveContainer(&service.PreStart[i].ContainerSpec, hook, &ds)
		}
		p.model.Services[name] = service
	}
	return ds
}

func (p *Project) resolveContainer(spec *types.ContainerSpec, path string, ds *Diagnostics) {
	if err := resolveEnvironment(spec, p.model.Environment); err != nil {
		ds.add(Diagnostic{Code: CodeMissingFile, Path: dotted(path, "env_file", err.path), Summary: err.Error()})
	}
	if err := resolveLabels(spec); err != nil {
		ds.add(Diagnostic{Code: CodeMissingFile, Path: dotted(path, "label_file", err.path), Summary: err.Error()})
	}
}

// fileError says which env or label file could not be read.
type fileError struct {
	path string
	err  error
}

func (e *fileError) Error() string { return e.err.Error() }
func (e *fileError) Unwrap() error { return e.err }

// resolveEnvironment gives variables without a value that of the project's
// environment, and adds those of the env files below what is written out. A
// variable in an env file sees the project's environment first, then the
// service's, then the files (docker compose, env_file).
func resolveEnvironment(spec *types.ContainerSpec, project types.Mapping) *fileError {
	if len(spec.Environment) == 0 && len(spec.EnvFiles) == 0 {
		return nil
	}
	spec.Environment = spec.Environment.Resolve(project.Resolve)
	values := spec.Environment.ToMapping()
	lookup := func(name string) (string, bool) {
		if value, ok := project[name]; ok {
			return value, true
		}
		if value := spec.Environment[name]; value != nil {
			return *value, true
		}
		return "", false
	}
	for _, file := range spec.EnvFiles {
		err := readEnvFile(file.Path, file.Format, values, lookup)
		switch {
		case errors.Is(err, fs.ErrNotExist) && !bool(file.Required):
		case errors.Is(err, fs.ErrNotExist):
			return &fileError{file.Path, fmt.Errorf("env file %s not found: %w", file.Path, err)}
		case err != nil:
			return &fileError{file.Path, err}
		}
	}
	spec.Environment = values.ToMappingWithEquals().OverrideBy(spec.Environment)
	spec.EnvFiles = nil
	return nil
}

// resolveLabels adds the labels of the label files below what is written out.
func resolveLabels(spec *types.ContainerSpec) *fileError {
	if len(spec.LabelFiles) == 0 {
		return nil
	}
	labels := types.Mapping{}
	for _, path := range spec.LabelFiles {
		err := readEnvFile(path, "", labels, labels.Resolve)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return &fileError{path, fmt.Errorf("label file %s not found: %w", path, err)}
		case err != nil:
			return &fileError{path, err}
		}
	}
	for name, value := range spec.Labels {
		labels[name] = value
	}
	spec.Labels = types.Labels(labels)
	return nil
}

// maxExpansion bounds the text that variables may expand to, in bytes: an env
// file of a few lines can otherwise fill the memory.
const maxExpansion = 64 << 20

// readEnvFile adds the variables of one file to values. A variable refers to
// what lookup knows, or else to those read before it.
func readEnvFile(path, format string, values types.Mapping, lookup dotenv.LookupFn) error {
	if err := checkReadable(path); err != nil {
		return err
	}
	file, err := os.Open(filepath.Clean(path))
	if err != nil {
		return err
	}
	left := maxExpansion
	bounded := func(name string) (string, bool) {
		value, ok := lookup(name)
		if !ok {
			value, ok = values[name]
		}
		if left -= len(value); left < 0 {
			return "", true
		}
		return value, ok
	}
	if format == formatRaw {
		return errors.Join(readRawEnv(file, path, values, bounded), file.Close())
	}
	err = errors.Join(dotenv.ParseWithFormat(file, path, values, bounded, format), file.Close())
	if err == nil && left < 0 {
		err = fmt.Errorf("%s: variables expand to more than %d bytes", path, maxExpansion)
	}
	return withoutContent(err)
}

// withoutContent leaves out of a parser's words what it found in the file,
// which may be secret.
func withoutContent(err error) error {
	if err == nil {
		return nil
	}
	text := err.Error()
	for _, words := range []string{"unterminated quoted value", "in variable name", "Invalid template"} {
		if before, _, ok := strings.Cut(text, words); ok {
			return errors.New(before + words)
		}
	}
	return err
}
