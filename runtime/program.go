package runtime

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/gocompose/gocompose/internal/stream"
)

// helperGrace is how long a program may take to end once it was told to.
const helperGrace = 10 * time.Second

// program is a helper on this machine that steps of a plan call.
type program struct {
	path string
	env  []string // besides that of this process
}

// helper is a program that finds the project's environment in its own, variables
// of its .env file included, and these besides.
func (d *EngineDriver) helper(path string, env ...string) program {
	return program{path: path, env: append(d.project.Environment().Values(), env...)}
}

// HelperError tells that a program failed, with what it wrote to its standard
// error.
type HelperError struct {
	Err    error
	Output []string // the last lines
}

// Error implements error.
func (e *HelperError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *HelperError) Unwrap() error { return e.Err }

// run calls the program and passes on each line that it writes. An error of each
// ends the program. It is interrupted where ctx is done, and killed where it
// takes no notice of that.
func (p program) run(ctx context.Context, each func(line string) error, args ...string) error {
	command := exec.CommandContext(ctx, p.path, args...)
	command.Env = append(command.Environ(), p.env...)
	command.WaitDelay = helperGrace
	command.Cancel = func() error {
		if err := command.Process.Signal(os.Interrupt); err != nil { // Windows has no such thing
			return command.Process.Kill()
		}
		return nil
	}
	said := hookOutput{show: func(string) {}}
	command.Stderr = &said
	stdout, err := command.StdoutPipe()
	if err != nil {
		return err
	}
	if err := command.Start(); err != nil {
		return err
	}
	reading := readLines(stdout, each)
	if reading != nil {
		_ = command.Process.Kill() // it may have ended already
	}
	ended := command.Wait()
	said.end()
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case reading != nil:
		return reading
	case ended != nil:
		return &HelperError{Err: ended, Output: said.last}
	default:
		return nil
	}
}

// output calls the program and returns what it writes.
func (p program) output(ctx context.Context, args ...string) ([]byte, error) {
	var out bytes.Buffer
	err := p.run(ctx, func(line string) error {
		out.WriteString(line + "\n")
		return nil
	}, args...)
	return out.Bytes(), err
}

func readLines(in io.Reader, each func(string) error) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, stream.MaxLine)
	for lines.Scan() {
		if err := each(strings.TrimSuffix(lines.Text(), "\r")); err != nil {
			return err
		}
	}
	if err := lines.Err(); err != nil && !errors.Is(err, os.ErrClosed) {
		return err
	}
	return nil
}
