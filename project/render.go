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
		b.WriteString(excerpt(line, d.Pos))
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

// maxExcerpt is the widest excerpt in runes; lines of generated files can be
// very long.
const maxExcerpt = 120

func excerpt(line string, pos Pos) string {
	shown := []rune(strings.Map(printable, strings.ToValidUTF8(line, "?")))
	column := min(max(pos.Column, 1), len(shown)+1)
	if start := column - maxExcerpt/2; len(shown) > maxExcerpt && start > 0 {
		shown, column = append([]rune("…"), shown[start:]...), column-start+1
	}
	if len(shown) > maxExcerpt {
		shown = append(shown[:maxExcerpt:maxExcerpt], '…')
	}
	number := fmt.Sprintf("%5d", pos.Line)
	text := fmt.Sprintf("%s | %s\n", number, string(shown))
	if pos.Column > 0 {
		text += fmt.Sprintf("%*s | %s^\n", len(number), "", strings.Repeat(" ", column-1))
	}
	return text
}

// printable keeps the columns: what a terminal would act upon becomes a blank.
func printable(r rune) rune {
	if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 {
		return ' '
	}
	return r
}

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
