package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gocompose/gocompose/internal/spec"
	"github.com/gocompose/gocompose/internal/ui"
	"github.com/gocompose/gocompose/project"
)

// errCancelled has docker compose's words.
var errCancelled = errors.New("operation cancelled by user")

// agreeToRemote tells where a stack from a registry or repository is kept, and
// asks whether the files that it includes and the values of its variables are
// as the user wants them. As with docker compose, that is about the first file
// that is given with -f.
func (p *program) agreeToRemote(ctx context.Context, loaded *project.Project, yes bool) error {
	given := p.globals.files.Value()
	if p.onlyShow() || len(given) == 0 || !project.IsRemote(given[0]) {
		return nil
	}
	if included := loaded.RemoteIncludes(); len(included) > 0 && !yes {
		var text strings.Builder
		text.WriteString("\nWarning: This Compose project includes files from remote sources:\n")
		for _, reference := range included {
			text.WriteString("  - " + project.Redacted(reference) + "\n")
		}
		text.WriteString("\nRemote includes could potentially be malicious. Make sure you trust the source.\nDo you want to continue?")
		if err := p.agreeTo(ctx, text.String(), false); err != nil {
			return err
		}
	}
	if p.style.Mode != ui.Quiet && p.style.Mode != ui.JSON {
		err := p.say("Your compose stack %q is stored in %q", project.Redacted(given[0]), loaded.WorkingDir())
		if err != nil {
			return err
		}
	}
	if yes {
		return nil
	}
	return p.agreeToVariables(ctx, loaded)
}

// agreeTo asks, and fails where the answer is not yes.
func (p *program) agreeTo(ctx context.Context, question string, usual bool) error {
	ok, err := ui.Ask(ctx, p.Stdin, p.Stdout, question, usual)
	switch {
	case errors.Is(err, ui.ErrNoAnswer):
		return fmt.Errorf("%w: nobody has answered; use --yes where the command has it", errCancelled)
	case err == nil && !ok:
		return errCancelled
	default:
		return err
	}
}

func (p *program) agreeToVariables(ctx context.Context, loaded *project.Project) error {
	o := p.loadOptions()
	o.NoInterpolate, o.NoEnvResolution = true, true
	model, sources, diagnostics := project.LoadModel(ctx, o)
	if diagnostics.HasErrors() {
		return &loadError{diagnostics: diagnostics.Errors(), sources: sources}
	}
	variables := model.Variables()
	if len(variables) == 0 {
		return nil
	}
	rows := [][]string{{"VARIABLE", "VALUE", "SOURCE", "REQUIRED", "DEFAULT"}}
	for _, v := range variables {
		value, source := p.valueOf(loaded, v)
		required := "no"
		if v.Required {
			required = "yes"
		}
		rows = append(rows, []string{v.Name, value, source, required, v.Default})
	}
	if err := p.say("\nFound the following variables in configuration:"); err != nil {
		return err
	}
	const minWidth = 0
	if err := ui.WriteTable(p.Stdout, minWidth, rows); err != nil {
		return err
	}
	return p.agreeTo(ctx, "\nDo you want to proceed with these variables?", true)
}

// valueOf is the value of a variable and where it comes from. What looks like a
// secret is not shown: the output may end in the log of a pipeline.
func (p *program) valueOf(loaded *project.Project, v project.Variable) (value, source string) {
	value, found := loaded.Environment()[v.Name]
	switch {
	case found && slices.ContainsFunc(p.Env, func(entry string) bool { return strings.HasPrefix(entry, v.Name+"=") }):
		source = "environment"
	case found:
		source = "env file"
	case v.Default != "":
		return v.Default, "compose file"
	default:
		return "<unset>", "none"
	}
	if spec.IsSecret("environment."+v.Name, value) {
		value = "<hidden>"
	}
	return value, source
}
