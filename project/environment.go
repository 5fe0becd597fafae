package project

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
)

// Variables that decide what is loaded. Those marked * count in .env too.
const (
	envFile           = "COMPOSE_FILE"                  // *
	envPathSeparator  = "COMPOSE_PATH_SEPARATOR"        // *
	envProjectName    = "COMPOSE_PROJECT_NAME"          // *
	envProfiles       = "COMPOSE_PROFILES"              // *
	envCompatibility  = "COMPOSE_COMPATIBILITY"         // *
	envConvertPaths   = "COMPOSE_CONVERT_WINDOWS_PATHS" // *
	envEnvFiles       = "COMPOSE_ENV_FILES"
	envDisableEnvFile = "COMPOSE_DISABLE_ENV_FILE"
)

// location is where a project is and what its files are interpolated with.
type location struct {
	options Options
	env     types.Mapping // environment, then .env or env files
	files   []composeFile
	home    string // absolute: what the project is called after, where .env is
	dir     string // absolute: where relative paths start; home, but for remote files
	moved   bool   // dir is that of a remote file
	fetched map[string]string
}

// locateProject follows docker compose's order: .env is read next to the files that
// are known so far, may itself name the files, and is then read again next to
// those that were found. What is set already is never replaced.
func locateProject(o Options) (*location, Diagnostics) {
	l := &location{options: o, env: o.mapping(), fetched: map[string]string{}}
	var ds Diagnostics
	if err := l.setDirectories(); err != nil {
		ds.fail("%v", err)
		return nil, ds
	}
	for _, path := range o.Files {
		l.files = append(l.files, composeFile{path: path})
	}
	steps := []func(*Diagnostics) error{
		l.readEnvFiles,
		l.filesFromVariable,
		l.findFiles,
		l.readEnvFiles,
	}
	for _, step := range steps {
		if err := step(&ds); err != nil {
			ds.add(locationError(err))
			return nil, ds
		}
	}
	dir, err := l.workingDir()
	if err != nil {
		ds.fail("%v", err)
		return nil, ds
	}
	l.home, l.dir = dir, dir
	return l, ds
}

func locationError(err error) Diagnostic {
	d := Diagnostic{Summary: err.Error()}
	if errors.Is(err, errNoFiles) {
		d.Code = CodeNoFiles
		d.Hint = "give a file with -f, or run in a directory with a compose.yaml"
	}
	return d
}

func (l *location) setDirectories() error {
	if l.options.ProjectDirectory != "" {
		abs, err := filepath.Abs(l.options.ProjectDirectory)
		if err != nil {
			return err
		}
		l.options.ProjectDirectory = abs
	}
	if _, ok := l.env["PWD"]; ok {
		return nil
	}
	dir, err := os.Getwd()
	if err != nil {
		return err
	}
	l.env["PWD"] = dir
	return nil
}

// workingDir is the project directory as far as it is known: the one asked
// for, that of the first file on disk, or the current one where a remote file
// comes before.
func (l *location) workingDir() (string, error) {
	if l.options.ProjectDirectory != "" {
		return l.options.ProjectDirectory, nil
	}
	for _, file := range l.files {
		if file.path == "-" {
			continue
		}
		if IsRemote(file.path) {
			break
		}
		abs, err := filepath.Abs(file.path)
		return filepath.Dir(abs), err
	}
	return os.Getwd()
}

// envFiles are those asked for, or .env where there is one.
func (l *location) envFiles(ds *Diagnostics) ([]string, error) {
	if files := l.options.envFiles(); len(files) > 0 {
		return files, nil
	}
	if value, ok := l.options.lookup(envDisableEnvFile); ok {
		disabled, err := strconv.ParseBool(value)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", envDisableEnvFile, err)
		}
		if disabled {
			return nil, nil
		}
	}
	dir, err := l.workingDir()
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, ".env")
	switch info, err := os.Stat(path); {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case errors.Is(err, fs.ErrPermission):
		ds.warn("cannot access %s, ignoring default env file: %v", path, err)
		return nil, nil
	case err != nil:
		return nil, err
	case info.IsDir():
		return nil, nil
	}
	return []string{path}, nil
}

// envFiles are the env files of the options or of COMPOSE_ENV_FILES, as given.
func (o Options) envFiles() []string {
	if len(o.EnvFiles) > 0 {
		return o.EnvFiles
	}
	value, _ := o.lookup(envEnvFiles)
	return strings.FieldsFunc(value, func(c rune) bool { return c == ',' })
}

// readEnvFiles adds the variables of the env files to the environment, which
// wins over them and which they can refer to.
func (l *location) readEnvFiles(ds *Diagnostics) error {
	paths, err := l.envFiles(ds)
	if err != nil {
		return err
	}
	values := types.Mapping{}
	for _, path := range paths {
		abs, err := filepath.Abs(path)
		if err != nil {
			return err
		}
		err = readEnvFile(abs, "", values, l.env.Resolve)
		if errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("couldn't find env file: %s", abs)
		}
		if err != nil {
			return err
		}
	}
	l.env.Merge(values)
	return nil
}

// profiles are those of the options or of COMPOSE_PROFILES.
func (l *location) profiles() []string {
	if len(l.options.Profiles) > 0 {
		return l.options.Profiles
	}
	var profiles []string
	for profile := range strings.SplitSeq(l.env[envProfiles], ",") {
		profiles = append(profiles, strings.TrimSpace(profile))
	}
	return profiles
}

func (l *location) separator() string {
	if l.options.Compatibility || isTrue(l.env[envCompatibility]) {
		return "_"
	}
	return "-"
}
