package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

// oracleVariable names docker-compose 2.40.3, as internal/testenv sets it.
const oracleVariable = "GOCOMPOSE_TEST_ORACLE"

// pair is gocompose and docker-compose on one engine and one compose file.
type pair struct {
	*place
	oracle string
}

func newPair(t *testing.T, compose string) *pair {
	t.Helper()
	return newPairOf(t, "", compose)
}

// newPairOf has an engine of that API version.
func newPairOf(t *testing.T, version, compose string) *pair {
	t.Helper()
	oracle := os.Getenv(oracleVariable)
	if oracle == "" {
		t.Skipf("%s does not name docker-compose 2.40.3", oracleVariable)
	}
	return &pair{place: newPlaceOf(t, version, compose), oracle: oracle}
}

// answer is what a program did on one command line.
type answer struct {
	Out, Err string
	Code     int
}

func (p *pair) ask(t *testing.T, program string, args ...string) answer {
	t.Helper()
	a, err := p.tryAsk(t, program, args)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// tryAsk returns an error where the program could not be run.
func (p *place) tryAsk(t *testing.T, program string, args []string) (answer, error) {
	t.Helper()
	command := exec.CommandContext(t.Context(), program, args...)
	command.Dir, command.Env = p.dir, p.env
	var out, errs bytes.Buffer
	command.Stdout, command.Stderr = &out, &errs
	err := command.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return answer{}, err
	}
	return answer{scrubbed(out.String()), scrubbed(errs.String()), command.ProcessState.ExitCode()}, nil
}

// both asks docker-compose and gocompose at the same time. What is asked must
// change nothing that the other sees.
func (p *pair) both(t *testing.T, args ...string) (theirs, ours answer) {
	t.Helper()
	self := p.self(t)
	return atOnce(t,
		func() (answer, error) { return p.tryAsk(t, p.oracle, args) },
		func() (answer, error) { return p.tryAsk(t, self, args) })
}

// atOnce does two things at the same time.
func atOnce[T any](t *testing.T, first, second func() (T, error)) (one, two T) {
	t.Helper()
	var firstErr, secondErr error
	var running sync.WaitGroup
	running.Go(func() { one, firstErr = first() })
	two, secondErr = second()
	running.Wait()
	if err := errors.Join(firstErr, secondErr); err != nil {
		t.Fatal(err)
	}
	return one, two
}

// self is the path of gocompose.
func (p *place) self(t *testing.T) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return self
}

// scrubbed leaves out what time changes between two runs: ages, and thereby the
// width of columns.
func scrubbed(text string) string {
	text = regexp.MustCompile(`(Less than a|About a|\d+) (second|minute)s?`).ReplaceAllString(text, "AGE")
	return regexp.MustCompile(` {3,}`).ReplaceAllString(text, "   ")
}

const two = `
name: two
services:
  web:
    image: app:1
    ports: ["8080-8082:8080-8082", "127.0.0.1:9000:80", "53/udp"]
    command: ["serve", "--a-long-option", "with a value"]
    volumes: [data:/data, /tmp]
  db:
    image: db:1
    container_name: special
volumes:
  data:
`

func sortedLines(text string) string {
	lines := strings.SplitAfter(text, "\n")
	slices.Sort(lines)
	return strings.Join(lines, "")
}

func firstLine(text string) string {
	first, _, _ := strings.Cut(strings.TrimPrefix(text, "error: "), "\n")
	return first
}

// TestTakeOver: what one of the two has brought up, the other leaves as it is.
func TestTakeOver(t *testing.T) {
	for _, first := range []string{"docker-compose", "gocompose"} {
		t.Run(first+" first", func(t *testing.T) {
			p := newPair(t, two)
			self, err := os.Executable()
			if err != nil {
				t.Fatal(err)
			}
			programs := []string{p.oracle, self}
			if first == "gocompose" {
				slices.Reverse(programs)
			}
			if a := p.ask(t, programs[0], "up", "-d"); a.Code != 0 {
				t.Fatal(a.Err)
			}
			p.engine.ResetJournal()
			if a := p.ask(t, programs[1], "up", "-d"); a.Code != 0 {
				t.Fatal(a.Err)
			}
			for _, call := range p.engine.Journal() {
				if call.Mutating {
					t.Errorf("changed: %s", call)
				}
			}
		})
	}
}
