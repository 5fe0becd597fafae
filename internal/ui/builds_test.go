package ui

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/moby/buildkit/client"
	digest "github.com/opencontainers/go-digest"

	"github.com/gocompose/gocompose/internal/build"
	"github.com/gocompose/gocompose/planner"
	"github.com/gocompose/gocompose/runtime"
)

// vertex is a step of a build; state is begun, done or what it failed with.
func vertex(name, state string) *client.Vertex {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	v := &client.Vertex{Digest: digest.FromString(name), Name: name, Started: &at}
	if state != "begun" {
		v.Completed = &at
	}
	if state != "begun" && state != "done" {
		v.Error = state
	}
	return v
}

func told(status client.SolveStatus) runtime.Progress {
	return runtime.Progress{Build: &build.Progress{Status: &status}}
}

func said(step, text string) client.SolveStatus {
	return client.SolveStatus{Logs: []*client.VertexLog{{Vertex: digest.FromString(step), Data: []byte(text)}}}
}

func TestBuildRow(t *testing.T) {
	var row buildRow
	row.update(told(client.SolveStatus{Vertexes: []*client.Vertex{vertex("[1/2] FROM x", "done"), vertex("[2/2] RUN make", "begun")}}))
	row.update(told(said("[2/2] RUN make", "cc a.c\ncc b.c\n")))
	if got := row.details(); got != "1/2  [2/2] RUN make: cc b.c" {
		t.Errorf("details %q", got)
	}
	row.update(told(said("[2/2] RUN make", strings.Repeat("x\n", maxBuildLog))))
	failed := client.SolveStatus{Vertexes: []*client.Vertex{vertex("[2/2] RUN make", "exit code: 2"), vertex("other", "context canceled")}}
	text := row.update(told(failed))
	if !strings.HasPrefix(text, "------\n > [2/2] RUN make:\n...\nx\n") || !strings.HasSuffix(text, "x\n------\n") || len(text) > maxBuildLog+100 {
		t.Errorf("%d bytes: %.60q", len(text), text)
	}
	if again := row.update(told(failed)); again != "" {
		t.Errorf("told twice: %q", again)
	}
	var plain buildRow
	plain.update(runtime.Progress{Build: &build.Progress{Text: "Step 1/2 : FROM x\n"}})
	if got := plain.details(); got != "Step 1/2 : FROM x" {
		t.Errorf("details %q", got)
	}
}

// TestBuildsOffATerminal: the text of all builds goes to standard output, with
// services in it where there are several.
func TestBuildsOffATerminal(t *testing.T) {
	show := func(services ...string) string {
		var out bytes.Buffer
		c := NewConsole(ConsoleOptions{Out: &out, Err: &bytes.Buffer{}})
		s := newScript("build")
		p := NewProgress(c, Style{Mode: Plain})
		for _, service := range services {
			s.step(planner.BuildImage{Service: service, Image: service})
		}
		p.Begin(s.plan)
		for _, step := range s.plan.Steps {
			name := "[1/1] FROM " + step.Name()
			for _, state := range []string{"begun", "done"} {
				progress := told(client.SolveStatus{Vertexes: []*client.Vertex{vertex(name, state)}})
				p.Event(runtime.Event{Step: step, Name: step.Name(), Phase: runtime.PhaseProgress, Progress: &progress})
			}
		}
		p.End()
		c.Close()
		return out.String()
	}
	if got := show("web"); got != "#1 [1/1] FROM web\n#1 DONE 0.0s\n" {
		t.Errorf("one: %q", got)
	}
	if got := show("web", "db"); got != "#1 [web 1/1] FROM web\n#1 DONE 0.0s\n\n#2 [db 1/1] FROM db\n#2 DONE 0.0s\n" {
		t.Errorf("two: %q", got)
	}
}

// TestLastRowsAreOfTheirPlan: the next plan may begin before they are written.
func TestLastRowsAreOfTheirPlan(t *testing.T) {
	var errs bytes.Buffer
	free := make(chan struct{})
	c := NewConsole(ConsoleOptions{Out: &bytes.Buffer{}, Err: &errs, Size: func() (int, int) {
		<-free
		return 80, 24
	}})
	p := NewProgress(c, Style{Mode: TTY})
	for _, image := range []string{"first", "second"} {
		s := newScript("build")
		s.step(planner.BuildImage{Service: image, Image: image})
		p.Begin(s.plan)
		step := s.plan.Steps[0]
		p.Event(runtime.Event{Step: step, Phase: runtime.PhaseStarted, Time: time.Now()})
		p.Event(runtime.Event{Step: step, Phase: runtime.PhaseFailed, Err: errors.New("no " + image)})
		p.End()
	}
	close(free)
	c.Close()
	for _, image := range []string{"first", "second"} {
		if strings.Count(errs.String(), "no "+image) != 1 {
			t.Errorf("output:\n%s", errs.String())
		}
	}
}
