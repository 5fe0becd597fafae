package ui

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/gocompose/gocompose/planner"
	"github.com/gocompose/gocompose/runtime"
)

func getenv(pairs ...string) func(string) string {
	return func(name string) string {
		for _, pair := range pairs {
			if value, ok := strings.CutPrefix(pair, name+"="); ok {
				return value
			}
		}
		return ""
	}
}

func TestDecide(t *testing.T) {
	for _, c := range []struct {
		name string
		s    Surroundings
		want Style
		err  string
	}{
		{name: "terminal", s: Surroundings{OutTerminal: true, ErrTerminal: true, Getenv: getenv()},
			want: Style{Mode: TTY, Colour: true, OutColour: true, Unicode: true}},
		{name: "pipe", s: Surroundings{Getenv: getenv()}, want: Style{Mode: Plain, Unicode: true}},
		{name: "output piped", s: Surroundings{ErrTerminal: true, Getenv: getenv()},
			want: Style{Mode: TTY, Colour: true, Unicode: true}},
		{name: "no colour", s: Surroundings{OutTerminal: true, ErrTerminal: true, Getenv: getenv("NO_COLOR=1")},
			want: Style{Mode: TTY, Unicode: true}},
		{name: "dumb", s: Surroundings{OutTerminal: true, ErrTerminal: true, Getenv: getenv("TERM=dumb")},
			want: Style{Mode: Plain, Unicode: true}},
		{name: "plain on a terminal", s: Surroundings{Progress: "plain", ErrTerminal: true, Getenv: getenv("LANG=C")},
			want: Style{Mode: Plain, Colour: true}},
		{name: "ansi never", s: Surroundings{ANSI: "never", OutTerminal: true, ErrTerminal: true, Getenv: getenv("LANG=de_DE.UTF-8")},
			want: Style{Mode: Plain, Unicode: true}},
		{name: "ansi always", s: Surroundings{ANSI: "always", Getenv: getenv()},
			want: Style{Mode: TTY, Colour: true, OutColour: true, Unicode: true}},
		{name: "json", s: Surroundings{Progress: "json", Getenv: getenv()}, want: Style{Mode: JSON, Unicode: true}},
		{name: "quiet", s: Surroundings{Progress: "quiet", Getenv: getenv("LC_ALL=C", "LANG=C.UTF-8")}, want: Style{Mode: Quiet}},
		{name: "none", s: Surroundings{Progress: "none", Getenv: getenv()}, want: Style{Mode: Quiet, Unicode: true}},
		{name: "tty without ansi", s: Surroundings{Progress: "tty", ANSI: "never", Getenv: getenv()},
			err: "can't use --progress tty while ANSI support is disabled"},
		{name: "plain with ansi", s: Surroundings{Progress: "plain", ANSI: "always", Getenv: getenv()},
			err: "can't use --progress plain while ANSI support is forced"},
		{name: "unknown", s: Surroundings{Progress: "xx", Getenv: getenv()},
			err: `unsupported --progress value "xx"; it is auto, tty, plain, json or quiet`},
		{name: "unknown ansi", s: Surroundings{ANSI: "xx", Getenv: getenv()},
			err: `unsupported --ansi value "xx"; it is auto, never or always`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := Decide(c.s)
			if text := errorText(err); text != c.err {
				t.Fatalf("error %q, want %q", text, c.err)
			}
			if got != c.want {
				t.Errorf("%+v, want %+v", got, c.want)
			}
		})
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestProgressModes(t *testing.T) {
	show := func(style Style) string {
		var errs bytes.Buffer
		c := NewConsole(ConsoleOptions{Out: &bytes.Buffer{}, Err: &errs})
		s := newScript("up")
		s.step(planner.PullImage{Image: "redis:7"})
		s.replace()
		p := NewProgress(c, style)
		p.Event(runtime.Event{Phase: runtime.PhaseStarted}) // before a plan is shown
		p.Begin(s.plan)
		s.sinks = append(s.sinks, p.Event)
		s.started("image/redis:7:pull")
		s.layer("image/redis:7:pull", "abc", "Downloading", 1, 3)
		s.play("image/redis:7:pull", runtime.PhaseDone, func(e *runtime.Event) {
			e.Took, e.Name, e.Warnings = 1500*time.Millisecond, "redis:7", []string{"it is\nold"}
		})
		s.started("container/web/1:rename")
		s.failed("container/web/1:rename", "no\nway")
		p.End()
		c.Close()
		return errs.String()
	}
	expect(t, show(Style{Mode: Quiet}), "")
	expect(t, show(Style{Mode: Plain}), `
 Image redis:7 Pulling
 Image redis:7 Pulled
warning: redis:7: it is old
 Container shop-web-1 Recreate
 Container shop-web-1 Error no
`)
	want := []string{
		`{"id":"Image redis:7","status":"Working","text":"Pulling","gocompose":{"version":1,"step":"image/redis:7:pull","verb":"pull","target":"image/redis:7","phase":"started","reason":"missing"}}`,
		`{"id":"abc","parent_id":"Image redis:7","status":"Working","text":"Downloading","current":1,"total":3,"percent":33,"gocompose":{"version":1,"step":"image/redis:7:pull","verb":"pull","target":"image/redis:7","phase":"progress","reason":"missing"}}`,
		`{"id":"Image redis:7","status":"Done","text":"Pulled","gocompose":{"version":1,"step":"image/redis:7:pull","verb":"pull","target":"image/redis:7","phase":"done","reason":"missing","took_ms":1500,"warnings":["it is\nold"]}}`,
		`{"id":"Container shop-web-1","status":"Working","text":"Recreate","gocompose":{"version":1,"step":"container/web/1:rename","verb":"rename","target":"container/web/1","phase":"started","reason":"missing"}}`,
		`{"id":"Container shop-web-1","status":"Error","text":"Error","details":"no","gocompose":{"version":1,"step":"container/web/1:rename","verb":"rename","target":"container/web/1","phase":"failed","reason":"missing","error":"no\nway"}}`,
	}
	got := show(Style{Mode: JSON})
	expect(t, got, strings.Join(want, "\n")+"\n")
	for line := range strings.Lines(got) {
		if !json.Valid([]byte(line)) {
			t.Errorf("not JSON: %s", line)
		}
	}
}

func TestLogs(t *testing.T) {
	printed := func(o LogOptions, expectNames ...string) (string, string) {
		var out, errs bytes.Buffer
		c := NewConsole(ConsoleOptions{Out: &out, Err: &errs})
		l := NewLogs(c, o)
		l.Expect(expectNames...)
		at := time.Date(2026, 3, 1, 12, 0, 0, 5, time.UTC)
		l.Line(runtime.LogLine{Container: "shop-db-1", Service: "db", Number: 1, Text: "ready", Time: at})
		l.Line(runtime.LogLine{Container: "shop-worker-12", Service: "worker", Number: 12, Text: "oops", Stream: runtime.Stderr, Time: at})
		l.Line(runtime.LogLine{Container: "special", Service: "db", Number: 2, Text: "", Time: at})
		l.Status("shop-db-1", "db", 1, "exited with code 0")
		c.Close()
		return out.String(), errs.String()
	}
	out, errs := printed(LogOptions{}, "worker-12")
	expect(t, out, "db-1       | ready\nspecial    | \ndb-1 exited with code 0\n")
	expect(t, errs, "worker-12  | oops\n")
	out, errs = printed(LogOptions{OneStream: true})
	expect(t, out+"|"+errs, "db-1  | ready\nworker-12  | oops\nspecial    | \ndb-1 exited with code 0\n|")
	out, _ = printed(LogOptions{}) // room is made when it is needed
	expect(t, out, "db-1  | ready\nspecial    | \ndb-1 exited with code 0\n")
	out, errs = printed(LogOptions{NoPrefix: true, Timestamps: true})
	expect(t, out, "2026-03-01T12:00:00.000000005Z ready\n2026-03-01T12:00:00.000000005Z \ndb-1 exited with code 0\n")
	expect(t, errs, "2026-03-01T12:00:00.000000005Z oops\n")
	out, errs = printed(LogOptions{Colour: true, Services: []string{"worker", "db"}})
	expect(t, out, "\x1b[36mdb-1  |\x1b[0m ready\n\x1b[36mspecial    |\x1b[0m \n\x1b[36mdb-1 exited with code 0\x1b[0m\n")
	expect(t, errs, "\x1b[33mworker-12  |\x1b[0m oops\n")
}

func TestPrefixesWiden(t *testing.T) {
	var out bytes.Buffer
	c := NewConsole(ConsoleOptions{Out: &out, Err: &out})
	l := NewLogs(c, LogOptions{})
	for _, name := range []string{"shop-db-1", "shop-worker-1", "shop-db-1"} {
		service := strings.TrimSuffix(strings.TrimPrefix(name, "shop-"), "-1")
		l.Line(runtime.LogLine{Container: name, Service: service, Number: 1, Text: "x"})
	}
	c.Close()
	expect(t, out.String(), "db-1  | x\nworker-1  | x\ndb-1      | x\n")
}

func TestColoursDependOnTheServicesAlone(t *testing.T) {
	names := []string{"a", "b", "c", "d", "e", "f"}
	seen := map[Colour]bool{}
	for _, name := range names {
		colour := serviceColour(name, names)
		if colour == Red || seen[colour] {
			t.Errorf("%s has %s", name, colour)
		}
		seen[colour] = true
	}
	if serviceColour("new", names) == "" {
		t.Error("a service that the files do not know has no colour")
	}
}

func TestTable(t *testing.T) {
	var b bytes.Buffer
	rows := [][]string{{"NAME", "STATUS", "PORTS"}, {"shop-webserver-1", "Up", ""}}
	if err := WriteTable(&b, 10, rows); err != nil {
		t.Fatal(err)
	}
	expect(t, b.String(), "NAME               STATUS    PORTS\nshop-webserver-1   Up        \n")
}

func TestConfirm(t *testing.T) {
	for answer, want := range map[string]bool{
		"y\n": true, "Yes\n": true, "\tyes \n": true, "yes": true,
		"\n": false, "n\n": false, "": false, "yep\n": false,
	} {
		var out bytes.Buffer
		got, err := Confirm(context.Background(), strings.NewReader(answer), &out, "Remove?")
		if err != nil || got != want {
			t.Errorf("%q: %v, %v", answer, got, err)
		}
		if !strings.HasPrefix(out.String(), "Remove? (y/N) ") {
			t.Errorf("asked %q", out.String())
		}
	}
	cause := errors.New("interrupted")
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(cause)
	reader, _ := pipe(t)
	if _, err := Confirm(ctx, reader, &bytes.Buffer{}, "Remove?"); !errors.Is(err, cause) {
		t.Errorf("after an interrupt: %v", err)
	}
}

func pipe(t *testing.T) (*io.PipeReader, *io.PipeWriter) {
	r, w := io.Pipe()
	t.Cleanup(func() { _ = w.Close() })
	return r, w
}
