package project

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// WriteText writes the diagnostics for a reader, each with the line it is
// about:
//
//	compose.yaml:4:5: error: services.web additional properties 'imge' not allowed
//	    4 |     imge: nginx
//	      |     ^
//	    hint: did you mean "image"?
//
// Sources may be nil; then the lines are left out.
func (ds Diagnostics) WriteText(w io.Writer, sources *Sources) error {
	for _, d := range ds {
		if _, err := io.WriteString(w, d.text(sources)); err != nil {
			return err
		}
	}
	return nil
}

func (d Diagnostic) text(sources *Sources) string {
	var b strings.Builder
	if place := d.Pos.relative().String(); place != "" {
		fmt.Fprintf(&b, "%s: ", place)
	}
	fmt.Fprintf(&b, "%s: %s\n", d.Severity, indentRest(d.Summary))
	if line, ok := sources.line(d.Pos); ok {
		b.WriteString(excerpt(d.withoutValues(line), d.Pos))
	}
	if d.Detail != "" {
		fmt.Fprintf(&b, "    %s\n", indentRest(d.Detail))
	}
	if d.Hint != "" {
		fmt.Fprintf(&b, "    hint: %s\n", indentRest(d.Hint))
	}
	return b.String()
}

func indentRest(text string) string { return strings.ReplaceAll(text, "\n", "\n    ") }

// relative shortens the file to the current directory where it is below it.
func (p Pos) relative() Pos {
	if !filepath.IsAbs(p.File) {
		return p
	}
	dir, err := os.Getwd()
	if err != nil {
		return p
	}
	if rel, err := filepath.Rel(dir, p.File); err == nil && filepath.IsLocal(rel) {
		p.File = rel
	}
	return p
}
