package planner

import (
	"encoding/json"
	"io"
)

// SchemaVersion is the version of the JSON form of plans. It changes when a
// field changes its meaning or goes; new fields do not change it.
const SchemaVersion = 1

type jsonPlan struct {
	SchemaVersion int        `json:"schemaVersion"`
	Project       string     `json:"project"`
	Command       string     `json:"command"`
	Changes       bool       `json:"changes"`
	Steps         []jsonStep `json:"steps"`
	Kept          []Kept     `json:"kept"`
	Notes         []Note     `json:"notes"`
	Pending       []Ref      `json:"pending"`
}

type jsonStep struct {
	ID         StepID   `json:"id"`
	Verb       Verb     `json:"verb"`
	Target     Ref      `json:"target"`
	After      []StepID `json:"after"`
	Reason     Reason   `json:"reason"`
	Risk       Risk     `json:"risk,omitempty"`
	BestEffort bool     `json:"bestEffort,omitempty"`
	Op         Op       `json:"operation"`
}

// WriteJSON writes the plan in its versioned JSON form, indented, with lists
// that are empty rather than null.
func WriteJSON(w io.Writer, p *Plan) error {
	out := jsonPlan{
		SchemaVersion: SchemaVersion,
		Project:       p.Project,
		Command:       p.Command,
		Changes:       !p.Empty(),
		Steps:         make([]jsonStep, 0, len(p.Steps)),
		Kept:          orEmpty(p.Kept),
		Notes:         orEmpty(p.Notes),
		Pending:       orEmpty(p.Pending),
	}
	for _, s := range p.Steps {
		out.Steps = append(out.Steps, jsonStep{
			ID: s.ID, Verb: s.Op.Verb(), Target: s.Op.Target(), After: orEmpty(s.After),
			Reason: s.Reason, Risk: s.Risk, BestEffort: s.BestEffort, Op: s.Op,
		})
	}
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(out)
}

func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
