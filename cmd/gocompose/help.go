package main

import (
	"bufio"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/gocompose/gocompose/internal/argv"
)

// Categories of commands, in the order in which help lists them.
const (
	categoryRun    = "Bring an application up and down"
	categoryManage = "Manage containers that exist"
	categoryLook   = "Look at what is there"
	categoryFiles  = "Look at the files"
	categorySelf   = "gocompose itself"
)

func categories() []string {
	return []string{categoryRun, categoryManage, categoryLook, categoryFiles, categorySelf}
}

// helpWidth is the column that help texts are wrapped at.
const helpWidth = 80

func (p *program) helpCommand() *cli.Command {
	return &cli.Command{
		Name:      "help",
		Category:  categorySelf,
		Usage:     "Show how to use " + p.calling.name + " or one of its commands",
		ArgsUsage: "[COMMAND...]",
		UsageText: "gocompose help up",
		Action: func(c *cli.Context) error {
			return p.help(p.app(), c.Args().Slice())
		},
	}
}

// help shows the program's help, or that of the command that path leads to.
func (p *program) help(app *cli.App, path []string) error {
	commands, names := app.Commands, []string{app.Name}
	var found *cli.Command
	for _, name := range path {
		i := slices.IndexFunc(commands, func(c *cli.Command) bool { return c.HasName(name) })
		if i < 0 {
			return &argv.UsageError{Message: fmt.Sprintf("unknown docker command: %q", "compose "+strings.Join(path, " "))}
		}
		found = commands[i]
		commands, names = found.Subcommands, append(names, found.Name)
	}
	out := bufio.NewWriter(p.Stdout)
	if found == nil {
		appHelp(out, app)
	} else {
		commandHelp(out, app, found, strings.Join(names, " "))
	}
	return out.Flush()
}

func appHelp(w io.Writer, app *cli.App) {
	fmt.Fprintf(w, "Usage: %s [OPTIONS] COMMAND\n\n%s.\n", app.Name, app.Usage)
	for _, category := range categories() {
		fmt.Fprintf(w, "\n%s:\n", category)
		writeRows(w, commandRows(app.Commands, category))
	}
	fmt.Fprintf(w, "\nOptions of all commands:\n")
	writeRows(w, flagRows(app.Flags))
	fmt.Fprintf(w, "\nOptions may stand anywhere on the line. %s COMMAND --help says more about one.\n", app.Name)
}

func commandRows(commands []*cli.Command, category string) [][2]string {
	var rows [][2]string
	for _, c := range commands {
		if c.Category == category && !c.Hidden {
			rows = append(rows, [2]string{c.Name, c.Usage})
		}
	}
	return rows
}

func commandHelp(w io.Writer, app *cli.App, c *cli.Command, line string) {
	fmt.Fprintf(w, "Usage: %s [OPTIONS]", line)
	if len(c.Subcommands) > 0 {
		fmt.Fprintf(w, " [COMMAND]")
	}
	if c.ArgsUsage != "" {
		fmt.Fprintf(w, " %s", c.ArgsUsage)
	}
	fmt.Fprintf(w, "\n\n%s.\n", c.Usage)
	if c.Description != "" {
		fmt.Fprintf(w, "\n%s\n", wrap(c.Description, helpWidth, ""))
	}
	if len(c.Subcommands) > 0 {
		fmt.Fprintf(w, "\nCommands:\n")
		writeRows(w, commandRows(c.Subcommands, c.Subcommands[0].Category))
	}
	if rows := flagRows(c.Flags); len(rows) > 0 {
		fmt.Fprintf(w, "\nOptions:\n")
		writeRows(w, rows)
	}
	if c.UsageText != "" {
		fmt.Fprintf(w, "\nExamples:\n")
		for example := range strings.Lines(c.UsageText) {
			fmt.Fprintf(w, "  %s\n", asCalled(strings.TrimSpace(example), app.Name))
		}
	}
	if rows := ownStatuses(ownName + strings.TrimPrefix(line, app.Name)); len(rows) > 0 {
		fmt.Fprintf(w, "\nExit status:\n")
		writeRows(w, rows)
	}
	fmt.Fprintf(w, "\nFor the options of all commands see %s --help.\n", app.Name)
}

// asCalled is an example by the name that the program was called by.
func asCalled(example, name string) string {
	if rest, ok := strings.CutPrefix(example, ownName+" "); ok {
		return name + " " + rest
	}
	return example
}

// placeholder is the name of a flag's value, given in its text in back quotes.
func placeholder(usage string) (name, text string) {
	quoted := regexp.MustCompile("`([^`]+)`").FindStringSubmatch(usage)
	if quoted == nil {
		return "", usage
	}
	return quoted[1], strings.Replace(usage, quoted[0], quoted[1], 1)
}

func flagRows(flags []cli.Flag) [][2]string {
	var rows [][2]string
	for _, f := range flags {
		visible, ok := f.(cli.VisibleFlag)
		documented, described := f.(cli.DocGenerationFlag)
		if !ok || !described || !visible.IsVisible() {
			continue
		}
		short, long := "    ", ""
		for _, name := range f.Names() {
			if len(name) == 1 {
				short = "-" + name + ", "
			} else if long == "" {
				long = "--" + name
			}
		}
		value, text := placeholder(documented.GetUsage())
		if documented.TakesValue() && value != "" {
			long += " " + value
		}
		rows = append(rows, [2]string{short + long, text})
	}
	return rows
}

// writeRows writes names and texts in two columns.
func writeRows(w io.Writer, rows [][2]string) {
	column := 0
	for _, row := range rows {
		column = max(column, len(row[0]))
	}
	indent := strings.Repeat(" ", 2+column+3)
	for _, row := range rows {
		text := wrap(row[1], helpWidth-len(indent), indent)
		fmt.Fprintf(w, "  %-*s   %s\n", column, row[0], text)
	}
}

// wrap breaks text at blanks; lines after the first are indented. A blank line
// in the text stays.
func wrap(text string, width int, indent string) string {
	var paragraphs []string
	for _, paragraph := range strings.Split(text, "\n\n") {
		var b strings.Builder
		used := 0
		for _, word := range strings.Fields(paragraph) {
			switch {
			case used == 0:
			case used+1+len(word) > max(width, 20):
				b.WriteString("\n" + indent)
				used = 0
			default:
				b.WriteString(" ")
				used++
			}
			b.WriteString(word)
			used += len(word)
		}
		paragraphs = append(paragraphs, b.String())
	}
	return strings.Join(paragraphs, "\n\n"+indent)
}
