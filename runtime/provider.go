package runtime

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os/exec"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/gocompose/gocompose/planner"
	"github.com/gocompose/gocompose/project"
)

// ProviderError tells that the provider of a service failed.
type ProviderError struct {
	Service string
	Type    string
	Call    planner.ProviderCall
	Err     error
	Output  []string // the last lines on its standard error
}

// Error is in docker compose's words, or else the provider's own.
func (e *ProviderError) Error() string {
	var exit *exec.ExitError
	if !errors.As(e.Err, &exit) {
		return e.Err.Error()
	}
	doing := map[planner.ProviderCall]string{
		planner.ProviderUp: "create", planner.ProviderStop: "stop", planner.ProviderDown: "remove",
	}[e.Call]
	return fmt.Sprintf("failed to %s service provider: %v", doing, e.Err)
}

// Unwrap returns the cause.
func (e *ProviderError) Unwrap() error { return e.Err }

// callProvider calls the program of a service's provider. What is asked of it and
// what it answers is the protocol of docker compose's docs/extension.md.
func (d *EngineDriver) callProvider(ctx context.Context, op planner.CallProvider, in Inputs) (Output, error) {
	s, ok := d.project.Service(op.Service)
	if !ok || s.Provider == nil {
		return Output{}, fmt.Errorf("no such provider service: %s", op.Service)
	}
	fail := func(err error) (Output, error) {
		if ctx.Err() != nil {
			return Output{}, err
		}
		failed := &ProviderError{Service: op.Service, Type: op.Provider, Call: op.Call, Err: err}
		var helper *HelperError
		if errors.As(err, &helper) {
			failed.Output = helper.Output
		}
		return Output{}, failed
	}
	stopping := op.Call == planner.ProviderStop
	helper, err := d.provider(op.Provider)
	if err != nil && stopping {
		return Output{}, nil // docker compose's stop does not even look for it
	}
	if err != nil {
		return fail(err)
	}
	abilities := readAbilities(ctx, helper)
	if stopping && abilities.Stop == nil {
		return Output{}, nil
	}
	options, err := abilities.options(op.Call, s.Provider)
	if err != nil {
		return fail(err)
	}
	answers := providerAnswers{project: d.project, service: s, report: in.report}
	args := append([]string{"compose", "--project-name=" + d.project.Name(), string(op.Call)}, options...)
	err = helper.run(ctx, answers.take, append(args, op.Service)...)
	if answers.failure != nil && ctx.Err() == nil {
		err = answers.failure
	}
	if err != nil {
		return fail(err)
	}
	output := answers.output(op.Call)
	if stopping {
		output.Detail = "Stopped"
	}
	return output, nil
}

// provider finds a provider's program: a docker CLI plugin, or one in PATH.
func (d *EngineDriver) provider(kind string) (program, error) {
	if kind == "compose" {
		return program{}, errors.New("'compose' is not a valid provider type")
	}
	path, ok := d.engine.Config().Plugin(kind)
	var err error
	if !ok {
		path, err = exec.LookPath(kind)
	}
	return d.helper(path, "COMPOSE_PROJECT_NAME="+d.project.Name()), err
}

// providerAbilities are what a provider says of itself when it is asked for its
// metadata. Most of it is not of interest here.
type providerAbilities struct {
	Up, Down, Stop *struct {
		Parameters []struct {
			Name     string `json:"name"`
			Required bool   `json:"required"`
		} `json:"parameters"`
	}
}

// readAbilities asks for the metadata, which a provider need not have.
func readAbilities(ctx context.Context, helper program) providerAbilities {
	var abilities providerAbilities
	if text, err := helper.output(ctx, "compose", "metadata"); err != nil || json.Unmarshal(text, &abilities) != nil {
		return providerAbilities{}
	}
	return abilities
}

// options are the flags for a call, in the order of their names: all that the
// files have, or where the provider names its parameters, those of these.
func (a providerAbilities) options(call planner.ProviderCall, config *types.ServiceProviderConfig) ([]string, error) {
	list := a.Up
	switch call {
	case planner.ProviderStop:
		list = a.Stop
	case planner.ProviderDown:
		list = a.Down
	case planner.ProviderUp:
	}
	names := slices.Sorted(maps.Keys(config.Options))
	if list != nil && len(list.Parameters) > 0 {
		names = nil
		for _, parameter := range list.Parameters {
			if _, given := config.Options[parameter.Name]; given {
				names = append(names, parameter.Name)
			} else if parameter.Required {
				return nil, fmt.Errorf("required parameter %q is missing from provider %q definition", parameter.Name, config.Type)
			}
		}
	}
	var flags []string
	for _, name := range names {
		for _, value := range config.Options[name] {
			flags = append(flags, "--"+name+"="+value)
		}
	}
	return flags, nil
}

// providerAnswers takes what a provider writes.
type providerAnswers struct {
	project  *project.Project
	service  project.Service
	report   func(Progress)
	failure  error
	prefixed map[string]string // variables that get the service's name in front
	raw      map[string]string
}

// take reads one message. Where it is none, the provider is not to go on.
func (a *providerAnswers) take(line string) error {
	if strings.TrimSpace(line) == "" {
		return nil
	}
	var message struct{ Type, Message string }
	if err := json.Unmarshal([]byte(line), &message); err != nil {
		return fmt.Errorf("provider %q of service %q wrote a line that is no message of its protocol: %w", a.service.Provider.Type, a.service.Name, err)
	}
	name, value, whole := strings.Cut(message.Message, "=")
	switch message.Type {
	case "info":
		a.report(Progress{Status: message.Message})
	case "error":
		a.report(Progress{Status: message.Message})
		a.failure = errors.New(message.Message)
	case "debug":
	case "setenv", "rawsetenv":
		if !whole {
			return fmt.Errorf("invalid response from plugin: %s names no value", name)
		}
		a.set(message.Type == "rawsetenv", name, value)
	default:
		return fmt.Errorf("invalid response from plugin: %s", message.Type)
	}
	return nil
}

func (a *providerAnswers) set(raw bool, name, value string) {
	into := &a.prefixed
	if raw {
		into = &a.raw
	}
	if *into == nil {
		*into = map[string]string{}
	}
	(*into)[name] = value
}

// output sets the variables of the services that depend on the provider's, and
// warns of those in the files that a raw one replaces.
func (a *providerAnswers) output(call planner.ProviderCall) Output {
	if call != planner.ProviderUp {
		return Output{}
	}
	output := Output{Variables: project.Variables{}}
	prefix := strings.ToUpper(a.service.Name) + "_"
	for _, edge := range a.project.Dependents(a.service.Name) {
		if !slices.Contains(edge.Why, project.DependsOn) {
			continue
		}
		dependent, _ := a.project.Service(edge.From)
		for name, value := range a.prefixed {
			output.Variables.Set(edge.From, prefix+name, value)
		}
		for _, name := range slices.Sorted(maps.Keys(a.raw)) {
			output.Variables.Set(edge.From, name, a.raw[name])
			if _, own := dependent.Environment[name]; own {
				output.Warnings = append(output.Warnings,
					fmt.Sprintf("provider %q replaces the variable %s of service %q", a.service.Provider.Type, name, edge.From))
			}
		}
	}
	return output
}
