package ui

import (
	"sync"
	"time"

	"github.com/gocompose/gocompose/planner"
	"github.com/gocompose/gocompose/runtime"
)

// Progress shows plans being applied. It is a [runtime.Sink].
type Progress struct {
	console *Console
	style   Style

	mu      sync.Mutex // Event is called by the run, rows by the console
	title   string
	begun   time.Time
	tracker *tracker
	builds  *builds
}

// NewProgress makes the progress of one command.
func NewProgress(c *Console, s Style) *Progress {
	return &Progress{console: c, style: s}
}

// Begin starts to show a plan; what it leaves alone is said at once.
func (p *Progress) Begin(plan *planner.Plan) {
	p.mu.Lock()
	p.title, p.tracker, p.begun = plan.Command, newTracker(plan), time.Now()
	p.builds = newBuilds(plan, p.style.Mode, p.console.Print)
	p.mu.Unlock()
	for _, line := range keptLines(plan) {
		p.print(line)
	}
	if p.style.Mode == TTY && len(plan.Steps) > 0 {
		p.console.Live(p.rows)
	}
}

// Event implements [runtime.Sink].
func (p *Progress) Event(e runtime.Event) {
	p.mu.Lock()
	var lines []Line
	var failure string
	if p.tracker != nil {
		lines = p.tracker.event(e)
		failure = p.tracker.takeFailure()
	}
	builds := p.builds
	p.mu.Unlock()
	builds.event(e)
	if failure != "" && p.style.Mode == TTY {
		p.console.Err([]byte(failure))
	}
	if len(lines) == 0 && e.Phase != runtime.PhaseProgress && e.Step.Op != nil {
		lines = []Line{{Event: e}}
	}
	for _, line := range lines {
		p.print(line)
	}
	if p.style.Mode == Plain || p.style.Mode == TTY {
		for _, warning := range e.Warnings {
			p.console.Err(WarningText(p.style, e.Name+": "+oneLine(warning)))
		}
	}
}

func (p *Progress) print(line Line) {
	switch {
	case p.style.Mode == JSON && line.Parent != "":
		p.console.TryErr(jsonText(line))
	case p.style.Mode == JSON:
		p.console.Err(jsonText(line))
	case p.style.Mode == Plain && line.ID != "":
		p.console.Err([]byte(plainLine(line)))
	}
}

// End stops showing the plan. On a terminal its last state stays, also where the
// next plan begins before that is written.
func (p *Progress) End() {
	p.mu.Lock()
	tracker, builds, title, begun := p.tracker, p.builds, p.title, p.begun
	p.builds = nil
	p.mu.Unlock()
	builds.close()
	if tracker == nil || p.style.Mode != TTY {
		return
	}
	p.console.Settle(func(now time.Time, width, height int) []string {
		p.mu.Lock()
		defer p.mu.Unlock()
		f := frame{now: now, width: width, height: height, last: true, style: p.style, title: title, begun: begun}
		return f.rows(tracker)
	})
}

func (p *Progress) rows(now time.Time, width, height int) []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	f := frame{now: now, width: width, height: height, style: p.style, title: p.title, begun: p.begun}
	return f.rows(p.tracker)
}
