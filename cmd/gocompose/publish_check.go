package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/gocompose/gocompose/internal/leak"
	"github.com/gocompose/gocompose/internal/spec"
	"github.com/gocompose/gocompose/internal/ui"
	"github.com/gocompose/gocompose/project"
)

// mayPublish refuses what nobody else can use, and asks about what others may
// not be meant to see. The questions are docker compose's.
func (p *program) mayPublish(ctx context.Context, loaded *project.Project, bundle project.Bundle, o publishOptions) error {
	if err := refuseBuiltOnly(loaded); err != nil {
		return err
	}
	if o.yes {
		return nil
	}
	model, err := p.written(ctx)
	if err != nil {
		return err
	}
	for _, question := range []func() (string, error){
		func() (string, error) { return aboutBindMounts(loaded), nil },
		func() (string, error) { return aboutSecrets(model, loaded, bundle) },
		func() (string, error) { return aboutContents(model), nil },
		func() (string, error) { return aboutVariables(model, loaded, o.withEnv) },
	} {
		text, err := question()
		if err != nil {
			return err
		}
		if text == "" {
			continue
		}
		if err := p.agreeToPublish(ctx, text); err != nil {
			return err
		}
	}
	return nil
}

func (p *program) agreeToPublish(ctx context.Context, question string) error {
	ok, err := ui.Ask(ctx, p.Stdin, p.Stdout, question, false)
	switch {
	case errors.Is(err, ui.ErrNoAnswer):
		return usage("nothing is published: this needs a yes, and nobody has answered; use --yes")
	case err == nil && !ok:
		return errDeclined
	default:
		return err
	}
}

func refuseBuiltOnly(loaded *project.Project) error {
	var text strings.Builder
	for service := range loaded.Services() {
		if service.Image == "" && service.Build != nil {
			fmt.Fprintf(&text, "- %q\n", service.Name)
		}
	}
	if text.Len() == 0 {
		return nil
	}
	return errors.New("your Compose stack cannot be published as it only contains a build section for service(s):\n" + text.String())
}

func aboutBindMounts(loaded *project.Project) string {
	var text strings.Builder
	for service := range loaded.Services() {
		head := service.Name + "\n"
		for _, volume := range service.Volumes {
			if volume.Type == types.VolumeTypeBind {
				text.WriteString(head + volume.String() + "\n")
				head = ""
			}
		}
	}
	if text.Len() == 0 {
		return ""
	}
	return "you are about to publish bind mounts declaration within your OCI artifact.\n" +
		"only the bind mount declarations will be added to the OCI artifact (not content)\n" +
		"please double check that you are not mounting potential user's sensitive directories or data\n" +
		text.String() + "Are you ok to publish these bind mount declarations?"
}

// written is the model with its variables in place, as it will be published.
func (p *program) written(ctx context.Context) (project.Model, error) {
	o := p.loadOptions()
	o.Profiles, o.NoInterpolate, o.NoEnvResolution = []string{"*"}, true, true
	model, sources, diagnostics := project.LoadModel(ctx, o)
	if diagnostics.HasErrors() {
		return nil, &loadError{diagnostics: diagnostics.Errors(), sources: sources}
	}
	return model, nil
}

// aboutSecrets looks through the model, through the texts as they will be
// published, and like docker compose through the files that the model names.
func aboutSecrets(model project.Model, loaded *project.Project, bundle project.Bundle) (string, error) {
	text, err := model.Render(project.YAML)
	if err != nil {
		return "", err
	}
	look := looker{scanner: leak.NewScanner()}
	look.at("the Compose files", text)
	for _, file := range slices.Concat(bundle.Compose, bundle.Extended, bundle.Env) {
		look.at(file.Path, file.Content)
	}
	for _, config := range loaded.Configs() {
		look.into(config.File)
	}
	for _, secret := range loaded.Secrets() {
		look.into(secret.File)
	}
	if look.err != nil || len(look.found) == 0 {
		return "", look.err
	}
	var lines strings.Builder
	for _, finding := range look.found {
		lines.WriteString(finding.String() + "\n")
	}
	return "you are about to publish sensitive data within your OCI artifact.\n" +
		"please double check that you are not leaking sensitive data\n" +
		lines.String() + "Are you ok to publish these sensitive data?", nil
}

// looker collects what is found, until something fails.
type looker struct {
	scanner *leak.Scanner
	found   []leak.Finding
	err     error
}

func (l *looker) at(name string, text []byte) {
	if l.err != nil {
		return
	}
	var found []leak.Finding
	found, l.err = l.scanner.Scan(name, text)
	l.found = append(l.found, found...)
}

// into looks at a file, which is not published but may be in use.
func (l *looker) into(path string) {
	if path == "" || l.err != nil {
		return
	}
	text, err := os.ReadFile(filepath.Clean(path))
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	if l.err = err; err == nil {
		l.at(path, text)
	}
}

// aboutContents is about configs that have their content in the file itself,
// and no variable in it: as docker compose from 5.1.4 on has it.
func aboutContents(model project.Model) string {
	var names []string
	configs, _ := model["configs"].(map[string]any)
	for _, key := range slices.Sorted(maps.Keys(configs)) {
		config, _ := configs[key].(map[string]any)
		content, _ := config["content"].(string)
		if content != "" && !strings.Contains(strings.ReplaceAll(content, "$$", ""), "$") {
			names = append(names, fmt.Sprintf("config %q: literal content\n", key))
		}
	}
	if len(names) == 0 {
		return ""
	}
	return "you are about to publish the content of configs within your OCI artifact.\n" +
		"please double check that you are not leaking sensitive data\n" +
		strings.Join(names, "") + "Are you ok to publish these contents?"
}

// aboutVariables lists the variables; values that look like secrets are not
// shown.
func aboutVariables(model project.Model, loaded *project.Project, allowed bool) (string, error) {
	var reasons, list strings.Builder
	services, _ := model["services"].(map[string]any)
	for service := range loaded.Services() {
		if declared, _ := services[service.Name].(map[string]any); declared["env_file"] != nil {
			fmt.Fprintf(&reasons, "service %q has env_file declared.\n", service.Name)
		}
		if len(service.Environment) == 0 {
			continue
		}
		fmt.Fprintf(&reasons, "service %q has environment variable(s) declared.\n", service.Name)
		list.WriteString("Service/Config  " + service.Name + "\n")
		for _, name := range slices.Sorted(maps.Keys(service.Environment)) {
			list.WriteString(shownVariable(name, service.Environment[name]))
		}
	}
	for _, config := range loaded.Configs() {
		if config.Environment != "" {
			fmt.Fprintf(&reasons, "config %q is declare as an environment variable.\n", config.Name)
			fmt.Fprintf(&list, "Service/Config  %s\n%s=%s\n", config.Name, config.Name, config.Environment)
		}
	}
	switch {
	case reasons.Len() == 0:
		return "", nil
	case !allowed:
		return "", errors.New(reasons.String() +
			"To avoid leaking sensitive data, you must either explicitly allow the sending of environment variables by using the --with-env flag,\n" +
			"or remove sensitive data from your Compose configuration")
	case list.Len() == 0:
		return "", nil
	}
	return "you are about to publish environment variables within your OCI artifact.\n" +
		"please double check that you are not leaking sensitive data\n" +
		list.String() + "Are you ok to publish these environment variables?", nil
}

func shownVariable(name string, value *string) string {
	switch {
	case value == nil:
		return name + "\n"
	case spec.IsSecret("environment."+name, *value):
		return name + "=<hidden>\n"
	default:
		return name + "=" + *value + "\n"
	}
}
