package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
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
	command := exec.CommandContext(t.Context(), program, args...)
	command.Dir, command.Env = p.dir, p.env
	var out, errs bytes.Buffer
	command.Stdout, command.Stderr = &out, &errs
	err := command.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return answer{scrubbed(out.String()), scrubbed(errs.String()), command.ProcessState.ExitCode()}
}

// both asks docker-compose and then gocompose.
func (p *pair) both(t *testing.T, args ...string) (theirs, ours answer) {
	t.Helper()
	return p.ask(t, p.oracle, args...), p.ask(t, p.self(t), args...)
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

// TestListsAsDockerCompose compares what is listed, byte for byte.
func TestListsAsDockerCompose(t *testing.T) {
	p := newPair(t, two)
	if a := p.ask(t, p.oracle, "up", "-d"); a.Code != 0 {
		t.Fatal(a.Err)
	}
	if a := p.ask(t, p.oracle, "stop", "db"); a.Code != 0 {
		t.Fatal(a.Err)
	}
	for _, line := range []string{
		"ps", "ps -a", "ps -q", "ps -aq", "ps --services", "ps -a --services", "ps web", "ps db", "ps -a db",
		"ps --status exited", "ps --status running --status exited -q", "ps --filter status=exited", "ps --no-trunc",
		"ps --format table", "ps --format {{.Name}}", "ps -a --format {{.Names}}|{{.Image}}|{{.Command}}|{{.Ports}}|{{.State}}|{{.Health}}|{{.ExitCode}}",
		"ps --format {{.ID}}-{{.Project}}-{{.Service}}-{{.Networks}}-{{.Mounts}}-{{.LocalVolumes}}-{{.Size}}",
		`ps --format table\t{{.Name}}\t{{.Ports}}`, "ps --format {{json.Publishers}}", "ps --format {{.Label\"com.docker.compose.service\"}}",
		"ls", "ls -a", "ls -q", "ls --format json", "ls -a --format json", "ls --filter name=two", "ls --filter name=x",
		"config --services", "config --images", "config --volumes", "config --networks", "config --hash *", "config --profiles",
		"version --format json --short -f pretty", "logs --no-color --no-log-prefix db", "logs --since yesterday web",
		"exec web echo a b", "exec web false", "exec -T web sh", "exec nope true", "exec db true", "exec --index 2 web true",
	} {
		args := strings.Fields(line)
		for i := range args {
			args[i] = strings.NewReplacer(`{{json.`, `{{json .`, `{{.Label"`, `{{.Label "`).Replace(args[i])
		}
		theirs, ours := p.both(t, args...)
		if args[0] == "config" {
			theirs.Out, ours.Out = sortedLines(theirs.Out), sortedLines(ours.Out)
		}
		if args[0] == "version" {
			theirs.Out, ours.Out = "", ""
		}
		if diff := cmp.Diff(theirs, ours); diff != "" {
			t.Errorf("%s\n%s", line, diff)
		}
	}
	theirs, ours := p.both(t, "ps", "-a", "--format", "json")
	if diff := cmp.Diff(records(t, theirs.Out), records(t, ours.Out)); diff != "" {
		t.Errorf("ps --format json\n%s", diff)
	}
}

func sortedLines(text string) string {
	lines := strings.SplitAfter(text, "\n")
	slices.Sort(lines)
	return strings.Join(lines, "")
}

// records reads JSON lines, with labels in an order.
func records(t *testing.T, text string) []map[string]any {
	t.Helper()
	var found []map[string]any
	for line := range strings.Lines(text) {
		record := map[string]any{}
		if err := json.Unmarshal([]byte(line), &record); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		labels := strings.Split(record["Labels"].(string), ",")
		slices.Sort(labels)
		record["Labels"] = labels
		found = append(found, record)
	}
	return found
}

// TestErrorsAsDockerCompose compares the first line of what is complained about,
// and the exit status.
func TestErrorsAsDockerCompose(t *testing.T) {
	p := newPair(t, two)
	for _, line := range []string{
		"foo", "up --foo", "up -x", "up -dx", "up -t x", "up --timeout", "up -t", "ps -n", "up --detach=foo", "-p",
		"logs -n", "ps --format", "version foo", "ls foo", "kill -s", "--foo up", "-x up", "up ---x", "up --=x",
		"--ansi never --progress tty ps", "--ansi always --progress plain ps",
		"up nope", "stop nope", "start nope", "restart nope", "kill nope", "rm nope", "pause nope", "ps nope", "logs nope", "create nope",
		"up --wait --abort-on-container-exit", "up -d --attach web", "up --build --no-build", "up --no-recreate --force-recreate",
		"up --attach web --attach-dependencies", "up --no-recreate -V", "up --no-recreate --always-recreate-deps",
		"up --abort-on-container-exit --abort-on-container-failure", "up --no-build --watch", "up -d --pull sometimes",
		"down --rmi foo", "ls --filter foo=bar", "ls --format xml", "ps --filter foo", "ps --filter foo=bar",
		"scale", "start db", "-p nobody start", "-f nowhere.yaml ps", "logs --index 2 web",
		"volumes nope", "volumes web nope",
		"--env-file nowhere.env ps",
	} {
		theirs, ours := p.both(t, strings.Fields(line)...)
		theirs.Out, ours.Out = "", "" // docker-compose shows its help there
		theirs.Err, ours.Err = firstLine(theirs.Err), firstLine(ours.Err)
		if diff := cmp.Diff(theirs, ours); diff != "" {
			t.Errorf("%s\n%s", line, diff)
		}
	}
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
