package main

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestCompatibilityOfCommands holds the table of docs/compatibility.md against
// testdata/surface.txt: each command and flag of docker compose has its place.
func TestCompatibilityOfCommands(t *testing.T) {
	text, err := os.ReadFile(compatibilityDocument)
	if err != nil {
		t.Fatal(err)
	}
	row := regexp.MustCompile("(?m)^\\| `([a-z -]+)` \\| (whole|in part|not there yet) \\| (.*) \\| (.*) \\|$")
	got := map[string][]string{}
	for _, cells := range row.FindAllStringSubmatch(string(text), -1) {
		without := quoted(cells[4])
		if whole := cells[2] == "whole"; whole && len(without) > 0 || cells[2] == "not there yet" && cells[3] != "" {
			t.Errorf("%s is said to be %s", cells[1], cells[2])
		}
		flags := []string{}
		if cells[2] == "not there yet" {
			flags = append(flags, "not there yet")
		}
		flags = append(flags, append(quoted(cells[3]), without...)...)
		slices.Sort(flags)
		got[cells[1]] = flags
	}
	if diff := cmp.Diff(surfaceFlags(t), got); diff != "" {
		t.Errorf("the table of commands is not complete (-testdata/surface.txt +document):\n%s", diff)
	}
}

// surfaceFlags are the flags of each command, sorted, and that it is missing.
func surfaceFlags(t *testing.T) map[string][]string {
	t.Helper()
	text, err := os.ReadFile("testdata/surface.txt")
	if err != nil {
		t.Fatal(err)
	}
	flags, at := map[string][]string{}, ""
	for line := range strings.Lines(string(text)) {
		entry, missing := strings.CutPrefix(strings.TrimSpace(line), "! ")
		switch {
		case entry == "" || strings.HasPrefix(entry, "#"):
		case strings.HasPrefix(entry, "--"):
			flags[at] = append(flags[at], strings.Fields(entry)[0])
		default:
			if at = entry; at == "." {
				at = "gocompose"
			}
			flags[at] = []string{}
			if missing {
				flags[at] = append(flags[at], "not there yet")
			}
		}
	}
	for _, list := range flags {
		slices.Sort(list)
	}
	return flags
}

// quoted are the words in code quotes.
func quoted(cell string) []string {
	var words []string
	for _, match := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(cell, -1) {
		words = append(words, match[1])
	}
	return words
}
