package project

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// report adds what compose-go says about the files, with the place it is
// about as far as its words tell.
func (l *load) report(err error) {
	var unknown *UnknownServiceError
	if errors.As(err, &unknown) {
		l.found.add(Diagnostic{Code: CodeNoSuchService, Summary: "no such service: " + unknown.Name, Hint: unknown.Hint})
		return
	}
	text := strings.TrimSpace(err.Error())
	if strings.HasPrefix(text, "validating ") {
		l.found = append(l.found, l.explainSchema(text)...)
		return
	}
	for part := range strings.SplitSeq(text, "\nerror while interpolating ") {
		l.found.add(l.locateError(part))
	}
}

// locateError finds the model path that an error text names.
func (l *load) locateError(text string) Diagnostic {
	d := Diagnostic{Summary: text}
	if path, ok := strings.CutPrefix(text, "error while interpolating "); ok {
		d.Path, _, _ = strings.Cut(path, ":")
	} else if path := pathPattern().FindString(text); path != "" {
		d.Path = path
	}
	d.Path = strings.TrimRight(plainPath(d.Path), ".")
	if strings.Contains(text, "required variable") {
		d.Code = CodeMissingValue
	}
	if strings.Contains(text, "failed to cast to expected type") {
		d.Code = CodeWrongType
	}
	if !strings.HasPrefix(text, "error while interpolating") && strings.Contains(d.Path, "interpolating") {
		d.Path = ""
	}
	return d
}

// pathPattern matches a model path in compose-go's words, in its three ways of
// writing one: services.web.ports.[0], services[web].ports[0], 'services[web]'.
func pathPattern() *regexp.Regexp {
	return regexp.MustCompile(`\b(services|networks|volumes|secrets|configs|models|jobs|include)([.\[][\w.\[\]-]+)`)
}

// plainPath writes list indexes and bracketed names as the parts of a path.
func plainPath(path string) string {
	path = strings.NewReplacer(".[]", "", "[", ".", "]", "").Replace(path)
	return strings.ReplaceAll(path, "..", ".")
}

// parseDiagnostic places an error of the YAML parser.
func parseDiagnostic(file *source, err error) Diagnostic {
	text := err.Error()
	d := Diagnostic{
		Code:    CodeSyntax,
		Pos:     Pos{File: file.name},
		Summary: fmt.Sprintf("failed to parse %s: %s", file.name, text),
	}
	if found := regexp.MustCompile(`line (\d+)`).FindStringSubmatch(text); found != nil {
		d.Pos.Line, _ = strconv.Atoi(found[1]) // digits only
	}
	if strings.Contains(text, "cannot start any token") && strings.Contains(file.line(d.Pos.Line), "\t") {
		d.Hint = "YAML is indented with spaces, never with tabs"
	}
	return d
}

func (s *source) line(number int) string {
	text, _ := (&Sources{files: []*source{s}}).line(Pos{File: s.name, Line: number})
	return text
}

// explainSchema says everything that is wrong with the files, where compose-go
// stops at one thing. The words are compose-go's. Text is what compose-go said
// and stands where nothing is found.
func (l *load) explainSchema(text string) Diagnostics {
	var ds Diagnostics
	schema, err := loadSchema()
	if err != nil {
		return Diagnostics{{Summary: text}}
	}
	for _, file := range l.sources.files {
		for _, doc := range file.documents() {
			config, ok := plainValue(doc)
			if !ok {
				continue
			}
			in := interpolator{&variables{}, l.env.Resolve}
			if _, err := in.value(config, castTable()); err != nil {
				continue
			}
			for _, v := range schema.violations(config) {
				ds.add(v.diagnostic(file))
			}
		}
	}
	if len(ds) > 0 || text == "" {
		return ds
	}
	_, rest, _ := strings.Cut(text, ": ")
	path, _, _ := strings.Cut(rest, " ")
	return Diagnostics{{Path: path, Summary: text}}
}

func (v violation) diagnostic(file *source) Diagnostic {
	path := dotted(v.path...)
	d := Diagnostic{Path: path, Summary: fmt.Sprintf("validating %s: %s %s", file.name, path, v.message)}
	switch {
	case v.unknown != "":
		d.Code = CodeUnknownKey
		d.Path = dotted(append(slices.Clone(v.path), v.unknown)...)
		d.Hint = suggest(v.unknown, v.allowed)
	case v.wanted != 0:
		d.Code = CodeWrongType
	}
	only := &Sources{files: []*source{file}}
	d.Pos, _ = only.Position(d.Path)
	return d
}
