package ui

import (
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

// vt is a terminal that knows the codes which the console uses, and panics at
// any other. Its lines break at its width.
type vt struct {
	t             testing.TB
	columns, rows int
	lines         [][]rune // all lines ever, the last rows of which are on the screen
	x, y          int      // y counts in lines
}

func newVT(t testing.TB, columns, rows int) *vt {
	return &vt{t: t, columns: columns, rows: rows, lines: [][]rune{{}}}
}

func (v *vt) Size() (int, int) { return v.columns, v.rows }

var vtCode = regexp.MustCompile(`^\x1b\[([0-9;]*)([A-Za-z])`)

func (v *vt) Write(p []byte) (int, error) {
	text := string(p)
	for text != "" {
		if m := vtCode.FindStringSubmatch(text); m != nil {
			v.code(m[1], m[2])
			text = text[len(m[0]):]
			continue
		}
		r, size := utf8.DecodeRuneInString(text)
		text = text[size:]
		v.put(r)
	}
	return len(p), nil
}

func (v *vt) code(parameters, letter string) {
	switch letter {
	case "m":
	case "A":
		n, _ := strconv.Atoi(parameters)
		v.y = max(v.y-n, v.top())
	case "K":
		if parameters != "2" {
			v.t.Fatalf("unexpected erase %q", parameters)
		}
		v.lines[v.y] = nil
	default:
		v.t.Fatalf("the console used a code that is not allowed: ESC[%s%s", parameters, letter)
	}
}

func (v *vt) top() int { return max(0, len(v.lines)-v.rows) }

func (v *vt) put(r rune) {
	switch {
	case r == '\r':
		v.x = 0
		return
	case r == '\n':
		v.x = 0
		v.down()
		return
	case r < ' ':
		v.t.Fatalf("control character %q", r)
	case v.x == v.columns:
		v.x = 0
		v.down()
	}
	for len(v.lines[v.y]) <= v.x {
		v.lines[v.y] = append(v.lines[v.y], ' ')
	}
	v.lines[v.y][v.x] = r
	v.x++
}

func (v *vt) down() {
	if v.y++; v.y == len(v.lines) {
		v.lines = append(v.lines, nil)
	}
}

// narrow breaks the lines on the screen anew, as terminals do.
func (v *vt) narrow(columns int) {
	var lines [][]rune
	for i, line := range v.lines {
		if i == v.y {
			v.y = len(lines)
		}
		for len(line) > columns {
			lines = append(lines, line[:columns])
			line = line[columns:]
		}
		lines = append(lines, line)
	}
	v.lines, v.columns = lines, columns
}

// String is everything, scrolled off or not, without blank lines at the end.
func (v *vt) String() string {
	var b strings.Builder
	for _, line := range v.lines {
		b.WriteString(strings.TrimRight(string(line), " ") + "\n")
	}
	return strings.TrimRight(b.String(), "\n") + "\n"
}
