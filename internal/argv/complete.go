package argv

import "strings"

// Cursor is the place in a command line at which a word is being typed.
type Cursor struct {
	Command  Command  // the last one before it
	Path     []string // the names of the commands before it, without the program's
	Globals  []string // the program's own flags before it, in strict form
	Operands []string // operands before it
	Word     string   // what is typed of it
	// Value is the flag whose value the word is, if it is one. Before is then what
	// stands before the value in the same argument: "--file=".
	Value  *Flag
	Before string
	// Flags are those that may follow, if the word is to be one.
	Flags []Flag
	// Commands are those that may follow. There may be operands too, where the
	// command has a default.
	Commands []Command
}

// Locate reads the words after the program's name up to the cursor, the last of
// which is being typed and may be empty. It tells false where no word can follow
// what was typed.
func Locate(root Command, words []string) (Cursor, bool) {
	p := &parser{levels: []level{{command: root}}, rest: words}
	for len(p.rest) > 1 {
		if err := p.next(); err != nil && len(p.rest) > 0 {
			return Cursor{}, false
		}
	}
	c := Cursor{Command: p.current().command, Path: p.path(), Globals: p.levels[0].flags, Operands: p.operands}
	if len(p.rest) == 0 {
		if len(words) > 0 {
			c.Word = words[len(words)-1]
		}
		c.Value = &p.last
		return c, len(words) > 0 && p.last.Kind != Bool
	}
	c.Word = p.rest[0]
	ok := p.locate(&c)
	return c, ok
}

// locate says what the word at the cursor may be.
func (p *parser) locate(c *Cursor) bool {
	name, value, assigned := strings.Cut(c.Word, "=")
	switch {
	case p.flagsEnd || !strings.HasPrefix(c.Word, "-"):
		if p.flagsEnd && len(p.operands) == 0 {
			p.descend() // what follows -- is no flag, but may be a command's operand
			c.Path, c.Command = p.path(), p.current().command
		}
		if len(p.operands) == 0 {
			c.Commands = c.Command.Commands
		}
		return true
	case assigned && strings.HasPrefix(name, "--"):
		flag, _, ok := p.lookUp(func(known Command) (Flag, bool) { return known.long(name[len("--"):]) })
		c.Value, c.Word, c.Before = &flag, value, name+"="
		return ok
	default:
		c.Flags = p.flags()
		return true
	}
}

// flags are those that may follow: the command's, those of its default, and the
// global ones.
func (p *parser) flags() []Flag {
	current := p.current().command
	flags := append([]Flag(nil), current.Flags...)
	if sub, ok := current.find(current.Default); ok {
		flags = append(flags, sub.Flags...)
	}
	for _, above := range p.levels[:len(p.levels)-1] {
		for _, flag := range above.command.Flags {
			if !flag.Here {
				flags = append(flags, flag)
			}
		}
	}
	return flags
}
