package argv

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Line is a command line that was understood.
type Line struct {
	// Path names the commands that were found, without the program itself.
	Path []string
	// Args is the strict form, starting with the program's name.
	Args []string
	// Operands are what is left once flags are taken out.
	Operands []string
	// Help tells that --help or -h was among the flags.
	Help bool
}

// Parse reads args, whose first element is the program's name. What cannot be
// understood is a *UsageError.
func Parse(root Command, args []string) (Line, error) {
	p := &parser{levels: []level{{command: root}}}
	if len(args) > 0 {
		p.rest = args[1:]
	}
	if err := p.run(); err != nil {
		return Line{Path: p.path()}, err
	}
	if !p.help {
		p.descend()
	}
	line := Line{Path: p.path(), Operands: p.operands, Help: p.help, Args: []string{root.Name}}
	for i, level := range p.levels {
		if i > 0 {
			line.Args = append(line.Args, level.command.Name)
		}
		line.Args = append(line.Args, level.flags...)
	}
	if len(p.operands) > 0 {
		line.Args = append(append(line.Args, "--"), p.operands...)
	}
	return line, nil
}

// level is one command on the way from the program to the one that runs.
type level struct {
	command Command
	flags   []string // in strict form, in the order given
}

type parser struct {
	rest     []string
	levels   []level
	operands []string
	flagsEnd bool
	help     bool
	last     Flag // that was given a value
}

func (p *parser) current() *level { return &p.levels[len(p.levels)-1] }

func (p *parser) path() []string {
	path := []string{}
	for _, level := range p.levels[1:] {
		path = append(path, level.command.Name)
	}
	return path
}

func (p *parser) run() error {
	for len(p.rest) > 0 {
		if err := p.next(); err != nil {
			return err
		}
	}
	return nil
}

// next reads one argument, and the value that belongs to it.
func (p *parser) next() error {
	arg := p.rest[0]
	p.rest = p.rest[1:]
	switch {
	case p.flagsEnd || arg == "-" || !strings.HasPrefix(arg, "-"):
		return p.operand(arg)
	case arg == "--":
		p.flagsEnd = true
		return nil
	case strings.HasPrefix(arg, "--"):
		return p.longFlag(arg)
	default:
		return p.oneDash(arg, p.shortFlags(arg[1:]))
	}
}

// operand takes a command's name while there are commands to choose from, else
// an operand, at which flags may end.
func (p *parser) operand(arg string) error {
	command := p.current().command
	if len(command.Commands) > 0 {
		if sub, ok := command.find(arg); ok {
			p.levels = append(p.levels, level{command: sub})
			return nil
		}
		if !p.descend() {
			return p.unknownCommand(arg)
		}
		return p.operand(arg)
	}
	if command.NoOperands {
		return p.usageError(fmt.Sprintf("unknown command %q for %q", arg, p.commandLine()), "")
	}
	p.operands = append(p.operands, arg)
	p.flagsEnd = p.flagsEnd || command.StopAtOperand
	return nil
}

func (p *parser) longFlag(arg string) error {
	name, value, given := strings.Cut(arg[len("--"):], "=")
	if name == "" || strings.HasPrefix(name, "-") {
		return p.usageError("bad flag syntax: "+arg, "")
	}
	flag, at, ok := p.lookUp(func(c Command) (Flag, bool) { return c.long(name) })
	if !ok {
		if name == "help" {
			return p.helpFlag(value, given)
		}
		return p.unknownFlag(name)
	}
	if !given {
		switch {
		case flag.Kind == Bool:
			value = "true"
		case len(p.rest) == 0:
			return p.usageError("flag needs an argument: --"+name, "")
		default:
			value, p.rest = p.rest[0], p.rest[1:]
		}
	}
	return p.set(at, flag, value)
}

// shortFlags reads -a, -ab, -n5, -n=5 and -n 5, and any mixture in which only
// the last one takes a value.
func (p *parser) shortFlags(letters string) error {
	for len(letters) > 0 {
		letter := letters[:1]
		flag, at, ok := p.lookUp(func(c Command) (Flag, bool) { return c.short(letter) })
		if !ok {
			if letter == "h" {
				p.help = true
				letters = letters[1:]
				continue
			}
			return p.unknownShort(letter, letters)
		}
		value := letters[1:]
		switch {
		case strings.HasPrefix(value, "="):
			return p.set(at, flag, value[1:])
		case flag.Kind == Bool:
			if err := p.set(at, flag, "true"); err != nil {
				return err
			}
			letters = value
		case value != "":
			return p.set(at, flag, value)
		case len(p.rest) == 0:
			return p.usageError(fmt.Sprintf("flag needs an argument: '%s' in -%s", letter, letters), "")
		default:
			value, p.rest = p.rest[0], p.rest[1:]
			return p.set(at, flag, value)
		}
	}
	return nil
}

// descend goes on to the default subcommand, if there is one.
func (p *parser) descend() bool {
	command := p.current().command
	sub, ok := command.find(command.Default)
	if ok {
		p.levels = append(p.levels, level{command: sub})
	}
	return ok
}

// lookUp finds a flag of the current command, or a global one of those above,
// or else one of the default subcommand, which it then goes on to.
func (p *parser) lookUp(find func(Command) (Flag, bool)) (Flag, *level, bool) {
	for i := range slices.Backward(p.levels) {
		flag, ok := find(p.levels[i].command)
		if ok && (i == len(p.levels)-1 || !flag.Here) {
			return flag, &p.levels[i], true
		}
	}
	command := p.current().command
	if sub, ok := command.find(command.Default); ok {
		if flag, ok := find(sub); ok {
			p.descend()
			return flag, p.current(), true
		}
	}
	return Flag{}, nil, false
}

func (p *parser) helpFlag(value string, given bool) error {
	p.help = true
	if !given {
		return nil
	}
	var err error
	if p.help, err = strconv.ParseBool(value); err != nil {
		return p.invalid(Flag{Name: "help", Short: "h"}, value, err)
	}
	return nil
}

func (p *parser) set(at *level, flag Flag, value string) error {
	p.last = flag
	switch flag.Kind {
	case Bool:
		parsed, err := strconv.ParseBool(value)
		if err != nil {
			return p.invalid(flag, value, err)
		}
		value = strconv.FormatBool(parsed)
	case Int:
		parsed, err := strconv.ParseInt(value, 0, 64)
		if err != nil {
			return p.invalid(flag, value, err)
		}
		value = strconv.FormatInt(parsed, 10)
	case String, List: // anything goes
	}
	at.flags = append(at.flags, "--"+flag.Name+"="+value)
	return nil
}
