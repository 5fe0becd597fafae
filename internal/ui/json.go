package ui

import (
	"encoding/json"

	"github.com/gocompose/gocompose/planner"
	"github.com/gocompose/gocompose/runtime"
)

// progressVersion is the version of the object under "gocompose" in JSON
// progress. It goes up when a field changes its meaning or goes away.
const progressVersion = 1

// jsonLine is one line of JSON progress. The outer fields are docker compose's,
// so that what reads its progress can read ours.
type jsonLine struct {
	ID        string    `json:"id,omitempty"`
	ParentID  string    `json:"parent_id,omitempty"`
	Status    Status    `json:"status,omitempty"`
	Text      string    `json:"text,omitempty"`
	Details   string    `json:"details,omitempty"`
	Current   int64     `json:"current,omitempty"`
	Total     int64     `json:"total,omitempty"`
	Percent   int64     `json:"percent,omitempty"`
	GoCompose *jsonStep `json:"gocompose,omitempty"`
}

// jsonStep says which step of the plan the line belongs to.
type jsonStep struct {
	Version  int            `json:"version"`
	Step     planner.StepID `json:"step"`
	Verb     planner.Verb   `json:"verb"`
	Target   string         `json:"target"`
	Phase    runtime.Phase  `json:"phase"`
	Reason   planner.Code   `json:"reason,omitempty"`
	TookMS   int64          `json:"took_ms,omitempty"`
	Error    string         `json:"error,omitempty"`
	Warnings []string       `json:"warnings,omitempty"`
	Because  planner.StepID `json:"because,omitempty"`
}

func newJSONLine(line Line) jsonLine {
	out := jsonLine{
		ID: line.ID, ParentID: line.Parent, Status: line.Status, Text: line.Text, Details: line.Details,
		Current: line.Current, Total: line.Total,
	}
	if line.Total > 0 {
		out.Percent = min(100, line.Current*100/line.Total)
	}
	out.GoCompose = newJSONStep(line.Event)
	return out
}

func newJSONStep(e runtime.Event) *jsonStep {
	if e.Step.Op == nil {
		return nil
	}
	step := &jsonStep{
		Version: progressVersion, Step: e.Step.ID, Verb: e.Step.Op.Verb(), Target: e.Step.Op.Target().String(),
		Phase: e.Phase, Reason: e.Step.Reason.Code, TookMS: e.Took.Milliseconds(),
		Warnings: e.Warnings, Because: e.Because,
	}
	if e.Err != nil {
		step.Error = e.Err.Error()
	}
	return step
}

// WarningText is a line that warns, as the style has it.
func WarningText(s Style, text string) []byte {
	if s.Mode != JSON {
		return []byte(Paint(s.Colour, Yellow, "warning:") + " " + text + "\n")
	}
	line, err := json.Marshal(struct {
		Level string `json:"level"`
		Text  string `json:"msg"`
	}{"warning", text})
	if err != nil {
		return nil // a string cannot fail
	}
	return append(line, '\n')
}

// jsonText is the line as it is written. A step that no line of docker
// compose's stands for has one of its own, without words.
func jsonText(line Line) []byte {
	text, err := json.Marshal(newJSONLine(line))
	if err != nil {
		return nil // strings, numbers and nothing else: it cannot fail
	}
	return append(text, '\n')
}
