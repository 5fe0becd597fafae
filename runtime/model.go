package runtime

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/gocompose/gocompose/planner"
	"github.com/gocompose/gocompose/project"
)

// ErrNoModelPlugin is in docker compose's words, which scripts look for.
var ErrNoModelPlugin = errors.New("'models' support requires Docker Model plugin")

// prepareModel fetches a model where it is not there, configures it, and tells
// the services that use it where it is served.
func (d *EngineDriver) prepareModel(ctx context.Context, op planner.PrepareModel, in Inputs) (Output, error) {
	model, ok := d.project.Model(op.Model)
	if !ok {
		return Output{}, fmt.Errorf("no such model: %s", op.Model)
	}
	path, ok := d.engine.Config().Plugin("model")
	if !ok {
		return Output{}, ErrNoModelPlugin
	}
	runner := d.helper(path)
	if err := d.models.fetch(ctx, runner, model.Model, in.report); err != nil {
		return Output{}, fmt.Errorf("pulling model %s: %w", model.Model, err)
	}
	in.report(Progress{Status: "Configuring"})
	if _, err := runner.output(ctx, configureArgs(model)...); err != nil {
		return Output{}, fmt.Errorf("configuring model %s: %w", model.Model, err)
	}
	endpoint, err := d.models.endpoint(ctx, runner)
	if err != nil {
		return Output{}, err
	}
	output := Output{Variables: project.Variables{}}
	for s := range d.project.Services() {
		if _, uses := s.Models[op.Model]; uses {
			output.Variables.SetModel(s, op.Model, endpoint, model.Model)
		}
	}
	return output, nil
}

func configureArgs(model types.ModelConfig) []string {
	args := []string{"configure"}
	if model.ContextSize != 0 {
		args = append(args, "--context-size", strconv.Itoa(model.ContextSize))
	}
	args = append(args, model.Model)
	if len(model.RuntimeFlags) > 0 {
		args = append(append(args, "--"), model.RuntimeFlags...)
	}
	return args
}

// modelRunner remembers what the docker-model plugin says of itself. The zero
// value is ready for use by several goroutines.
type modelRunner struct {
	mu     sync.Mutex
	listed bool
	tags   []string // of the models that are there
	served string   // the address of the API; empty before it was asked for
}

// fetch pulls a model that is not there.
func (r *modelRunner) fetch(ctx context.Context, runner program, model string, report func(Progress)) error {
	if r.has(ctx, runner, model) {
		return nil
	}
	report(Progress{Status: "Pulling"})
	err := runner.run(ctx, func(line string) error {
		if line = strings.TrimSpace(line); line != "" {
			report(Progress{Status: "Pulling " + line})
		}
		return nil
	}, "pull", model)
	if err == nil {
		report(Progress{Status: "Pulled"})
	}
	return err
}

// has tells whether the model is there. Where the plugin does not know, it is
// pulled, which does nothing to one that is.
func (r *modelRunner) has(ctx context.Context, runner program, model string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.listed {
		var list []struct {
			Tags []string `json:"tags"`
		}
		if text, err := runner.output(ctx, "ls", "--json"); err == nil && json.Unmarshal(text, &list) == nil {
			for _, found := range list {
				r.tags = append(r.tags, found.Tags...)
			}
		}
		r.listed = true
	}
	return slices.Contains(r.tags, model)
}

func (r *modelRunner) endpoint(ctx context.Context, runner program) (string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.served != "" {
		return r.served, nil
	}
	text, err := runner.output(ctx, "status", "--json")
	if err != nil {
		return "", fmt.Errorf("error checking docker-model status: %w", err)
	}
	var status struct {
		Endpoint string `json:"endpoint"`
	}
	if err := json.Unmarshal(text, &status); err != nil || status.Endpoint == "" {
		return "", errors.New("docker model status tells no endpoint: see whether docker model works")
	}
	r.served = status.Endpoint
	return r.served, nil
}
