package project

import (
	"bytes"
	"io"
	"maps"
	"regexp"
	"slices"
	"testing"

	"github.com/compose-spec/compose-go/v2/template"
	"github.com/google/go-cmp/cmp"
	"github.com/sirupsen/logrus"
	"pgregory.net/rapid"
)

// TestSubstitute holds the replacement of variables against compose-go's, and
// the list of missing ones against what compose-go logs.
func TestSubstitute(t *testing.T) {
	piece := rapid.SampledFrom([]string{
		"$", "${", "}", "{", ":", "-", "?", "+", ":-", ":?", ":+", "A", "B", "EMPTY", "N", "_x", "1", " ", "\n", "a.b", "é",
		"${A}", "${N}", "$B", "$$", "${N:-", "${A:+", "${EMPTY:?", "${N:-${B}}",
	})
	rapid.Check(t, func(t *rapid.T) {
		text := ""
		for _, part := range rapid.SliceOfN(piece, 0, 8).Draw(t, "pieces") {
			text += part
		}
		compareSubstitute(t, text)
	})
}

func FuzzSubstitute(f *testing.F) {
	for _, seed := range []string{"${A:-${B}}", "$$A ${N?m}", "${A}${", "${N:-a}b${N:+c}", "${A-", "x${A:?y}z}"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) { compareSubstitute(t, text) })
}

func compareSubstitute(t failer, text string) {
	env := map[string]string{"A": "value", "B": "$A", "EMPTY": ""}
	lookup := func(name string) (string, bool) { v, ok := env[name]; return v, ok }
	var logged bytes.Buffer
	logrus.SetOutput(&logged)
	want, wantErr := template.Substitute(text, lookup)
	logrus.SetOutput(io.Discard) // as TestMain has it

	var v variables
	got, err := v.substitute(text, lookup)
	if message(wantErr) != message(err) {
		t.Fatalf("%q: error %v, compose-go says %v", text, err, wantErr)
	}
	if wantErr == nil && got != want {
		t.Fatalf("%q becomes %q, with compose-go %q", text, got, want)
	}
	var missing []string
	for found := range v.missing {
		missing = append(missing, found.name)
	}
	slices.Sort(missing)
	if diff := cmp.Diff(loggedNames(logged.String()), missing); diff != "" {
		t.Fatalf("%q: other missing variables (-compose-go +ours):\n%s", text, diff)
	}
}

func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func loggedNames(log string) []string {
	found := map[string]bool{}
	for _, match := range regexp.MustCompile(`The \\"(\w+)\\" variable`).FindAllStringSubmatch(log, -1) {
		found[match[1]] = true
	}
	return slices.Sorted(maps.Keys(found))
}
