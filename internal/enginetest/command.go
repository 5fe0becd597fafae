package enginetest

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// parseCommand works out what a simple command does. It reports false for
// commands it does not know.
func parseCommand(words []string) (Behaviour, bool) {
	s := &script{}
	if len(words) == 3 && (words[0] == "sh" || words[0] == "/bin/sh") && words[1] == "-c" {
		if !s.shell(words[2]) {
			return Behaviour{}, false
		}
	} else if !s.run(words) {
		return Behaviour{}, false
	}
	if !s.endless && !s.b.Echo {
		s.exit(s.code)
	}
	return s.b, true
}

// script follows a command through time.
type script struct {
	b       Behaviour
	now     time.Duration
	code    int
	endless bool
}

// over reports whether nothing that follows is ever reached.
func (s *script) over() bool { return s.endless || s.b.Exit != nil || s.b.Echo }

func (s *script) exit(code int) {
	if s.b.Exit == nil {
		s.b.Exit = &Exit{After: s.now, Code: code}
	}
}

// shell understands a list of simple commands, traps and endless loops.
func (s *script) shell(text string) bool {
	if loop := regexp.MustCompile(`while (true|:) *; *do .*done`).FindStringIndex(text); loop != nil {
		if !s.shell(text[:loop[0]]) {
			return false
		}
		s.endless = !s.over() || s.endless
		return true
	}
	for _, command := range regexp.MustCompile(`;|&&|\n|&(?:[^0-9]|$)`).Split(guard(text), -1) {
		command = strings.TrimSpace(unguard(command))
		if command == "" || s.over() {
			continue
		}
		if !s.simple(command) {
			return false
		}
	}
	return true
}

// guard hides separators inside quotes, and the duplication of a descriptor.
func guard(text string) string {
	quoted := regexp.MustCompile(`'[^']*'|"[^"]*"|>&2`)
	return quoted.ReplaceAllStringFunc(text, func(s string) string {
		return strings.NewReplacer(";", "\x01", "&", "\x02", "\n", "\x03").Replace(s)
	})
}

func unguard(text string) string {
	return strings.NewReplacer("\x01", ";", "\x02", "&", "\x03", "\n").Replace(text)
}

// simple understands one command with quotes and a redirection to stderr.
func (s *script) simple(text string) bool {
	stderr := strings.Contains(text, ">&2")
	text = strings.NewReplacer("1>&2", "", ">&2", "").Replace(text)
	if strings.ContainsAny(text, "|<>`$(){}*") && !strings.HasPrefix(text, "trap ") {
		return false
	}
	var words []string
	for _, word := range regexp.MustCompile(`(?:'[^']*'|"[^"]*"|[^\s'"])+`).FindAllString(text, -1) {
		words = append(words, strings.NewReplacer("'", "", `"`, "").Replace(word))
	}
	before := len(s.b.Output)
	if !s.run(words) {
		return false
	}
	for i := before; i < len(s.b.Output); i++ {
		s.b.Output[i].Stderr = stderr
	}
	return true
}

// run understands one command given as words.
func (s *script) run(words []string) bool {
	if len(words) == 0 {
		return true
	}
	arguments := words[1:]
	switch strings.TrimPrefix(words[0], "/bin/") {
	case "true", ":":
		s.code = 0
	case "false":
		s.code = 1
	case "echo":
		s.code = 0
		s.b.Output = append(s.b.Output, Line{After: s.now, Text: strings.Join(arguments, " ")})
	case "cat":
		s.b.Echo = len(arguments) == 0
		return s.b.Echo
	case "wait":
		s.code = 0
	case "exec":
		return s.run(arguments)
	case "exit":
		return s.exitWith(arguments)
	case "sleep":
		return s.sleep(arguments)
	case "tail":
		s.endless = strings.Join(arguments, " ") == "-f /dev/null"
		return s.endless
	case "trap":
		return s.trap(arguments)
	default:
		return false
	}
	return true
}

func (s *script) exitWith(arguments []string) bool {
	code := s.code
	if len(arguments) > 0 {
		n, err := strconv.Atoi(arguments[0])
		if err != nil {
			return false
		}
		code = n
	}
	s.exit(code)
	return true
}

func (s *script) sleep(arguments []string) bool {
	if len(arguments) != 1 {
		return false
	}
	if arguments[0] == "infinity" || arguments[0] == "inf" {
		s.endless = true
		return true
	}
	text := arguments[0]
	if strings.Trim(text, "0123456789.") == "" {
		text += "s"
	}
	d, err := time.ParseDuration(text)
	s.now += d
	s.code = 0
	return err == nil
}

// trap understands ignoring the stop signal and exiting on it.
func (s *script) trap(arguments []string) bool {
	if len(arguments) < 2 {
		return false
	}
	action := strings.Fields(arguments[0])
	switch {
	case len(action) == 0:
		s.b.IgnoreStop = true
	case action[0] == "exit" && len(action) == 2:
		code, err := strconv.Atoi(action[1])
		if err != nil {
			return false
		}
		s.b.StopCode = code
	case action[0] != "exit":
		return false
	}
	return true
}
