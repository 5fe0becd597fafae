package project

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// report adds what compose-go says about the files, with the place it is
// about as far as its words tell.
func (l *load) report(err error) {
	var unknown *UnknownServiceError
	if errors.As(err, &unknown) {
		l.found.add(Diagnostic{Code: CodeNoSuchService, Summary: "no such service: " + unknown.Name, Hint: unknown.Hint})
		return
	}
	if err := l.variables.exhausted(); err != nil {
		l.found.fail("%v", err)
		return
	}
	text := strings.TrimSpace(err.Error())
	switch {
	case strings.HasPrefix(text, "validating "):
		l.found = append(l.found, l.explainSchema(text)...)
	case strings.HasPrefix(text, "failed to parse "):
		l.found.add(l.syntaxError(text))
	default:
		for _, part := range splitErrors(text) {
			l.found.add(l.locateError(part))
		}
		l.found = append(l.found, l.explainSchema("")...)
	}
}

const (
	interpolating = "error while interpolating "
	decoding      = "decoding failed due to the following error(s):\n\n"
)

// splitErrors takes the errors apart that compose-go reports together.
func splitErrors(text string) []string {
	for _, head := range []string{interpolating, decoding} {
		rest, ok := strings.CutPrefix(text, head)
		if !ok {
			continue
		}
		separator := "\n" + interpolating
		if head == decoding {
			separator, head = "\n", "decoding failed: "
		}
		var parts []string
		for part := range strings.SplitSeq(rest, separator) {
			parts = append(parts, head+part)
		}
		return parts
	}
	return []string{text}
}

// errorForms are forms of compose-go's errors that name a place.
type errorForm struct {
	pattern *regexp.Regexp
	path    string // what the groups of the pattern make of it
	code    Code
}

func errorForms() []errorForm {
	form := func(pattern, path string, code Code) errorForm {
		return errorForm{regexp.MustCompile(pattern), path, code}
	}
	return []errorForm{
		form(`^error while interpolating ([^:]+): required variable`, "$1", CodeMissingValue),
		form(`^error while interpolating ([^:]+): failed to cast`, "$1", CodeWrongType),
		form(`^error while interpolating ([^:]+):`, "$1", ""),
		form(`^invalid interpolation format for (\S+)\.\n`, "$1", ""),
		form(`^decoding failed: '([^']+)'`, "$1", CodeWrongType),
		form(`^cannot extend service "([^"]+)" in `, "services.$1.extends", CodeUndefined),
		form(`^Circular reference:\n +(\S+) in `, "services.$1.extends", CodeCycle),
		form(`\b((?:services|networks|volumes|secrets|configs|models|jobs|include)[.\[][\w.\[\]-]*[\w\]])`, "$1", ""),
	}
}

// locateError finds the model path that an error text names.
func (l *load) locateError(text string) Diagnostic {
	d := Diagnostic{Summary: text}
	for _, form := range errorForms() {
		if found := form.pattern.FindStringSubmatchIndex(text); found != nil {
			path := form.pattern.ExpandString(nil, form.path, text, found)
			d.Path, d.Code = plainPath(string(path)), form.code
			break
		}
	}
	if text == notMapping {
		d.Pos = l.notMapping()
	}
	if d.Path == "" {
		d.Path = l.blame(text)
	}
	if strings.HasPrefix(text, "invalid interpolation format") && holdsValues(d.Path) {
		d.Summary = text[:strings.LastIndex(text, "\n")] // the rest is the value
	}
	if d.Code == CodeUndefined {
		d.Hint = l.suggestBase(text)
	}
	return d
}

// notMapping is what compose-go says of a file, without its name, whose text
// is no mapping.
const notMapping = "top-level object must be a mapping"

// notMapping names the first such file. What stands in it is not shown: it may
// be the file of variables, given by mistake.
func (l *load) notMapping() Pos {
	for _, file := range l.sources.files {
		for _, doc := range file.documents() {
			if root := doc.Content; len(root) > 0 && aliased(root[0]).Kind != yaml.MappingNode {
				return Pos{File: file.name}
			}
		}
	}
	return Pos{}
}

// plainPath writes list indexes and bracketed names as the parts of a path.
func plainPath(path string) string {
	path = strings.NewReplacer(".[]", "", "[", ".", "]", "").Replace(path)
	return strings.ReplaceAll(path, "..", ".")
}

// suggestBase looks for a service near the one that extends asks for.
func (l *load) suggestBase(text string) string {
	asked := regexp.MustCompile(`: service "([^"]+)" not found`).FindStringSubmatch(text)
	if asked == nil {
		return ""
	}
	return suggest(asked[1], l.sources.keysOf("services"))
}

// syntaxError places an error of compose-go's YAML parser.
func (l *load) syntaxError(text string) Diagnostic {
	for _, file := range l.sources.files {
		rest, ok := strings.CutPrefix(text, "failed to parse "+file.name+": ")
		if !ok {
			continue
		}
		pos := Pos{File: file.name}
		pos.Line, pos.Column = syntaxPosition(rest)
		return Diagnostic{
			Code: CodeSyntax, Pos: pos,
			Summary: fmt.Sprintf("failed to parse %s: %s", file.name, placePattern().ReplaceAllString(rest, "")),
			Hint:    syntaxHint(rest, file.line(pos.Line)),
		}
	}
	return Diagnostic{Code: CodeSyntax, Summary: text}
}

// placePattern matches a place in the parser's words.
func placePattern() *regexp.Regexp {
	return regexp.MustCompile(`( at <unknown position>|<unknown position>: | at line \d+(, column \d+)?|\bline \d+(, column \d+)?: )`)
}

// syntaxPosition reads the place from the parser's words. They name first
// where the thing began that was being read, which is what to look at, except
// in a block, where it is the line that does not fit. What was being parsed,
// rather than scanned, has its lines counted from zero.
func syntaxPosition(text string) (line, column int) {
	found := regexp.MustCompile(`line (\d+)(?:, column (\d+))?`).FindAllStringSubmatch(text, -1)
	parsing := strings.Contains(text, "while parsing ")
	if parsing && strings.Contains(text, "at <unknown position>") {
		return 1, 0 // the first line has no position of its own
	}
	if len(found) == 0 {
		return 0, 0
	}
	place := found[0]
	if strings.Contains(text, "while parsing a block") {
		place = found[len(found)-1]
	}
	line, _ = strconv.Atoi(place[1])   // digits only
	column, _ = strconv.Atoi(place[2]) // or empty: unknown
	if parsing {
		line++
	}
	return line, column
}

func syntaxHint(text, line string) string {
	switch {
	case strings.Contains(text, "cannot start any token") && strings.Contains(line, "\t"):
		return "YAML is indented with spaces, never with tabs"
	case strings.Contains(text, "mapping values are not allowed"):
		return `a text that holds ": " must stand in quotes`
	case strings.Contains(text, "quoted scalar"):
		return "a quote is not closed"
	default:
		return ""
	}
}

func (e *limitError) diagnostic(file *source) Diagnostic {
	return Diagnostic{
		Code: CodeSyntax, Pos: Pos{File: file.name, Line: e.line},
		Summary: fmt.Sprintf("failed to parse %s: %s", file.name, e.text),
	}
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
	if err != nil || l.options.NoInterpolate {
		return unexplained(text)
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
	if len(ds) == 0 {
		return unexplained(text)
	}
	return ds
}

func unexplained(text string) Diagnostics {
	if text == "" {
		return nil
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
