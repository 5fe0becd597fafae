package ui

import (
	"fmt"
	"slices"
	"strings"

	"github.com/moby/buildkit/client"
	digest "github.com/opencontainers/go-digest"

	"github.com/gocompose/gocompose/runtime"
)

// maxBuildLog is how much output of one step is kept, for when it fails; in bytes.
const maxBuildLog = 1 << 16

// buildRow keeps what the row of a build on a terminal tells, and the output of
// its steps, which is shown where one of them fails.
type buildRow struct {
	order []digest.Digest
	steps map[digest.Digest]*buildStep
	last  string // line of output, of builders without steps
	told  map[digest.Digest]bool
}

type buildStep struct {
	name          string
	begun, ended  bool
	output        []byte
	outputDropped bool
}

// update takes in what the builder tells. It returns text to leave on the
// terminal: the output of steps that failed.
func (r *buildRow) update(p runtime.Progress) string {
	if p.Build.Status == nil {
		if text := strings.TrimSpace(p.Build.Text); text != "" {
			r.last = text
		}
		return ""
	}
	for _, log := range p.Build.Status.Logs {
		r.step(log.Vertex).add(log.Data)
	}
	var failed strings.Builder
	for _, v := range p.Build.Status.Vertexes {
		step := r.step(v.Digest)
		step.name, step.begun, step.ended = v.Name, v.Started != nil, v.Completed != nil
		if v.Error != "" && !r.told[v.Digest] && !cancelled(v) {
			r.told[v.Digest] = true
			failed.WriteString(step.failure())
		}
	}
	return failed.String()
}

// cancelled steps end because another one failed.
func cancelled(v *client.Vertex) bool { return strings.HasSuffix(v.Error, "context canceled") }

func (r *buildRow) step(id digest.Digest) *buildStep {
	if r.steps == nil {
		r.steps, r.told = map[digest.Digest]*buildStep{}, map[digest.Digest]bool{}
	}
	step, ok := r.steps[id]
	if !ok {
		step = &buildStep{}
		r.steps[id] = step
		r.order = append(r.order, id)
	}
	return step
}

func (s *buildStep) add(text []byte) {
	s.output = append(s.output, text...)
	if over := len(s.output) - maxBuildLog; over > 0 {
		s.output, s.outputDropped = slices.Clone(s.output[over:]), true
	}
}

// failure is the step and its output, as BuildKit shows them.
func (s *buildStep) failure() string {
	if len(s.output) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("------\n > " + s.name + ":\n")
	output := string(s.output)
	if s.outputDropped {
		b.WriteString("...\n")
		_, output, _ = strings.Cut(output, "\n")
	}
	b.WriteString(strings.TrimRight(output, "\n") + "\n------\n")
	return b.String()
}

// details are how many steps are done, the latest that goes on, and what it
// wrote last.
func (r *buildRow) details() string {
	done, current := 0, (*buildStep)(nil)
	for _, id := range r.order {
		step := r.steps[id]
		if step.ended {
			done++
		}
		if step.begun && !step.ended {
			current = step
		}
	}
	switch {
	case len(r.order) == 0:
		return r.last
	case current == nil:
		return fmt.Sprintf("%d/%d", done, len(r.order))
	default:
		text := fmt.Sprintf("%d/%d  %s", done, len(r.order), current.name)
		if line := lastLine(current.output); line != "" {
			text += ": " + line
		}
		return text
	}
}

func lastLine(text []byte) string {
	trimmed := strings.TrimRight(string(text), "\r\n")
	return strings.TrimSpace(trimmed[strings.LastIndexAny(trimmed, "\r\n")+1:])
}
