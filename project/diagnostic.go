package project

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Severity says whether a diagnostic stops the load.
type Severity uint8

// The severities.
const (
	Error Severity = iota
	Warning
)

// String is the word shown to the user.
func (s Severity) String() string {
	if s == Warning {
		return "warning"
	}
	return "error"
}

// MarshalText makes the severity a word in JSON too.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Code names a kind of diagnostic for programs. Most have none.
type Code string

// The codes.
const (
	CodeNoFiles       Code = "no-files" // there is no Compose file
	CodeSyntax        Code = "syntax"
	CodeUnknownKey    Code = "unknown-key"
	CodeWrongType     Code = "wrong-type"
	CodeUndefined     Code = "undefined" // a reference to what is not defined
	CodeCycle         Code = "cycle"
	CodeNameTaken     Code = "name-taken" // two services with one container_name
	CodePortClash     Code = "port-clash"
	CodeMissingValue  Code = "missing-value" // a variable that is not set
	CodeMissingFile   Code = "missing-file"
	CodeNoSuchService Code = "no-such-service"
	CodeObsolete      Code = "obsolete"
	CodeInternal      Code = "internal"
)

// Pos is a place in a file. Line and Column count from 1; zero means unknown.
type Pos struct {
	File   string `json:"file,omitempty"`
	Line   int    `json:"line,omitempty"`
	Column int    `json:"column,omitempty"`
}

// String is file:line:column, as far as they are known.
func (p Pos) String() string {
	switch {
	case p.Line == 0:
		return p.File
	case p.Column == 0:
		return fmt.Sprintf("%s:%d", p.File, p.Line)
	default:
		return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
	}
}

// Diagnostic is one finding about the files.
type Diagnostic struct {
	Severity Severity `json:"severity"`
	Code     Code     `json:"code,omitempty"`
	Path     string   `json:"path,omitempty"` // of the model, as in services.web.image
	Pos      Pos      `json:"pos,omitzero"`
	Summary  string   `json:"summary"`          // one sentence
	Detail   string   `json:"detail,omitempty"` // further lines
	Hint     string   `json:"hint,omitempty"`   // what to do

	reference string // the variable it is about, shown instead of the text around it
}

// Error makes a diagnostic of severity Error usable as an error.
func (d Diagnostic) Error() string {
	if place := d.Pos.String(); place != "" {
		return place + ": " + d.Summary
	}
	return d.Summary
}

// Diagnostics are the findings of one load.
type Diagnostics []Diagnostic

// HasErrors tells whether any of them stops the load.
func (ds Diagnostics) HasErrors() bool {
	return slices.ContainsFunc(ds, func(d Diagnostic) bool { return d.Severity == Error })
}

// Errors are those that stop the load.
func (ds Diagnostics) Errors() Diagnostics { return ds.only(Error) }

// Warnings are those that do not.
func (ds Diagnostics) Warnings() Diagnostics { return ds.only(Warning) }

func (ds Diagnostics) only(s Severity) Diagnostics {
	var found Diagnostics
	for _, d := range ds {
		if d.Severity == s {
			found = append(found, d)
		}
	}
	return found
}

// Err joins the errors, or is nil where there are none.
func (ds Diagnostics) Err() error {
	var errs []error
	for _, d := range ds.Errors() {
		errs = append(errs, d)
	}
	return errors.Join(errs...)
}

// sorted puts errors before warnings and those of one file in the order of
// its lines, files in the order in which they turn up, and leaves out repeats.
func (ds Diagnostics) sorted() Diagnostics {
	files := map[string]int{}
	for _, d := range ds {
		if _, ok := files[d.Pos.File]; !ok {
			files[d.Pos.File] = len(files)
		}
	}
	ordered := slices.Clone(ds)
	slices.SortStableFunc(ordered, func(a, b Diagnostic) int {
		return cmp.Or(
			cmp.Compare(a.Severity, b.Severity),
			cmp.Compare(files[a.Pos.File], files[b.Pos.File]),
			cmp.Compare(a.Pos.Line, b.Pos.Line),
			cmp.Compare(a.Pos.Column, b.Pos.Column),
		)
	})
	return slices.Compact(ordered)
}

func (ds *Diagnostics) add(d Diagnostic) { *ds = append(*ds, d) }

func (ds *Diagnostics) fail(format string, args ...any) {
	ds.add(Diagnostic{Summary: fmt.Sprintf(format, args...)})
}

func (ds *Diagnostics) warn(format string, args ...any) {
	ds.add(Diagnostic{Severity: Warning, Summary: fmt.Sprintf(format, args...)})
}

// dotted joins the parts of a model path.
func dotted(parts ...string) string { return strings.Join(parts, ".") }
