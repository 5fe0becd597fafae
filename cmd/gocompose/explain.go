package main

import (
	"errors"
	"strings"

	"github.com/gocompose/gocompose/internal/argv"
	"github.com/gocompose/gocompose/project"
)

// loadError carries the diagnostics of a load that failed.
type loadError struct {
	diagnostics project.Diagnostics
	sources     *project.Sources
}

func (e *loadError) Error() string {
	var texts []string
	for _, d := range e.diagnostics {
		texts = append(texts, d.Summary)
	}
	return strings.Join(texts, "\n")
}

// text is what is wrong, each with the line that it is about.
func (e *loadError) text() string {
	var b strings.Builder
	if err := e.diagnostics.WriteText(&b, e.sources); err != nil {
		return e.Error() // a string builder takes everything
	}
	return b.String()
}

// explain turns an error into what is told of it.
func explain(err error) report {
	var usage *argv.UsageError
	var load *loadError
	switch {
	case errors.As(err, &usage):
		hint := usage.Hint
		if hint == "" && len(usage.Path) > 0 {
			hint = "gocompose " + strings.Join(usage.Path, " ") + " --help shows how it is used"
		}
		return report{message: usage.Message, hints: nonEmpty(hint)}
	case errors.As(err, &load):
		return report{message: load.Error(), shown: load.text()}
	default:
		return report{message: err.Error()}
	}
}

func nonEmpty(text string) []string {
	if text == "" {
		return nil
	}
	return []string{text}
}
