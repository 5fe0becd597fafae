package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	xterm "golang.org/x/term"

	"github.com/gocompose/gocompose/internal/enginetest"
)

// terminal is gocompose running on a pseudo-terminal.
type terminal struct {
	t       *testing.T
	command *exec.Cmd
	file    *os.File
	ended   chan struct{}

	mu     sync.Mutex
	output bytes.Buffer
}

// project is a directory with a compose file, and an engine for it.
type place struct {
	dir    string
	engine *enginetest.Engine
	env    []string
}

func newPlace(t *testing.T, compose string) *place {
	t.Helper()
	return newPlaceOf(t, "", compose)
}

// newPlaceOf has an engine of that API version.
func newPlaceOf(t *testing.T, version, compose string) *place {
	t.Helper()
	engine, err := enginetest.New(enginetest.Options{APIVersion: version, Images: images(), Registry: registry()})
	if err != nil {
		t.Fatal(err)
	}
	sockets, err := os.MkdirTemp("", "gc") //nolint:usetesting // a test's own directory is too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(engine.Close(), os.RemoveAll(sockets)); err != nil {
			t.Error(err)
		}
	})
	host, err := engine.Serve(filepath.Join(sockets, "docker.sock"))
	if err != nil {
		t.Fatal(err)
	}
	p := &place{dir: t.TempDir(), engine: engine}
	p.write(t, compose)
	p.env = []string{
		"GOCOMPOSE_TEST_MAIN=1", "DOCKER_HOST=" + host, "HOME=" + p.dir, "PATH=" + os.Getenv("PATH"),
		"TERM=xterm", "LANG=C.UTF-8", "PWD=" + p.dir, "GOCOVERDIR=" + os.Getenv("GOCOVERDIR"),
		"GORACE=" + noRaceSleep,
	}
	return p
}

func (p *place) write(t *testing.T, compose string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(p.dir, "compose.yaml"), []byte(compose), 0o600); err != nil {
		t.Fatal(err)
	}
}

func (p *place) start(t *testing.T, args ...string) *terminal {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	term := &terminal{t: t, command: exec.Command(self, args...), ended: make(chan struct{})}
	term.command.Dir, term.command.Env = p.dir, p.env
	term.file, err = pty.StartWithSize(term.command, &pty.Winsize{Rows: 24, Cols: 100})
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(term.ended)
		_, _ = io.Copy(term, term.file) // ends with an error when the program has ended
	}()
	return term
}

func (term *terminal) Write(text []byte) (int, error) {
	term.mu.Lock()
	defer term.mu.Unlock()
	return term.output.Write(text)
}

func (term *terminal) text() string {
	term.mu.Lock()
	defer term.mu.Unlock()
	return term.output.String()
}

// expect waits for text to appear.
func (term *terminal) expect(text string) { term.t.Helper(); term.expectTimes(text, 1) }

// expectTimes waits until the text has appeared so often.
func (term *terminal) expectTimes(text string, times int) {
	term.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); strings.Count(term.text(), text) < times; time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			term.t.Fatalf("%q did not appear in:\n%s", text, term.text())
		}
	}
}

func (term *terminal) send(keys string) {
	term.t.Helper()
	if _, err := term.file.WriteString(keys); err != nil {
		term.t.Fatal(err)
	}
}

// wait returns all output and the exit status. Whatever was done, the terminal
// must be as it was.
func (term *terminal) wait() (string, int) {
	term.t.Helper()
	<-term.ended
	_ = term.command.Wait() // the status says it
	if fresh := freshTerminal(term.t); !reflect.DeepEqual(modes(term.t, term.file), fresh) {
		term.t.Errorf("the terminal is not as it was after %v", term.command.Args[1:])
	}
	if err := term.file.Close(); err != nil {
		term.t.Error(err)
	}
	return term.text(), term.command.ProcessState.ExitCode()
}

// modes are those of a terminal, such as whether it shows what is typed.
func modes(t *testing.T, file *os.File) *xterm.State {
	t.Helper()
	state, err := xterm.GetState(int(file.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	return state
}

func freshTerminal(t *testing.T) *xterm.State {
	t.Helper()
	file, other, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	state := modes(t, file)
	if err := errors.Join(file.Close(), other.Close()); err != nil {
		t.Fatal(err)
	}
	return state
}

func (p *place) run(t *testing.T, args ...string) (string, int) {
	t.Helper()
	return p.start(t, args...).wait()
}

const shop = `
name: shop
services:
  web:
    image: app:1
    depends_on:
      db: {condition: service_healthy}
  db:
    image: db:1
`

func TestLiveProgress(t *testing.T) {
	p := newPlace(t, shop)
	output, code := p.run(t, "up", "-d")
	if code != 0 {
		t.Fatalf("exit status %d:\n%s", code, output)
	}
	for _, want := range []string{"[+] up 3/3", "shop_default", "Healthy", "Started", "\x1b[1A\x1b[2K"} {
		if !strings.Contains(output, want) {
			t.Errorf("%q is not in:\n%q", want, output)
		}
	}
	for _, never := range []string{"\x1b[?25l", "\x1b[?1049h", "\x1b[2J"} {
		if strings.Contains(output, never) {
			t.Errorf("the terminal is put into a state that must be undone: %q", never)
		}
	}
	output, _ = p.run(t, "--ansi", "never", "down")
	if strings.Contains(output, "\x1b") || !strings.Contains(output, " Container shop-web-1 Removed\r\n") {
		t.Errorf("--ansi never: %q", output)
	}
	p.env = append(p.env, "NO_COLOR=1")
	output, _ = p.run(t, "up", "-d")
	if strings.Contains(output, "m✔") || !strings.Contains(output, "✔") {
		t.Errorf("NO_COLOR: %q", output)
	}
}

func TestAttachedOnTerminal(t *testing.T) {
	p := newPlace(t, shop)
	term := p.start(t, "up")
	term.expect("Attaching to db-1, web-1")
	term.expect("Started")
	term.send("\x03")
	output, code := term.wait()
	if code != exitInterrupted {
		t.Errorf("exit status %d:\n%s", code, output)
	}
	if !strings.Contains(output, "Gracefully Stopping") || !strings.Contains(output, "Stopped") {
		t.Errorf("output:\n%s", output)
	}
}

func TestRemovalIsAsked(t *testing.T) {
	p := newPlace(t, shop)
	if output, code := p.run(t, "create"); code != 0 {
		t.Fatal(output)
	}
	for answer, want := range map[string]int{"n\r": exitOK, "\r": exitOK, "\x03": exitInterrupted} {
		term := p.start(t, "rm")
		term.expect("Going to remove shop-db-1, shop-web-1? (y/N) ")
		term.send(answer)
		if output, code := term.wait(); code != want {
			t.Errorf("%q: exit status %d:\n%s", answer, code, output)
		}
	}
	if got := p.engine.Snapshot(); !strings.Contains(got, "shop-web-1") {
		t.Fatalf("removed without a yes:\n%s", got)
	}
	term := p.start(t, "rm")
	term.expect("(y/N) ")
	term.send("y\r")
	if output, code := term.wait(); code != 0 || strings.Contains(p.engine.Snapshot(), "shop-web-1") {
		t.Errorf("exit status %d:\n%s\n%s", code, output, p.engine.Snapshot())
	}
}

const stored = `
name: shop
services:
  db:
    image: data:1
    volumes: [data:/data]
volumes:
  data:
    labels: {version: "1"}
`

func TestLossOfDataIsAsked(t *testing.T) {
	p := newPlace(t, stored)
	if output, code := p.run(t, "up", "-d"); code != 0 {
		t.Fatal(output)
	}
	p.write(t, strings.Replace(stored, `"1"`, `"2"`, 1))
	p.engine.ResetJournal()
	term := p.start(t, "up", "-d")
	term.expect("Volume shop_data exists but doesn't match")
	term.send("n\r")
	output, code := term.wait()
	if code != 0 || p.engine.MutatingCount() != 0 {
		t.Errorf("after no: exit status %d, %d changes:\n%s", code, p.engine.MutatingCount(), output)
	}
	term = p.start(t, "up", "-d")
	term.expect("(y/N) ")
	term.send("y\r")
	output, code = term.wait()
	if code != 0 || p.engine.MutatingCount() == 0 {
		t.Errorf("after yes: exit status %d, %d changes:\n%s", code, p.engine.MutatingCount(), output)
	}
	p.write(t, strings.Replace(stored, `"1"`, `"3"`, 1))
	output, code = p.run(t, "up", "-d", "-y")
	if code != 0 || strings.Contains(output, "(y/N)") {
		t.Errorf("with -y: exit status %d:\n%s", code, output)
	}
}

// TestExecOnTerminal runs a filter on a terminal of its own: keys are passed on
// one by one, Ctrl-C included, and the detach keys leave.
func TestExecOnTerminal(t *testing.T) {
	p := newPlace(t, shop)
	if output, code := p.run(t, "up", "-d"); code != 0 {
		t.Fatal(output)
	}
	term := p.start(t, "exec", "web", "cat")
	p.await(t, "ExecStart") // by then the terminal passes every key on
	term.send("k\x03")
	term.expect("k\x03")
	term.send("\x10\x11")
	if output, code := term.wait(); code != 0 {
		t.Errorf("after the detach keys: exit status %d:\n%s", code, output)
	}
	output, code := p.run(t, "exec", "-T", "web", "sh", "-c", "exit 4")
	if code != 4 {
		t.Errorf("exit status %d:\n%s", code, output)
	}
}

// await waits for a request to reach the engine: its operation, or that and what
// it is about.
func (p *place) await(t *testing.T, operation string) {
	t.Helper()
	is := func(r enginetest.Request) bool { return r.Op == operation || r.String() == operation }
	for deadline := time.Now().Add(20 * time.Second); !slices.ContainsFunc(p.engine.Journal(), is); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("there was no %s among %v", operation, p.engine.Journal())
		}
	}
}

// TestAttachOnTerminal attaches to a container that has a terminal: its size is
// the user's, keys are passed on, the detach keys leave, and the terminal is as
// before.
func TestAttachOnTerminal(t *testing.T) {
	p := newPlace(t, "name: shop\nservices: {web: {image: app:1, command: cat, tty: true, stdin_open: true}}")
	if output, code := p.run(t, "up", "-d"); code != 0 {
		t.Fatal(output)
	}
	for _, leave := range []struct{ keys, flags string }{{"\x10\x11", ""}, {"\x01d", "--detach-keys=ctrl-a,d"}} {
		p.engine.ResetJournal()
		term := p.start(t, slices.DeleteFunc([]string{"attach", leave.flags, "web"}, func(s string) bool { return s == "" })...)
		p.await(t, "ContainerResize") // by then the terminal passes every key on
		term.send("k\x03")
		term.expect("k\x03")
		term.send(leave.keys)
		if output, code := term.wait(); code != 0 {
			t.Errorf("%q: exit status %d:\n%s", leave.keys, code, output)
		}
	}
	p.engine.ResetJournal()
	output, code := p.run(t, "attach", "--detach-keys", "both", "web")
	if want := "--detach-keys: Unknown character: 'both'"; code != exitFailure || !strings.Contains(output, want) {
		t.Errorf("exit status %d without %q:\n%s", code, want, output)
	}
	term := p.start(t, "attach", "web")
	p.await(t, "ContainerAttach")
	if err := p.engine.Exit("shop-web-1", 6); err != nil {
		t.Error(err)
	}
	if output, code := term.wait(); code != 6 {
		t.Errorf("exit status %d:\n%s", code, output)
	}
}

// TestSignalsArePassedOn sends attach what people send to programs. On the
// terminal, Ctrl-C is for the container as well.
func TestSignalsArePassedOn(t *testing.T) {
	p := newPlace(t, `
name: shop
services: {web: {image: app:1, labels: {enginetest.stop-exit: "3"}}}
`)
	if output, code := p.run(t, "up", "-d"); code != 0 {
		t.Fatal(output)
	}
	for _, last := range []func(*terminal){
		func(term *terminal) { term.send("\x03") },
		func(term *terminal) { term.signal(syscall.SIGTERM) },
	} {
		if output, code := p.run(t, "start"); code != 0 {
			t.Fatal(output)
		}
		p.engine.ResetJournal()
		term := p.start(t, "attach", "web")
		p.await(t, "ContainerAttach")
		term.signal(syscall.SIGHUP) // nothing to the container
		p.await(t, "ContainerKill")
		last(term)
		if output, code := term.wait(); code != 3 {
			t.Errorf("exit status %d:\n%s", code, output)
		}
		var passed []string
		for _, r := range p.engine.Journal() {
			if r.Op == "ContainerKill" {
				passed = append(passed, r.Query.Get("signal"))
			}
		}
		if len(passed) != 2 || passed[0] != "SIGHUP" {
			t.Errorf("passed on: %v", passed)
		}
	}
}

func (term *terminal) signal(s syscall.Signal) {
	term.t.Helper()
	if err := term.command.Process.Signal(s); err != nil {
		term.t.Fatal(err)
	}
}

// TestStatsOnTerminal draws each list over the one before; the last one stays.
func TestStatsOnTerminal(t *testing.T) {
	p := newPlace(t, shop)
	if output, code := p.run(t, "up", "-d"); code != 0 {
		t.Fatal(output)
	}
	term := p.start(t, "stats")
	term.expect("shop-web-1")
	term.send("\x03")
	output, code := term.wait()
	if code != exitInterrupted || !strings.Contains(output, "\x1b[1A\x1b[2K") || !strings.Contains(output, "50.00%") {
		t.Errorf("exit status %d:\n%q", code, output)
	}
}

// TestMenu leaves by a key, and by none where there is no menu.
func TestMenu(t *testing.T) {
	p := newPlace(t, shop)
	term := p.start(t, "up")
	term.expect(menuText)
	term.send("w")
	term.expect("Watch is not yet configured.")
	term.send("d")
	if output, code := term.wait(); code != 0 || strings.Contains(output, "Gracefully Stopping") {
		t.Errorf("exit status %d:\n%s", code, output)
	}
	if output, _ := p.run(t, "ps", "--services"); output != "db\r\nweb\r\n" {
		t.Errorf("left running: %q", output)
	}
	for _, without := range []struct{ flag, variable string }{{"--menu=false", "COMPOSE_MENU=1"}, {"", "COMPOSE_MENU=false"}} {
		p.env = append(p.env, without.variable)
		term = p.start(t, slices.DeleteFunc([]string{"up", without.flag}, func(s string) bool { return s == "" })...)
		term.expect("Attaching to")
		term.send("d\x03")
		if output, code := term.wait(); code != exitInterrupted || strings.Contains(output, menuText) {
			t.Errorf("%v: exit status %d:\n%s", without, code, output)
		}
	}
}

// TestMenuWatches begins and ends to watch files by a key, and again.
func TestMenuWatches(t *testing.T) {
	p := newPlace(t, "name: shop\nservices: {web: {image: app:1, develop: {watch: [{path: src, action: sync, target: /tmp}]}}}\n")
	if err := os.Mkdir(filepath.Join(p.dir, "src"), 0o755); err != nil {
		t.Fatal(err)
	}
	term := p.start(t, "up")
	term.expect(menuWatch)
	for i := range 2 {
		term.send("w")
		term.expectTimes("Watch enabled", i+1)
		term.expect(menuWatching)
		if err := os.WriteFile(filepath.Join(p.dir, "src", strconv.Itoa(i)), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		term.expectTimes(`Syncing service "web" after 1 changes were detected`, i+1)
		term.send("w")
		term.expectTimes("Watch disabled", i+1)
	}
	term.send("d")
	if output, code := term.wait(); code != 0 {
		t.Errorf("exit status %d:\n%s", code, output)
	}
}

// TestMenuEndsWithTheRun stops containers one after the other, and has a key not
// leave them half stopped.
func TestMenuEndsWithTheRun(t *testing.T) {
	p := newPlace(t, strings.Replace(shop, "    depends_on:", "    labels: {enginetest.stop-after: 500ms}\n    depends_on:", 1))
	term := p.start(t, "up")
	term.expect(menuText)
	term.send("\x03")
	term.expect("Gracefully Stopping")
	term.send("d")
	if output, code := term.wait(); code != exitInterrupted || strings.Contains(output, errDetached.Error()) {
		t.Errorf("exit status %d:\n%s", code, output)
	}
	if output, _ := p.run(t, "ps", "--services"); output != "" {
		t.Errorf("left running: %q", output)
	}
}
