package ui

import "fmt"

// Mode is a way to show progress.
type Mode string

// The modes of --progress.
const (
	Auto  Mode = "auto" // TTY on a terminal, else Plain
	TTY   Mode = "tty"
	Plain Mode = "plain"
	JSON  Mode = "json"
	Quiet Mode = "quiet"
)

// Values of --ansi.
const (
	ansiAuto   = "auto"
	ansiNever  = "never"
	ansiAlways = "always"
)

// Surroundings are what decides how output looks.
type Surroundings struct {
	Progress string // --progress; empty means auto
	ANSI     string // --ansi; empty means auto
	// OutTerminal and ErrTerminal tell whether standard output and the stream
	// for progress are terminals.
	OutTerminal, ErrTerminal bool
	Getenv                   func(string) string
}

// Style is how output looks.
type Style struct {
	Mode      Mode // never Auto
	Colour    bool // of progress and notes
	OutColour bool // of logs and plans
	Unicode   bool // rather than ASCII alone
}

// Decide settles the style. The flags conflict where docker compose says so.
func Decide(s Surroundings) (Style, error) {
	if s.ANSI == "" {
		s.ANSI = ansiAuto
	}
	if s.ANSI != ansiAuto && s.ANSI != ansiNever && s.ANSI != ansiAlways {
		return Style{}, fmt.Errorf("unsupported --ansi value %q; it is auto, never or always", s.ANSI)
	}
	mode, err := s.mode()
	if err != nil {
		return Style{}, err
	}
	colour := s.Getenv("NO_COLOR") == "" && s.ANSI != ansiNever
	smart := s.Getenv("TERM") != "dumb"
	return Style{
		Mode:      mode,
		Colour:    colour && (s.ANSI == ansiAlways || mode == TTY || s.ErrTerminal && smart && mode == Plain),
		OutColour: colour && (s.ANSI == ansiAlways || s.OutTerminal && smart),
		Unicode:   utf8Locale(s.Getenv),
	}, nil
}

func (s Surroundings) mode() (Mode, error) {
	switch mode := Mode(s.Progress); mode {
	case "", Auto:
		switch {
		case s.ANSI == ansiAlways:
			return TTY, nil
		case s.ANSI == ansiNever || !s.ErrTerminal || s.Getenv("TERM") == "dumb":
			return Plain, nil
		default:
			return TTY, nil
		}
	case TTY:
		if s.ANSI == ansiNever {
			return "", fmt.Errorf("can't use --progress tty while ANSI support is disabled")
		}
		return TTY, nil
	case Plain:
		if s.ANSI == ansiAlways {
			return "", fmt.Errorf("can't use --progress plain while ANSI support is forced")
		}
		return Plain, nil
	case JSON:
		return JSON, nil
	case Quiet, "none":
		return Quiet, nil
	default:
		return "", fmt.Errorf("unsupported --progress value %q; it is auto, tty, plain, json or quiet", s.Progress)
	}
}

// utf8Locale looks where the C library looks. Without any of the variables,
// terminals of today can be trusted to know Unicode.
func utf8Locale(getenv func(string) string) bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if value := getenv(name); value != "" {
			return isUTF8(value)
		}
	}
	return true
}
