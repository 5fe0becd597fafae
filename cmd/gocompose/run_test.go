package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/creack/pty"
	gocmp "github.com/google/go-cmp/cmp"

	"github.com/gocompose/gocompose/internal/enginetest"
)

func TestRunOnTerminal(t *testing.T) {
	p := newPlace(t, shop)
	term := p.start(t, "run", "--name", "once", "web", "cat")
	p.await(t, "ContainerStart once") // by then the terminal passes every key on
	term.send("k\x03")
	term.expect("k\x03")
	term.send("\x10\x11")
	if output, code := term.wait(); code != 0 {
		t.Errorf("after the detach keys: exit status %d:\n%s", code, output)
	}
	if !strings.Contains(p.engine.Snapshot(), "container once image=app:1 state=running") {
		t.Error("the container does not run any more")
	}
	output, code := p.run(t, "run", "--rm", "-T", "web", "sh", "-c", "exit 4")
	if code != 4 {
		t.Errorf("exit status %d:\n%s", code, output)
	}
}

// A container that cannot be attached to is not left behind, though no engine
// removes one that never ran.
func TestRunThatCannotStart(t *testing.T) {
	p := newPlace(t, "name: shop\nservices: {web: {image: app:1}}")
	config := filepath.Join(p.dir, ".docker", "config.json")
	if err := errors.Join(os.Mkdir(filepath.Dir(config), 0o755), os.WriteFile(config, []byte(`{"detachKeys": "no-key"}`), 0o600)); err != nil {
		t.Fatal(err)
	}
	output, code := p.run(t, "run", "--rm", "--name", "once", "web", "cat")
	if code != exitFailure || !strings.Contains(output, "detachKeys") {
		t.Errorf("exit status %d:\n%s", code, output)
	}
	if journal := p.engine.Journal(); !slices.ContainsFunc(journal, func(r enginetest.Request) bool { return r.Op == "ContainerCreate" }) {
		t.Error("the container was not created, so that nothing is tested")
	}
	if strings.Contains(p.engine.Snapshot(), "container once") {
		t.Error("the container is still there")
	}
}

// TestRunShellOnEngines drives a shell in a one-off container by a terminal.
func TestRunShellOnEngines(t *testing.T) {
	onEngines(t, func(t *testing.T, r *realPlace) {
		r.write(t, "services: {web: {image: gocompose-test/busybox}}")
		r.env = append(r.env, "TERM=xterm")
		term := r.start(t, "run", "--rm", "web", "sh")
		term.expect("/ # ")
		term.send("stty size\n")
		term.expect("24 100")
		if err := pty.Setsize(term.file, &pty.Winsize{Rows: 30, Cols: 77}); err != nil {
			t.Fatal(err)
		}
		term.send("until stty size | grep '30 77'; do :; done; echo resized\n")
		term.expect("\nresized") // the first is the echo of the keys
		term.send("trap 'exit 7' INT; echo set; while :; do sleep 0.01; done\n")
		term.expect("\nset")
		term.send("\x03") // it may come before, between or while sleeps run
		if output, code := term.wait(); code != 7 {
			t.Errorf("exit status %d:\n%s", code, output)
		}
		if left := r.names(t); left != "" {
			t.Errorf("there still is %s", left)
		}
	})
}

// TestRunPassesSignalsOnEngines: without a terminal, signals go to the process.
func TestRunPassesSignalsOnEngines(t *testing.T) {
	onEngines(t, func(t *testing.T, r *realPlace) {
		r.write(t, "services: {web: {image: gocompose-test/busybox}}")
		const script = `trap 'echo hup' HUP; trap 'echo int; exit 9' INT; echo ready; while :; do sleep 0.01; done`
		command, out, _ := r.piped(t, "run", "--rm", "web", "sh", "-c", script)
		expect := func(want string) {
			t.Helper()
			got := make([]byte, len(want))
			if _, err := io.ReadFull(out, got); err != nil || string(got) != want {
				t.Fatalf("%q, %v", got, err)
			}
		}
		send := func(s os.Signal) {
			t.Helper()
			if err := command.Process.Signal(s); err != nil {
				t.Fatal(err)
			}
		}
		expect("ready\n")
		send(syscall.SIGHUP)
		expect("hup\n")
		send(os.Interrupt)
		expect("int\n")
		_ = command.Wait() // the status says it
		if code := command.ProcessState.ExitCode(); code != 9 {
			t.Errorf("exit status %d", code)
		}
		if left := r.names(t); left != "" {
			t.Errorf("there still is %s", left)
		}
	})
}

// TestRunOnEngines compares attached runs with docker-compose's.
func TestRunOnEngines(t *testing.T) {
	onPairs(t, func(t *testing.T, r *realPlace, p *pair) {
		r.write(t, `services: {web: {image: gocompose-test/busybox, command: [echo, of the file], environment: {A: file}}}`)
		r.must(t, "create") // the network, without the container of the service
		r.must(t, "rm", "-f")
		for _, args := range [][]string{
			{"run", "--rm", "web"}, {"run", "--rm", "web", "sh", "-c", "echo out; echo err >&2; exit 3"},
			{"run", "--rm", "-e", "A=flag", "web", "sh", "-c", "cat; echo $A; kill -9 $$"},
			{"run", "--rm", "web", "no-such-program"}, {"run", "--rm", "nope"},
		} {
			their, our := p.ask(t, p.oracle, args...), p.ask(t, p.self(t), args...)
			our.Err = withoutHints(our.Err)
			their.Err, our.Err = strings.TrimSpace(their.Err), strings.TrimSpace(our.Err)
			if their.Err != "" && our.Err != "" {
				their.Err, our.Err = firstWord(their.Err), firstWord(our.Err)
			}
			if diff := gocmp.Diff(their, our); diff != "" {
				t.Errorf("%s\n%s", args, diff)
			}
		}
		if left := r.names(t); left != "" {
			t.Errorf("there still is %s", left)
		}
	})
}

func firstWord(text string) string {
	word, _, _ := strings.Cut(text, " ")
	return word
}
