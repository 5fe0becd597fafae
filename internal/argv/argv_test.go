package argv

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/urfave/cli/v2"
)

// surface reads docker compose's commands and flags from testdata.
func surface(t testing.TB) Command {
	t.Helper()
	text, err := os.ReadFile("testdata/surface.txt")
	if err != nil {
		t.Fatal(err)
	}
	root := Command{Name: "gocompose"}
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		switch {
		case len(fields) == 0 || fields[0] == "#":
		case fields[0] == "GLOBAL":
			root.Flags = parseFlags(t, fields[1:])
		default:
			group, name, nested := strings.Cut(fields[0], ":")
			parent := &root
			if nested {
				i := slices.IndexFunc(root.Commands, func(c Command) bool { return c.Name == group })
				parent, group = &root.Commands[i], name
				parent.Default = "up"
			}
			names := strings.Split(group, ",")
			parent.Commands = append(parent.Commands, Command{
				Name: names[0], Aliases: names[1:], Flags: parseFlags(t, fields[2:]),
				NoOperands: fields[1] == "-", StopAtOperand: fields[1] == "COMMAND...",
			})
		}
	}
	return root
}

func parseFlags(t testing.TB, specs []string) []Flag {
	t.Helper()
	kinds := map[string]Kind{"": Bool, "int": Int, "string": String, "list": List}
	var flags []Flag
	for _, spec := range specs {
		var flag Flag
		spec, flag.Here = strings.CutPrefix(spec, "!")
		names, kind, _ := strings.Cut(spec, "=")
		var ok bool
		if flag.Kind, ok = kinds[kind]; !ok {
			t.Fatalf("flag %s: no such kind", spec)
		}
		for _, name := range strings.Split(names, "/") {
			long, isLong := strings.CutPrefix(name, "--")
			switch {
			case !isLong:
				flag.Short = strings.TrimPrefix(name, "-")
			case flag.Name == "":
				flag.Name = long
			default:
				flag.Aliases = append(flag.Aliases, long)
			}
		}
		flags = append(flags, flag)
	}
	return flags
}

func TestLines(t *testing.T) {
	text, err := os.ReadFile("testdata/lines.txt")
	if err != nil {
		t.Fatal(err)
	}
	root := surface(t)
	for block := range strings.SplitSeq(string(text), "\n\n") {
		var lines []string
		for line := range strings.Lines(block) {
			if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
				lines = append(lines, line)
			}
		}
		if len(lines) == 0 {
			continue
		}
		command, want := lines[0], strings.Join(lines[1:], "\n")
		t.Run(command, func(t *testing.T) {
			got := show(Parse(root, append([]string{"any"}, strings.Fields(command)[1:]...)))
			if got != want {
				t.Errorf("%s\ngot:\n%s\nwant:\n%s", command, got, want)
			}
		})
	}
}

func show(line Line, err error) string {
	var usage *UsageError
	switch {
	case errors.As(err, &usage) && usage.Hint != "":
		return "! " + usage.Message + "\n? " + usage.Hint
	case err != nil:
		return "! " + err.Error()
	case line.Help:
		return "help: " + strings.Join(append([]string{"gocompose"}, line.Path...), " ")
	default:
		return strings.Join(line.Args, " ")
	}
}

// TestEverySpelling gives each flag of each command in every form, before and
// after an operand, and wants the same strict form.
func TestEverySpelling(t *testing.T) {
	root := surface(t)
	forms := 0
	check := func(command Command, want string, typed ...string) {
		forms++
		operands := []string{"web"}
		if command.NoOperands {
			operands = nil
		}
		lines := [][]string{append(append([]string{"any", command.Name}, typed...), operands...)}
		if !command.StopAtOperand {
			lines = append(lines, append(append([]string{"any", command.Name}, operands...), typed...))
		}
		for _, args := range lines {
			line, err := Parse(root, args)
			if err != nil {
				t.Errorf("%q: %v", args, err)
				continue
			}
			strict := []string{"gocompose", command.Name, want}
			if len(operands) > 0 {
				strict = append(strict, "--", "web")
			}
			if diff := cmp.Diff(strict, line.Args); diff != "" {
				t.Errorf("%q:\n%s", args, diff)
			}
		}
	}
	for _, command := range root.Commands {
		if command.Default != "" {
			continue // its lines are in testdata/lines.txt
		}
		for _, flag := range command.Flags {
			value := "7"
			if flag.Kind == Bool {
				value = "true"
			}
			want := "--" + flag.Name + "=" + value
			for _, name := range append([]string{flag.Name}, flag.Aliases...) {
				check(command, want, "--"+name+"="+value)
				if flag.Kind == Bool {
					check(command, want, "--"+name)
				} else {
					check(command, want, "--"+name, value)
				}
			}
			switch {
			case flag.Short == "":
			case flag.Kind == Bool:
				check(command, want, "-"+flag.Short)
				check(command, want, "-"+flag.Short+"=true")
			default:
				check(command, want, "-"+flag.Short, value)
				check(command, want, "-"+flag.Short+value)
				check(command, want, "-"+flag.Short+"="+value)
			}
		}
	}
	if forms < 400 {
		t.Errorf("only %d spellings were tried; is testdata/surface.txt whole?", forms)
	}
}

// TestUrfave runs strict lines through urfave/cli itself.
func TestUrfave(t *testing.T) {
	var detach, dry bool
	var timeout int
	var operands []string
	var scale cli.StringSlice
	app := &cli.App{
		Name: "gocompose", HideHelp: true, HideVersion: true, DisableSliceFlagSeparator: true,
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "dry-run", Destination: &dry},
			&cli.BoolFlag{Name: "version", Aliases: []string{"v"}},
		},
		Commands: []*cli.Command{{
			Name: "up", ArgsUsage: "[SERVICE...]", HideHelp: true,
			Flags: []cli.Flag{
				&cli.BoolFlag{Name: "detach", Aliases: []string{"d"}, Destination: &detach},
				&cli.IntFlag{Name: "timeout", Aliases: []string{"t"}, Destination: &timeout},
				&cli.StringSliceFlag{Name: "scale", Destination: &scale},
			},
			Action: func(c *cli.Context) error {
				operands = c.Args().Slice()
				return nil
			},
		}},
	}
	root, err := FromApp(app, Rules{Here: []string{"version"}, Spellings: map[string]string{"dry-run": "y"}})
	if err != nil {
		t.Fatal(err)
	}
	line, err := Parse(root, strings.Fields("x up web -dt -1 --scale a=1,b --y --scale b=2 help"))
	if err != nil {
		t.Fatal(err)
	}
	if err := app.Run(line.Args); err != nil {
		t.Fatal(err)
	}
	if !detach || !dry || timeout != -1 {
		t.Errorf("detach %v, dry %v, timeout %d", detach, dry, timeout)
	}
	if diff := cmp.Diff([]string{"a=1,b", "b=2"}, scale.Value()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"web", "help"}, operands); diff != "" {
		t.Error(diff)
	}
	if _, err := Parse(root, []string{"x", "up", "-v"}); err == nil {
		t.Error("the version flag was accepted after the command")
	}
}

func FuzzParse(f *testing.F) {
	for _, line := range []string{"up web -d", "logs -n5 -- x", "-f a up --scale=a=1"} {
		f.Add(line)
	}
	root := surface(f)
	f.Fuzz(func(t *testing.T, text string) {
		args := append([]string{"any"}, strings.Fields(text)...)
		line, err := Parse(root, args)
		if err != nil || line.Help {
			return
		}
		again, err := Parse(root, line.Args)
		if err != nil {
			t.Fatalf("%q became %q, which fails: %v", args, line.Args, err)
		}
		if diff := cmp.Diff(line.Args, again.Args); diff != "" {
			t.Fatalf("%q is not stable:\n%s", args, diff)
		}
	})
}
