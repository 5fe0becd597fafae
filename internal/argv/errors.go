package argv

import (
	"errors"
	"fmt"
	"strings"
)

// UsageError is a command line that cannot be understood.
type UsageError struct {
	Message string   // in the words of docker's command line
	Hint    string   // what was probably meant; may be empty
	Path    []string // the command it was for
}

// Error is the message without the hint.
func (e *UsageError) Error() string { return e.Message }

func (p *parser) usageError(message, hint string) error {
	return &UsageError{Message: message, Hint: hint, Path: p.path()}
}

// commandLine is what was typed so far, as docker's messages name it.
func (p *parser) commandLine() string {
	return strings.Join(append([]string{"docker compose"}, p.path()...), " ")
}

func (p *parser) invalid(flag Flag, value string, cause error) error {
	return p.usageError(fmt.Sprintf("invalid argument %q for %q flag: %v", value, flag.spelled(), cause), "")
}

func (p *parser) unknownCommand(name string) error {
	command := p.current().command
	var names []string
	for _, sub := range command.Commands {
		names = append(names, sub.Name)
	}
	line := strings.Join(append(append([]string{"compose"}, p.path()...), name), " ")
	return p.usageError(fmt.Sprintf("unknown docker command: %q", line), didYouMean("", name, names))
}

func (p *parser) unknownFlag(name string) error {
	return p.usageError("unknown flag: --"+name, didYouMean("--", name, p.longNames()))
}

func (p *parser) unknownShort(letter, letters string) error {
	return p.usageError(fmt.Sprintf("unknown shorthand flag: '%s' in -%s", letter, letters), "")
}

// oneDash adds the hint that a long flag lacks a dash to what failed.
func (p *parser) oneDash(arg string, err error) error {
	var usage *UsageError
	if name, _, _ := strings.Cut(arg[1:], "="); len(name) > 2 && errors.As(err, &usage) {
		usage.Hint = didYouMean("--", name, p.longNames())
	}
	return err
}

func (p *parser) longNames() []string {
	var names []string
	for i, level := range p.levels {
		for _, flag := range level.command.Flags {
			if i == len(p.levels)-1 || !flag.Here {
				names = append(names, flag.Name)
			}
		}
	}
	return append(names, "help")
}
