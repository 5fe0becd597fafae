package main

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"

	"github.com/gocompose/gocompose/internal/argv"
)

// TestSurface holds the command tree against testdata/surface.txt: docker compose's
// commands and flags, with what gocompose lacks marked as such.
func TestSurface(t *testing.T) {
	text, err := os.ReadFile("testdata/surface.txt")
	if err != nil {
		t.Fatal(err)
	}
	app := newProgram(Invocation{}).app()
	table, err := argv.FromApp(app, argvRules())
	if err != nil {
		t.Fatal(err)
	}
	defaults := flagDefaults("", app.Flags, app.Commands)
	at, path := &table, ""
	for line := range strings.Lines(string(text)) {
		entry, missing := strings.CutPrefix(strings.TrimSpace(line), "! ")
		fields := strings.Fields(entry)
		switch {
		case len(fields) == 0 || fields[0] == "#":
		case !strings.HasPrefix(fields[0], "--"):
			if path = strings.TrimPrefix(entry, "."); path != "" {
				at = commandAt(table, fields)
			}
			if (at == nil) != missing {
				t.Errorf("command %s: there %v, marked as missing %v", entry, at != nil, missing)
			}
		case at != nil:
			got := "not there"
			if i := slices.IndexFunc(at.Flags, func(f argv.Flag) bool { return "--"+f.Name == fields[0] }); i >= 0 {
				got = describeFlag(at.Flags[i], defaults[path+" --"+at.Flags[i].Name])
			}
			if (got != entry) != missing {
				t.Errorf("%s %s: is %q, marked as missing %v", path, entry, got, missing)
			}
		}
	}
}

func commandAt(table argv.Command, path []string) *argv.Command {
	for _, name := range path {
		i := slices.IndexFunc(table.Commands, func(c argv.Command) bool { return c.Name == name || slices.Contains(c.Aliases, name) })
		if i < 0 {
			return nil
		}
		table = table.Commands[i]
	}
	return &table
}

// describeFlag is a flag as testdata/surface.txt has it.
func describeFlag(f argv.Flag, fallback string) string {
	words := []string{"--" + f.Name}
	if f.Short != "" {
		words = append(words, "-"+f.Short)
	}
	words = append(words, [...]string{argv.Bool: "bool", argv.Int: "int", argv.String: "string", argv.List: "list"}[f.Kind])
	if fallback != "" {
		words = append(words, "="+fallback)
	}
	return strings.Join(words, " ")
}

// flagDefaults are the defaults that say something, by command and flag.
func flagDefaults(path string, flags []cli.Flag, commands []*cli.Command) map[string]string {
	found := map[string]string{}
	for _, f := range flags {
		value := ""
		switch f := f.(type) {
		case *cli.BoolFlag:
			if f.Value {
				value = strconv.FormatBool(f.Value)
			}
		case *cli.IntFlag:
			if f.Value != 0 {
				value = strconv.Itoa(f.Value)
			}
		case *cli.StringFlag:
			value = f.Value
		}
		found[fmt.Sprintf("%s --%s", path, f.Names()[0])] = value
	}
	for _, c := range commands {
		for key, value := range flagDefaults(strings.TrimSpace(path+" "+c.Name), c.Flags, c.Subcommands) {
			found[key] = value
		}
	}
	return found
}
