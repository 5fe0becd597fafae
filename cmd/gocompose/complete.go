package main

import (
	"bufio"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/gocompose/gocompose/internal/argv"
)

// How a shell is to go on from the candidates, in the numbers of cobra's protocol
// for completion, which docker's own scripts speak:
// https://pkg.go.dev/github.com/spf13/cobra#ShellCompDirective.
const (
	completeFiles      = 0  // with files, if there are no candidates
	completeGlued      = 2  // without a blank behind the word
	completeNothing    = 4  // with nothing else
	completeFilesOf    = 8  // with files of these extensions
	completeDirs       = 16 // with directories
	askCandidates      = "__complete"
	askCandidatesPlain = "__completeNoDesc"
)

// completion is a request for candidates for the last of the words.
type completion struct {
	words []string
	plain bool // without descriptions
}

// asksToComplete tells whether a shell's script asks for candidates.
func asksToComplete(args []string) (completion, bool) {
	if len(args) < 2 || args[1] != askCandidates && args[1] != askCandidatesPlain {
		return completion{}, false
	}
	return completion{words: args[2:], plain: args[1] == askCandidatesPlain}, true
}

// candidates are what a word can become.
type candidates struct {
	words     []candidate
	directive int
}

type candidate struct{ word, text string }

// complete writes the candidates, one a line, and how to go on. Nothing that goes
// wrong is told: the user is in the middle of a line.
func (p *program) complete(ctx context.Context, table argv.Command, request completion) error {
	found := candidates{directive: completeNothing}
	cursor, ok := argv.Locate(table, request.words)
	if ok {
		c := completer{program: p, cursor: cursor}
		found = c.candidates(ctx)
	}
	out := bufio.NewWriter(p.Stdout)
	for _, c := range found.words {
		if found.directive == completeFilesOf {
			fmt.Fprintln(out, c.word) // an extension
			continue
		}
		if !strings.HasPrefix(c.word, cursor.Word) {
			continue
		}
		fmt.Fprint(out, cursor.Before+c.word)
		if c.text != "" && !request.plain {
			fmt.Fprint(out, "\t"+c.text)
		}
		fmt.Fprintln(out)
	}
	fmt.Fprintf(out, ":%d\n", found.directive)
	return out.Flush()
}

// completer finds candidates for the word at the cursor.
type completer struct {
	*program
	cursor argv.Cursor
}

func (c completer) candidates(ctx context.Context) candidates {
	switch {
	case c.cursor.Value != nil:
		return c.value(ctx)
	case len(c.cursor.Flags) > 0:
		return c.flagNames()
	}
	found := c.commandNames()
	if operands := c.operands(ctx); len(c.cursor.Commands) == 0 || c.cursor.Command.Default != "" {
		found.words = append(found.words, operands.words...)
		found.directive = operands.directive
	}
	return found
}

func (c completer) flagNames() candidates {
	found := candidates{directive: completeNothing}
	for _, flag := range c.cursor.Flags {
		if flag.Usage != "" {
			_, text := placeholder(flag.Usage)
			found.words = append(found.words, candidate{"--" + flag.Name, text})
		}
	}
	found.words = append(found.words, candidate{"--help", "Show how it is used"})
	slices.SortFunc(found.words, func(a, b candidate) int { return strings.Compare(a.word, b.word) })
	return found
}

func (c completer) commandNames() candidates {
	found := candidates{directive: completeNothing}
	for _, command := range c.cursor.Commands {
		if command.Usage != "" {
			found.words = append(found.words, candidate{command.Name, command.Usage})
		}
	}
	return found
}

// operands are services where the command takes services.
func (c completer) operands(ctx context.Context) candidates {
	command := c.cursor.Command
	if command.Default != "" {
		return c.services(ctx, "")
	}
	first := len(c.cursor.Operands) == 0
	switch {
	case command.Name == "cp" && strings.Contains(c.cursor.Word, ":"):
		// What follows is a path in a container.
	case command.Name == "cp":
		found := c.services(ctx, ":")
		found.directive = completeGlued // and files, once no service fits
		return found
	case command.Name == "scale":
		found := c.services(ctx, "=")
		found.directive = completeGlued | completeNothing
		return found
	case command.Name == "help":
		return c.helped()
	case strings.HasPrefix(strings.TrimPrefix(command.Operands, "["), "SERVICE"):
		if first || strings.Contains(command.Operands, "SERVICE...") {
			return c.services(ctx, "")
		}
	case command.Operands == shells:
		return listed(shellNames()...)
	}
	return candidates{directive: completeNothing}
}

// helped are the commands that help can be asked about next.
func (c completer) helped() candidates {
	at := argv.Command{Commands: c.table()}
	for _, name := range c.cursor.Operands {
		i := slices.IndexFunc(at.Commands, func(sub argv.Command) bool { return sub.Name == name })
		if i < 0 {
			return candidates{directive: completeNothing}
		}
		at = at.Commands[i]
	}
	c.cursor.Commands = at.Commands
	return c.commandNames()
}

func (c completer) table() []argv.Command {
	table, err := argv.FromApp(c.app(), argv.Rules{})
	if err != nil {
		return nil
	}
	return table.Commands
}

func listed(words ...string) candidates {
	found := candidates{directive: completeNothing}
	for _, word := range words {
		found.words = append(found.words, candidate{word: word})
	}
	return found
}

// withGlobals does what needs the project, with the program's flags of the line.
func (c completer) withGlobals(ctx context.Context, do func(context.Context)) {
	app := &cli.App{
		Name: "gocompose", HideHelp: true, DisableSliceFlagSeparator: true,
		Flags:          c.globals.flags(),
		ExitErrHandler: func(*cli.Context, error) {},
		Action: func(c *cli.Context) error {
			do(c.Context)
			return nil
		},
	}
	_ = app.RunContext(ctx, append([]string{app.Name}, c.cursor.Globals...))
}
