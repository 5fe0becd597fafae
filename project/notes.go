package project

import (
	"cmp"
	"fmt"
	"slices"

	"gopkg.in/yaml.v3"
)

// noteMissing warns about each variable that was used without being set, at
// the first place it is used.
func (l *load) noteMissing() {
	first := map[string]Pos{}
	for missing := range l.variables.missing {
		pos, _ := l.sources.scalar(missing.template)
		if known, ok := first[missing.name]; !ok || pos.before(known) {
			first[missing.name] = pos
		}
	}
	var notes Diagnostics
	for name, pos := range first {
		notes.add(Diagnostic{
			Severity: Warning, Code: CodeMissingValue, Pos: pos, reference: "${" + name + "}",
			Summary: fmt.Sprintf("The %q variable is not set. Defaulting to a blank string.", name),
		})
	}
	slices.SortFunc(notes, func(a, b Diagnostic) int {
		if a.Pos != b.Pos {
			return cmp.Or(cmp.Compare(a.Pos.File, b.Pos.File), cmp.Compare(a.Pos.Line, b.Pos.Line), cmp.Compare(a.Pos.Column, b.Pos.Column))
		}
		return cmp.Compare(a.Summary, b.Summary)
	})
	l.found = append(l.found, notes...)
}

func (p Pos) before(other Pos) bool {
	if p.Line == 0 || other.Line == 0 {
		return p.Line != 0
	}
	return cmp.Or(cmp.Compare(p.File, other.File), cmp.Compare(p.Line, other.Line), cmp.Compare(p.Column, other.Column)) < 0
}

// noteVersion warns about the attribute that the Compose Spec made obsolete.
func (l *load) noteVersion() {
	for _, file := range l.sources.files {
		for _, doc := range file.documents() {
			key := topLevelKey(doc, "version")
			if key == nil || file.under {
				continue
			}
			l.found.add(Diagnostic{
				Severity: Warning, Code: CodeObsolete, Path: "version",
				Pos:     Pos{file.name, key.Line, key.Column},
				Summary: file.name + ": the attribute `version` is obsolete, it will be ignored, please remove it to avoid potential confusion",
			})
		}
	}
}

func topLevelKey(doc *yaml.Node, name string) *yaml.Node {
	if len(doc.Content) == 0 || doc.Content[0].Kind != yaml.MappingNode {
		return nil
	}
	pairs := doc.Content[0].Content
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i].Value == name {
			return pairs[i]
		}
	}
	return nil
}
