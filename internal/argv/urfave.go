package argv

import (
	"fmt"
	"slices"

	"github.com/urfave/cli/v2"
)

// Rules are what an urfave/cli table has no place for.
type Rules struct {
	Here     []string          // global flags that are not accepted after the command
	Defaults map[string]string // default subcommands, by command
	// Programs are commands that run another program: what follows their first
	// operand is its.
	Programs []string
	// Spellings are further long spellings, by flag name. A spelling of one
	// letter cannot be an alias in urfave/cli's table: there it is a shorthand.
	Spellings map[string]string
}

// FromApp is the table of an urfave/cli program. A flag's one-letter alias is
// its shorthand, the program's own flags are global, and a command without
// ArgsUsage takes no operands.
func FromApp(app *cli.App, rules Rules) (Command, error) {
	root := Command{Name: app.Name}
	flags, err := rules.flags(app.Flags)
	if err != nil {
		return Command{}, err
	}
	for _, flag := range flags {
		flag.Here = slices.Contains(rules.Here, flag.Name)
		root.Flags = append(root.Flags, flag)
	}
	root.Commands, err = rules.commands(app.Commands)
	return root, err
}

func (r Rules) commands(commands []*cli.Command) ([]Command, error) {
	var table []Command
	for _, c := range commands {
		flags, err := r.flags(c.Flags)
		if err != nil {
			return nil, fmt.Errorf("command %s: %w", c.Name, err)
		}
		sub, err := r.commands(c.Subcommands)
		if err != nil {
			return nil, err
		}
		usage := c.Usage
		if c.Hidden {
			usage = ""
		}
		table = append(table, Command{
			Usage: usage, Operands: c.ArgsUsage, Name: c.Name, Aliases: c.Aliases, Flags: flags, Commands: sub,
			Default: r.Defaults[c.Name], NoOperands: c.ArgsUsage == "",
			StopAtOperand: slices.Contains(r.Programs, c.Name),
		})
	}
	return table, nil
}

func (r Rules) flags(flags []cli.Flag) ([]Flag, error) {
	var table []Flag
	for _, f := range flags {
		names := f.Names()
		flag := Flag{Name: names[0]}
		for _, alias := range names[1:] {
			if len(alias) == 1 {
				flag.Short = alias
			} else {
				flag.Aliases = append(flag.Aliases, alias)
			}
		}
		if spelling, ok := r.Spellings[flag.Name]; ok {
			flag.Aliases = append(flag.Aliases, spelling)
		}
		if shown, ok := f.(cli.VisibleFlag); ok && shown.IsVisible() {
			if described, ok := f.(cli.DocGenerationFlag); ok {
				flag.Usage = described.GetUsage()
			}
		}
		switch f.(type) {
		case *cli.BoolFlag:
			flag.Kind = Bool
		case *cli.IntFlag:
			flag.Kind = Int
		case *cli.StringFlag:
			flag.Kind = String
		case *cli.StringSliceFlag:
			flag.Kind = List
		default:
			return nil, fmt.Errorf("flag --%s: no rule for a %T", flag.Name, f)
		}
		table = append(table, flag)
	}
	return table, nil
}
