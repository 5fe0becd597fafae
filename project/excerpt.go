package project

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// maxExcerpt is the widest excerpt in runes; lines of generated files can be
// very long.
const maxExcerpt = 120

// excerpt shows a line with its number, and points at the column.
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

// withoutValues leaves out of a line what may be secret: excerpts end up in
// the logs of others. Of a text with a variable only the variable is shown, of
// environment and build arguments only the name, and nothing after a name
// that sounds secret.
func (d Diagnostic) withoutValues(line string) string {
	runes := []rune(line)
	before := string(runes[:min(max(d.Pos.Column-1, 0), len(runes))])
	if d.reference != "" {
		return secretName().ReplaceAllString(before, "$1…") + "…" + d.reference + "…"
	}
	if holdsValues(d.Path) {
		parts := strings.Split(d.Path, ".")
		line = before + parts[len(parts)-1] + " …"
	}
	return secretName().ReplaceAllString(line, "$1…")
}

// holdsValues tells whether what is below the path are values of users.
func holdsValues(path string) bool {
	parts := strings.Split(path, ".")
	last := len(parts) - 1
	return slices.ContainsFunc(parts[:last], func(part string) bool {
		return part == "environment" || part == "args"
	}) || parts[last] == "content"
}

// secretName matches a name that sounds secret and its value, to the end of
// the line.
func secretName() *regexp.Regexp {
	return regexp.MustCompile(`(?i)([\w.-]*(?:passw|passphrase|secret|token|api_?key|private_?key|credential)[\w.-]*["']?\s*[:=]\s*["']?)[^\s"'\[{$].*`)
}
