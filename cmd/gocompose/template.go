package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/template"

	"github.com/gocompose/gocompose/internal/ui"
)

// tableMinWidth is the narrowest column of docker's tables.
const tableMinWidth = 10

// writeJSONLines writes each row as JSON, one a line.
func writeJSONLines[Row any](w io.Writer, rows []Row) error {
	encoder := json.NewEncoder(w)
	for _, row := range rows {
		if err := encoder.Encode(row); err != nil {
			return err
		}
	}
	return nil
}

// writeTemplate writes rows by a Go template, one a line. A template that
// starts with the word table makes columns under their titles.
func writeTemplate[Row any](w io.Writer, format string, titles headers, rows []Row) error {
	format, table := strings.CutPrefix(format, "table")
	format = strings.NewReplacer(`\t`, "\t", `\n`, "\n").Replace(format)
	if table {
		format = strings.TrimLeft(format, " ")
	}
	parsed, err := template.New("").Option("missingkey=error").Funcs(templateFunctions()).Parse(format)
	if err != nil {
		return usage(fmt.Sprintf("template parsing error: %v", err))
	}
	var lines []string
	for _, row := range rows {
		var line strings.Builder
		if err := parsed.Execute(&line, row); err != nil {
			return usage(fmt.Sprintf("template parsing error: %v", err))
		}
		lines = append(lines, line.String())
	}
	if !table {
		for _, line := range lines {
			if _, err := fmt.Fprintln(w, line); err != nil {
				return err
			}
		}
		return nil
	}
	var title strings.Builder
	if err := parsed.Execute(&title, titles); err != nil {
		return usage(fmt.Sprintf("template parsing error: %v", err))
	}
	cells := [][]string{strings.Split(title.String(), "\t")}
	for _, line := range lines {
		cells = append(cells, strings.Split(line, "\t"))
	}
	return ui.WriteTable(w, tableMinWidth, cells)
}

// templateFunctions are those that docker's templates have.
func templateFunctions() template.FuncMap {
	return template.FuncMap{
		"json": func(v any) (string, error) {
			text, err := json.Marshal(v)
			return string(text), err
		},
		"split": strings.Split,
		"join":  strings.Join,
		"title": func(s string) string {
			if s == "" {
				return s
			}
			return strings.ToUpper(s[:1]) + s[1:]
		},
		"lower":   strings.ToLower,
		"upper":   strings.ToUpper,
		"println": fmt.Sprintln,
		"pad": func(text string, before, after int) string {
			if text == "" {
				return text
			}
			return strings.Repeat(" ", before) + text + strings.Repeat(" ", after)
		},
		"truncate": func(text string, most int) string {
			return text[:min(len(text), max(most, 0))]
		},
	}
}
