package argv

import "slices"

// Kind is the type of a flag's value.
type Kind uint8

// The kinds. A Bool needs no value and takes one only as --flag=false; every
// other kind takes the next argument, whatever that looks like.
const (
	Bool Kind = iota
	Int
	String
	List // a String that may be given several times
)

// Flag is one flag of a command.
type Flag struct {
	Name    string   // long spelling, without dashes
	Short   string   // one letter, or empty
	Aliases []string // further long spellings that are accepted
	Kind    Kind
	// Here keeps a global flag from being accepted after the command: -v asks
	// for the version before it and means something else behind it.
	Here bool
	// Usage is what help says of it, with the name of its value in back quotes.
	// What is hidden has none.
	Usage string
}

// spelled is the flag as error messages name it: "-t, --timeout".
func (f Flag) spelled() string {
	if f.Short == "" {
		return "--" + f.Name
	}
	return "-" + f.Short + ", --" + f.Name
}

// Command is one command, or the program itself.
type Command struct {
	Name     string
	Aliases  []string
	Flags    []Flag
	Commands []Command
	// Default is the subcommand that is meant where none is named: what is no
	// subcommand is then an operand, or a flag, of that one.
	Default string
	// StopAtOperand ends the flags at the first operand: what follows belongs
	// to another program. A command with subcommands always stops there.
	StopAtOperand bool
	// NoOperands refuses operands.
	NoOperands bool
	// Usage is what help says of it. What is hidden has none.
	Usage string
	// Operands are its operands as help shows them: "[SERVICE...]".
	Operands string
}

func (c Command) find(name string) (Command, bool) {
	i := slices.IndexFunc(c.Commands, func(sub Command) bool {
		return sub.Name == name || slices.Contains(sub.Aliases, name)
	})
	if i < 0 {
		return Command{}, false
	}
	return c.Commands[i], true
}

func (c Command) long(name string) (Flag, bool) {
	return c.flag(func(f Flag) bool { return f.Name == name || slices.Contains(f.Aliases, name) })
}

func (c Command) short(letter string) (Flag, bool) {
	return c.flag(func(f Flag) bool { return f.Short == letter })
}

func (c Command) flag(match func(Flag) bool) (Flag, bool) {
	i := slices.IndexFunc(c.Flags, match)
	if i < 0 {
		return Flag{}, false
	}
	return c.Flags[i], true
}
