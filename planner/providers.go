package planner

import (
	"slices"
	"strings"

	"github.com/gocompose/gocompose/project"
)

// helpers plans the calls of those who decide what variables services get:
// providers, each after those that it depends on, and models.
func (u *up) helpers(order []project.Service) {
	if u.options.Prepared {
		return
	}
	for _, s := range order {
		if s.Provider == nil {
			continue
		}
		var after []StepID
		for _, edge := range u.project.Edges(s.Name) {
			after = append(after, u.provided[edge.To])
		}
		u.provided[s.Name] = u.add(Step{
			Op:     CallProvider{Service: s.Name, Provider: s.Provider.Type, Call: ProviderUp},
			Reason: Reason{Code: Requested},
		}, after...)
	}
	for _, key := range u.project.UsedModels() {
		model, _ := u.project.Model(key)
		u.models[key] = u.add(Step{
			Op:     PrepareModel{Model: key, Name: model.Name, Image: model.Model},
			Reason: Reason{Code: Requested},
		})
	}
}

// helpersOf are the calls that decide variables of the service.
func (u *up) helpersOf(s project.Service) []StepID {
	var steps []StepID
	for _, edge := range u.project.Edges(s.Name) {
		steps = append(steps, u.provided[edge.To])
	}
	for _, key := range sortedKeys(s.Models) {
		steps = append(steps, u.models[key])
	}
	return slices.DeleteFunc(steps, func(step StepID) bool { return step == "" })
}

// foreseen tells whether a field may differ only because providers or models
// have not been called: they will set the variable.
func (u *up) foreseen(s project.Service, path string, desired map[string]string) bool {
	variable, ok := strings.CutPrefix(path, "environment.")
	if !ok || len(u.helpersOf(s)) == 0 {
		return false
	}
	_, wanted := desired[path]
	return !wanted || slices.Contains(s.ModelVariables(), variable)
}
