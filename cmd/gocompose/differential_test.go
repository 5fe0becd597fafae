package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
)

// TestDifferential runs the stories of testdata/differential with docker-compose
// 2.40.3 and with gocompose, command line by command line, and ends with how
// many there were and how many differ. The form of a story is described at
// readStory.
func TestDifferential(t *testing.T) {
	if os.Getenv(oracleVariable) == "" {
		t.Skipf("%s does not name docker-compose 2.40.3", oracleVariable)
	}
	files, err := filepath.Glob("testdata/differential/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no stories", err)
	}
	anchors := documentAnchors(t, compatibilityDocument)
	var total tally
	t.Run("story", func(t *testing.T) {
		for _, file := range files {
			s := readStory(t, file)
			for _, line := range s.lines {
				if line.anchor != "" && !slices.Contains(anchors, line.anchor) {
					t.Errorf("%s: %s has no section #%s", file, compatibilityDocument, line.anchor)
				}
			}
			t.Run(s.name, func(t *testing.T) {
				t.Parallel()
				s.play(t, &total)
			})
		}
	})
	fmt.Fprintln(t.Output(), total.summary())
}

// tally counts command lines.
type tally struct {
	mu                      sync.Mutex
	equal, explained, other int
}

func (n *tally) add(kind *int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	*kind++
}

func (n *tally) summary() string {
	return fmt.Sprintf("differential: %d cases, %d equal, %d explained, %d other",
		n.equal+n.explained+n.other, n.equal, n.explained, n.other)
}

// play runs the lines of a story one after the other.
func (s *story) play(t *testing.T, total *tally) {
	theirs, ours := s.contenders(t)
	if theirs == nil {
		return
	}
	known := "" // how the engines differ since an explained line
	for _, line := range s.lines {
		soon := fmt.Sprint(time.Now().Add(time.Second).Unix())
		their, our := theirs.run(t, line, soon), ours.run(t, line, soon)
		engines := gocmp.Diff(their.State, our.State)
		if engines == known {
			their.State, our.State = nil, nil
		}
		known = engines
		diff := gocmp.Diff(their, our)
		switch {
		case diff == "" && line.anchor == "":
			total.add(&total.equal)
		case diff == "":
			total.add(&total.other)
			t.Errorf("%s: does not differ, though %s", line.text, line.reason)
		case line.anchor != "":
			total.add(&total.explained)
		default:
			total.add(&total.other)
			t.Errorf("%s (-docker-compose +gocompose)\n%s", line.text, diff)
		}
	}
}

// contender is one of the two programs, with an engine or a project of its own.
type contender struct {
	*place
	world
	program string
}

// contenders sets both up. They share a directory, since labels and mounts tell
// of it.
func (s *story) contenders(t *testing.T) (theirs, ours *contender) {
	t.Helper()
	oracle := os.Getenv(oracleVariable)
	if s.engine == engineInMemory {
		theirs, ours = memoryContender(t, s.version), memoryContender(t, s.version)
	} else {
		host := os.Getenv("GOCOMPOSE_TEST_DOCKER_HOST")
		if host == "" {
			t.Skip("GOCOMPOSE_TEST_DOCKER_HOST does not name an engine")
		}
		theirs, ours = realContender(t, host), realContender(t, host)
	}
	theirs.program, ours.program = oracle, ours.self(t)
	theirs.dir = ours.dir
	for name, content := range s.files {
		path := filepath.Join(ours.dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, content, 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []*contender{theirs, ours} {
		c.env = append(c.env, "HOME="+filepath.Join(ours.dir, ".home"), "PWD="+ours.dir, "PARITY_SECRET=not to be seen")
		c.env = append(c.env, s.env...)
	}
	return theirs, ours
}

func memoryContender(t *testing.T, version string) *contender {
	t.Helper()
	p := newPlaceOf(t, version, "")
	api, err := p.engine.Client()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = api.Close() })
	return &contender{place: p, world: world{api: api}}
}

func realContender(t *testing.T, host string) *contender {
	t.Helper()
	r := newRealPlace(t, host)
	return &contender{place: r.place, world: world{api: r.api, project: r.name}}
}

// outcome is all that came of a command line.
type outcome struct {
	Code  int
	Out   any // text, or the values where they are asked for
	Err   string
	Files map[string]string // what it wrote into the directory
	State map[string]any    // what is on the engine
}

// commandLimit ends a program that waits for ever.
const commandLimit = 20 * time.Second

// run runs a command line and takes what it wrote away again.
func (c *contender) run(t *testing.T, line storyLine, soon string) outcome {
	t.Helper()
	before := readTree(t, c.dir)
	ctx, cancel := context.WithTimeout(t.Context(), commandLimit)
	defer cancel()
	args := slices.Clone(line.args)
	for i := range args {
		args[i] = strings.NewReplacer("@soon", soon, "@dir", c.dir).Replace(args[i])
	}
	command := exec.CommandContext(ctx, c.program, args...)
	command.Dir, command.Env = c.dir, c.env
	var out, errs strings.Builder
	command.Stdout, command.Stderr = &out, &errs
	if line.stdin != "" {
		input, err := os.Open(filepath.Join(c.dir, line.stdin))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = input.Close() }()
		command.Stdin = input
	}
	var exit *exec.ExitError
	if err := command.Run(); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if ctx.Err() != nil {
		t.Errorf("%s: %s did not end within %v", line.text, filepath.Base(c.program), commandLimit)
	}
	state, scrub := c.state(t)
	o := outcome{Code: command.ProcessState.ExitCode(), State: state, Files: map[string]string{}}
	for name, content := range restoreTree(t, c.dir, before) {
		o.Files[name] = scrub(content)
	}
	o.Out, o.Err = line.adapt(t, scrub(out.String()), withoutHints(scrub(errs.String())))
	return o
}

// readTree reads the files below a directory, but for those of the programs'
// home.
func readTree(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && entry.Name() == ".home":
			return fs.SkipDir
		case !entry.Type().IsRegular():
			return nil
		}
		content, err := os.ReadFile(filepath.Join(dir, path)) //nolint:gosec // of the test
		files[path] = string(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// restoreTree returns the files that are not as they were, and puts them back.
func restoreTree(t *testing.T, dir string, before map[string]string) map[string]string {
	t.Helper()
	changed := map[string]string{}
	for path, content := range readTree(t, dir) {
		old, known := before[path]
		if known && old == content {
			continue
		}
		changed[path] = content
		err := os.Remove(filepath.Join(dir, path))
		if known {
			err = os.WriteFile(filepath.Join(dir, path), []byte(old), 0o644) //nolint:gosec // read by containers
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return changed
}

// scrubber leaves out of a text what differs from one run to the next.
func scrubber(rules [][2]string) func(string) string {
	return func(text string) string {
		for _, rule := range rules {
			text = regexp.MustCompile(rule[0]).ReplaceAllString(text, rule[1])
		}
		if strings.Contains(text, "AGE") { // which decides how wide columns are
			text = regexp.MustCompile(` {3,}`).ReplaceAllString(text, "   ")
		}
		return text
	}
}
