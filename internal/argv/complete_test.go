package argv

import (
	"strings"
	"testing"
)

// TestLocate: what is typed at the end of a line, by the table of docker compose.
func TestLocate(t *testing.T) {
	root := surface(t)
	for line, want := range map[string]string{
		"":                    "command",
		"u":                   "command u",
		"-f a u":              "command u",
		"-":                   "flag -",
		"up ":                 "up operand",
		"up web -d d":         "up operand d after web",
		"up --t":              "up flag --t",
		"up -t ":              "up value of timeout",
		"up --timeout=1":      "up value of timeout 1 behind --timeout=",
		"up -d --scale a=1 -": "up flag -",
		"up -- -":             "up operand -",
		"-p ":                 "value of project-name",
		"exec web sh -":       "exec operand - after web sh",
		"exec -":              "exec flag -",
		"plan ":               "plan command",
		"plan -t ":            "plan up value of timeout",
		"up --nope ":          "nothing",
		"nope ":               "nothing",
		"up --nope=":          "nothing",
	} {
		if got := where(Locate(root, strings.Split(line, " "))); got != want {
			t.Errorf("%q: %s, want %s", line, got, want)
		}
	}
	if got := where(Locate(root, nil)); got != "nothing" {
		t.Errorf("without a word: %s", got)
	}
}

func where(c Cursor, ok bool) string {
	if !ok {
		return "nothing"
	}
	words := append([]string{}, c.Path...)
	switch {
	case c.Value != nil:
		words = append(words, "value of", c.Value.Name)
	case len(c.Flags) > 0:
		words = append(words, "flag")
	case len(c.Commands) > 0:
		words = append(words, "command")
	default:
		words = append(words, "operand")
	}
	if c.Word != "" {
		words = append(words, c.Word)
	}
	if c.Before != "" {
		words = append(words, "behind", c.Before)
	}
	if len(c.Operands) > 0 {
		words = append(append(words, "after"), c.Operands...)
	}
	return strings.Join(words, " ")
}
