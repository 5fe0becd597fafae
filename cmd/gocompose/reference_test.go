package main

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/urfave/cli/v2"

	"github.com/gocompose/gocompose/internal/argv"
)

var updateReference = flag.Bool("update", false, "write docs/reference")

const referenceDir = "../../docs/reference"

// TestReference holds docs/reference against the command tree; with -update it
// writes it.
func TestReference(t *testing.T) {
	app := newProgram(Invocation{}).app()
	want := map[string]string{"README.md": referenceIndex(app)}
	defaults := flagDefaults("", app.Flags, app.Commands)
	for _, entry := range referenced(app) {
		want[entry.file] = referencePage(entry, defaults)
	}
	if *updateReference {
		writeReference(t, want)
	}
	there, err := filepath.Glob(filepath.Join(referenceDir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, path := range there {
		text, err := os.ReadFile(path) //nolint:gosec // a file of this repository
		if err != nil {
			t.Fatal(err)
		}
		got[filepath.Base(path)] = string(text)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("docs/reference is not what the commands say; run make reference (-commands +files):\n%s", diff)
	}
}

func writeReference(t *testing.T, pages map[string]string) {
	t.Helper()
	if err := os.RemoveAll(referenceDir); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(referenceDir, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, file := range slices.Sorted(maps.Keys(pages)) {
		if err := os.WriteFile(filepath.Join(referenceDir, file), []byte(pages[file]), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// pageOf is a command that has a page.
type pageOf struct {
	command    *cli.Command
	path, file string
}

// referenced are the commands that have a page: those that help shows, and what
// is in the hidden group. The commands below plan have pages of their own.
func referenced(app *cli.App) []pageOf {
	var pages []pageOf
	for _, c := range app.Commands {
		if !c.Hidden {
			pages = append(pages, pageOf{c, c.Name, c.Name + ".md"})
			continue
		}
		for _, sub := range c.Subcommands {
			if !sub.Hidden {
				pages = append(pages, pageOf{sub, c.Name + " " + sub.Name, c.Name + "-" + sub.Name + ".md"})
			}
		}
	}
	return pages
}

const generated = "<!-- Made by make reference from the command tree; changes here are lost. -->\n\n"

func referenceIndex(app *cli.App) string {
	var b strings.Builder
	b.WriteString(generated + "# The commands of gocompose\n\n```\ngocompose [OPTIONS] COMMAND\n```\n")
	for _, category := range categories() {
		fmt.Fprintf(&b, "\n## %s\n\n| command | what it does |\n|---|---|\n", category)
		for _, page := range referenced(app) {
			if page.command.Category == category {
				fmt.Fprintf(&b, "| [`%s`](%s) | %s |\n", page.path, page.file, page.command.Usage)
			}
		}
	}
	b.WriteString("\n## Options of all commands\n\nThey may stand anywhere on the line.\n\n")
	writeOptions(&b, app.Flags, flagDefaults("", app.Flags, nil), "")
	b.WriteString("\n## Exit status\n\n")
	writeStatuses(&b, commonStatuses())
	return b.String()
}

func referencePage(page pageOf, defaults map[string]string) string {
	var b strings.Builder
	c := page.command
	fmt.Fprintf(&b, "%s# gocompose %s\n\n%s.\n\n```\ngocompose %s [OPTIONS]", generated, page.path, c.Usage, page.path)
	if len(c.Subcommands) > 0 {
		b.WriteString(" [COMMAND]")
	}
	if c.ArgsUsage != "" {
		b.WriteString(" " + c.ArgsUsage)
	}
	b.WriteString("\n```\n")
	if c.Description != "" {
		fmt.Fprintf(&b, "\n%s\n", wrap(c.Description, 120, ""))
	}
	if len(c.Aliases) > 0 {
		fmt.Fprintf(&b, "\nAlso known as `%s`.\n", strings.Join(c.Aliases, "`, `"))
	}
	if len(c.Subcommands) > 0 {
		b.WriteString("\n## Commands\n\n")
		for _, sub := range c.Subcommands {
			fmt.Fprintf(&b, "- [`%s`](%s.md)\n", sub.Name, sub.Name)
		}
	}
	if len(flagRows(c.Flags)) > 0 {
		b.WriteString("\n## Options\n\n")
		writeOptions(&b, c.Flags, defaults, page.path)
	}
	b.WriteString("\n[Options of all commands](README.md#options-of-all-commands)\n")
	if c.UsageText != "" {
		fmt.Fprintf(&b, "\n## Examples\n\n```\n%s\n```\n", c.UsageText)
	}
	b.WriteString("\n## Exit status\n\n")
	writeStatuses(&b, append(commonStatuses(), ownStatuses("gocompose "+page.path)...))
	return b.String()
}

func writeOptions(b *strings.Builder, flags []cli.Flag, defaults map[string]string, path string) {
	b.WriteString("| option | what it does | default |\n|---|---|---|\n")
	for _, f := range flags {
		for _, row := range flagRows([]cli.Flag{f}) {
			fallback := defaults[path+" --"+f.Names()[0]]
			if fallback != "" {
				fallback = "`" + fallback + "`"
			}
			fmt.Fprintf(b, "| `%s` | %s | %s |\n", strings.TrimSpace(row[0]), strings.ReplaceAll(row[1], "|", `\|`), fallback)
		}
	}
}

func writeStatuses(b *strings.Builder, rows [][2]string) {
	b.WriteString("| status | what it tells |\n|---|---|\n")
	for _, row := range rows {
		fmt.Fprintf(b, "| %s | %s |\n", row[0], row[1])
	}
}

// TestExamples has a shell take the examples of the commands apart, and gocompose
// understand them. Each command that takes anything has one.
func TestExamples(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("bash is not installed")
	}
	app := newProgram(Invocation{}).app()
	table, err := argv.FromApp(app, argvRules())
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range referenced(app) {
		if page.command.UsageText == "" {
			t.Errorf("%s has no example", page.path)
		}
		for example := range strings.Lines(page.command.UsageText) {
			args := shellWords(t, bash, example)
			if line, err := argv.Parse(table, args); err != nil || strings.Join(line.Path, " ") != page.path &&
				!strings.HasPrefix(strings.Join(line.Path, " "), page.path+" ") {
				t.Errorf("%s: %q is understood as %q: %v", page.path, example, line.Path, err)
			}
		}
	}
}

// shellWords are the program and the arguments that a line of shell runs it with.
func shellWords(t *testing.T, bash, line string) []string {
	t.Helper()
	dir := t.TempDir()
	shell := exec.CommandContext(t.Context(), bash, "-c", `gocompose() { printf '%s\0' gocompose "$@" >words; }; `+line)
	shell.Dir, shell.Env = dir, []string{"PATH=/nowhere"}
	_ = shell.Run()                                       // what follows a pipe is not there
	text, err := os.ReadFile(filepath.Join(dir, "words")) //nolint:gosec // the test's own file
	if err != nil {
		t.Fatalf("%q runs no gocompose: %v", line, err)
	}
	return strings.Split(strings.TrimSuffix(string(text), "\x00"), "\x00")
}
