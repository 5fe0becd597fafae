package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocompose/gocompose/internal/ui"
)

// signalled sends so many interrupts and waits until they are dealt with.
func signalled(signals chan<- os.Signal, times int) {
	for range times {
		signals <- os.Interrupt
		synctest.Wait()
	}
}

func left(i *interrupts) bool {
	select {
	case <-i.leave:
		return true
	default:
		return false
	}
}

func TestInterruptsEndThenLeave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(context.Background())
		signals := make(chan os.Signal)
		i := newInterrupts(signals, cancel)
		defer i.stop()
		signalled(signals, 1)
		if context.Cause(ctx) != errInterrupted || left(i) { //nolint:errorlint // that very value
			t.Errorf("after one: %v, left %v", context.Cause(ctx), left(i))
		}
		signalled(signals, 1)
		if !left(i) {
			t.Error("after two it has not left")
		}
	})
}

func TestInterruptsAreTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(context.Background())
		defer cancel(nil)
		signals := make(chan os.Signal)
		i := newInterrupts(signals, cancel)
		defer i.stop()
		taken := 0
		release := i.take(3, func(os.Signal) { taken++ })
		signalled(signals, 2)
		if taken != 2 || ctx.Err() != nil || left(i) {
			t.Errorf("taken %d, %v, left %v", taken, ctx.Err(), left(i))
		}
		release()
		signalled(signals, 1) // what is under way after a session has no time of its own
		if taken != 2 || !left(i) {
			t.Errorf("after the release: taken %d, left %v", taken, left(i))
		}
	})
}

// TestInterruptWithItsReader is Ctrl-C on gocompose up | tee log: the reader of
// the output has ended when the containers, which write on, are stopped.
func TestInterruptWithItsReader(t *testing.T) {
	p := newPlace(t, "services: {web: {image: chatter:1}}")
	up, out, progress := p.piped(t, "up")
	lines := bufio.NewScanner(progress)
	for lines.Scan() && !strings.HasSuffix(lines.Text(), "-web-1 Started") {
		continue
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	if err := up.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	for lines.Scan() {
		continue
	}
	_ = up.Wait() // the status says it
	if code := up.ProcessState.ExitCode(); code != exitInterrupted {
		t.Errorf("status %d: %v", code, up.ProcessState)
	}
	if snapshot := p.engine.Snapshot(); strings.Contains(snapshot, "running") {
		t.Errorf("left running:\n%s", snapshot)
	}
}

// TestReaderGone is gocompose logs -f | head -1, and a list that nobody reads.
func TestReaderGone(t *testing.T) {
	p := newPlace(t, "services: {web: {image: chatter:1}}")
	if output, code := p.run(t, "up", "-d"); code != 0 {
		t.Fatal(output)
	}
	for _, args := range [][]string{{"logs", "-f"}, {"ps"}} {
		command, out, progress := p.piped(t, args...)
		if args[0] == "logs" {
			bufio.NewScanner(out).Scan()
		}
		if err := out.Close(); err != nil {
			t.Fatal(err)
		}
		said, err := io.ReadAll(progress)
		_ = command.Wait() // the status says it
		if code := command.ProcessState.ExitCode(); code != exitUnread || len(said) > 0 || err != nil {
			t.Errorf("%v: status %d, %v: %s", args, code, err, said)
		}
	}
}

// piped starts gocompose with its output going to pipes.
func (p *place) piped(t *testing.T, args ...string) (command *exec.Cmd, out, progress io.ReadCloser) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	command = exec.Command(self, args...)
	command.Dir, command.Env = p.dir, p.env
	if out, err = command.StdoutPipe(); err != nil {
		t.Fatal(err)
	}
	if progress, err = command.StderrPipe(); err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	return command, out, progress
}

func TestInterruptThatTakesLongIsExplained(t *testing.T) {
	for _, test := range []struct {
		name        string
		interrupted bool
		took        time.Duration
		want        string
	}{
		{"not interrupted", false, time.Hour, ""},
		{"ended soon", true, patience / 2, ""},
		{"went on", true, 2 * patience, "warning: waiting for what is under way; press Ctrl+C again to leave at once\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var told bytes.Buffer
				c := change{program: &program{}, console: ui.NewConsole(ui.ConsoleOptions{Out: io.Discard, Err: &told})}
				ctx, interrupt := context.WithCancel(t.Context())
				defer interrupt()
				ended := c.tellDelay(ctx)
				if test.interrupted {
					interrupt()
				}
				time.Sleep(test.took)
				ended()
				c.close()
				if told.String() != test.want {
					t.Errorf("told %q, want %q", told.String(), test.want)
				}
			})
		})
	}
}
