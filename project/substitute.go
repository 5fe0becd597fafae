package project

import (
	"errors"
	"fmt"
	"strings"

	"github.com/compose-spec/compose-go/v2/template"
)

// variables replaces ${X} in texts as compose-go does, and keeps a list of
// the variables that were not set, which compose-go can only log.
type variables struct {
	missing  map[missingVariable]bool
	produced int // bytes, to bound what a few variables can grow to
}

type missingVariable struct{ name, template string }

// substitute is a drop-in for template.Substitute (Compose Spec,
// interpolation). The tests hold the two against each other.
func (v *variables) substitute(text string, lookup template.Mapping) (string, error) {
	if !strings.Contains(text, "$") {
		return text, nil
	}
	s := substitution{lookup: lookup, missing: func(name string) { v.note(name, text) }}
	replaced, err := s.text(text)
	v.produced += len(replaced)
	if err := v.exhausted(); err != nil {
		return "", err
	}
	return replaced, err
}

// exhausted is an error once the files have used up what they may produce.
func (v *variables) exhausted() error {
	if v.produced <= maxExpansion {
		return nil
	}
	return fmt.Errorf("variables expand to more than %d bytes", maxExpansion)
}

func (v *variables) note(name, text string) {
	if v.missing == nil {
		v.missing = map[missingVariable]bool{}
	}
	v.missing[missingVariable{name, text}] = true
}

type substitution struct {
	lookup  template.Mapping
	missing func(name string)
}

// text replaces every reference. On errors it goes on, so that a variable
// missing after the faulty one is noted too, and returns the first.
func (s substitution) text(text string) (string, error) {
	var first error
	replaced := template.DefaultPattern.ReplaceAllStringFunc(text, func(match string) string {
		value, err := s.match(match)
		if err == nil {
			return value
		}
		var invalid *template.InvalidTemplateError
		if errors.As(err, &invalid) && invalid.Template == "" {
			invalid.Template = text
		}
		if first == nil {
			first = err
		}
		return value
	})
	return replaced, first
}

// match replaces one match of the pattern. The pattern is greedy: after a
// reference with an operator it takes everything up to the last brace, so the
// rest is split off here.
func (s substitution) match(match string) (string, error) {
	operator := firstOperator(match)
	rest := ""
	if end := closingBrace(match); end >= 0 {
		match, rest = match[:end+1], match[end+1:]
	}
	groups := namedGroups(match)
	if escaped := groups["escaped"]; escaped != "" {
		return escaped, nil
	}
	if name := groups["named"]; name != "" {
		return s.plain(name), nil
	}
	braced := groups["braced"]
	if braced == "" {
		return "", &template.InvalidTemplateError{}
	}
	name, argument, ok := strings.Cut(braced, operator)
	if !ok {
		return s.plain(braced), nil
	}
	value, err := s.operate(name, operator, argument)
	if err != nil {
		return "", err
	}
	after, err := s.text(rest)
	if err != nil {
		return "", err
	}
	return value + after, nil
}

func (s substitution) plain(name string) string {
	value, ok := s.lookup(name)
	if !ok {
		s.missing(name)
	}
	return value
}

func (s substitution) operate(name, operator, argument string) (string, error) {
	if strings.HasSuffix(operator, "?") {
		return s.require(name, operator, argument)
	}
	value, ok := s.lookup(name)
	usable := ok && (len(operator) == 1 || value != "")
	if usable == strings.HasSuffix(operator, "+") {
		return s.text(argument)
	}
	return value, nil
}

func (s substitution) require(name, operator, argument string) (string, error) {
	value, ok := s.lookup(name)
	if ok && (operator == "?" || value != "") {
		return value, nil
	}
	message, err := s.text(argument)
	if err != nil {
		return "", err
	}
	return "", &template.MissingRequiredError{Variable: name, Reason: message}
}

// firstOperator is the one that stands first in the text; of two at the same
// place it is the longer.
func firstOperator(text string) string {
	best, at := ":?", -1
	for _, operator := range []string{":?", "?", ":-", "-", ":+", "+"} {
		if i := strings.Index(text, operator); i >= 0 && (at < 0 || i < at) {
			best, at = operator, i
		}
	}
	return best
}

// closingBrace finds the end of the first braced reference. As in compose-go,
// the character right after an opening brace is not looked at.
func closingBrace(text string) int {
	open := 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '}':
			if open--; open == 0 {
				return i
			}
		case '{':
			open++
			i++
		}
	}
	return -1
}

func namedGroups(match string) map[string]string {
	found := template.DefaultPattern.FindStringSubmatch(match)
	groups := map[string]string{}
	for i, name := range template.DefaultPattern.SubexpNames() {
		if name != "" && i < len(found) {
			groups[name] = found[i]
		}
	}
	return groups
}
