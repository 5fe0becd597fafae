package ui

import (
	"fmt"
	"strings"
	"time"

	"github.com/docker/go-units"
)

// Widths of the columns after the name.
const (
	stateColumns = 10 // at least: longer words than "Recreating" are rare
	timeColumns  = 6
	barColumns   = 20
	minName      = 12
	minDetails   = 10 // with fewer columns left there is no point in them
)

// frame draws the accounts once, as rows of a terminal.
type frame struct {
	style         Style
	title         string
	begun, now    time.Time
	width, height int
	last          bool // nothing moves any more
	nameColumns   int
	stateColumns  int
}

// rows is a title and one row for each item, as far as they fit.
func (f *frame) rows(t *tracker) []string {
	if t == nil || len(t.items) == 0 || f.width < 4 || f.height < 3 {
		return nil
	}
	views := make([]view, len(t.items))
	longest, finished := 0, 0
	f.stateColumns = stateColumns
	for i, it := range t.items {
		views[i] = t.view(it)
		longest = max(longest, width(it.line.ID))
		f.stateColumns = max(f.stateColumns, width(views[i].state))
		if views[i].stage == finishedStage {
			finished++
		}
	}
	room := f.columns() - len(" x ") - len("  ") - f.stateColumns - 1 - timeColumns
	f.nameColumns = min(longest, max(minName, room))

	title := fmt.Sprintf("[+] %s %d/%d", f.title, finished, len(views))
	rows := []string{f.cut(title + " " + Paint(f.style.Colour, Dim, elapsed(f.now.Sub(f.begun))))}
	shown, folded := fit(views, f.height-2)
	for _, v := range shown {
		rows = append(rows, f.row(v))
	}
	if folded != "" {
		rows = append(rows, f.cut(Paint(f.style.Colour, Dim, "   "+f.ellipsis()+" "+folded)))
	}
	return rows
}

// columns is what may be written on: the last one stays free, because some
// terminals go to the next line when it is taken.
func (f *frame) columns() int { return f.width - 1 }

func (f *frame) row(v view) string {
	var b strings.Builder
	b.WriteString(" " + f.icon(v) + " ")
	b.WriteString(pad(cutMiddle(v.name, f.nameColumns, f.ellipsis()), f.nameColumns))
	b.WriteString("  " + pad(v.state, f.stateColumns))
	took := ""
	if v.timed {
		took = elapsed(v.elapsed(f.now))
	}
	b.WriteString(" " + Paint(f.style.Colour, Dim, fmt.Sprintf("%*s", timeColumns, took)))
	row := b.String()
	room := f.columns() - visibleWidth(row) - len("  ")
	details := oneLine(v.details)
	switch {
	case v.layers.layers > 0 && v.stage == workingStage:
		details = f.bar(v.layers, room)
	case room+len("  ") < minDetails:
		details = ""
	}
	if details != "" {
		row += "  " + details
	}
	return f.cut(strings.TrimRight(row, " "))
}

// cut shortens a row to the terminal. Colour codes have no width, but must be
// closed where the cut falls between two of them.
func (f *frame) cut(row string) string {
	if visibleWidth(row) <= f.columns() {
		return row
	}
	var b strings.Builder
	left := f.columns() - width(f.ellipsis())
	for row != "" {
		at := colourCode.FindStringIndex(row)
		if at == nil {
			at = []int{len(row), len(row)}
		}
		text := cut(row[:at[0]], left, "")
		b.WriteString(text)
		if left -= width(text); text != row[:at[0]] {
			break
		}
		b.WriteString(row[at[0]:at[1]])
		row = row[at[1]:]
	}
	b.WriteString(f.ellipsis())
	if f.style.Colour {
		b.WriteString("\x1b[0m")
	}
	return b.String()
}

func (f *frame) ellipsis() string {
	if f.style.Unicode {
		return "…"
	}
	return "..."
}

func (f *frame) icon(v view) string {
	icons := [...]string{"·", "", "✔", "!", "✘", "-"}
	spinner := []string{"⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"}
	if !f.style.Unicode {
		icons = [...]string{".", "", "+", "!", "x", "-"}
		spinner = []string{"|", "/", "-", "\\"}
	}
	colours := [...]Colour{Dim, Cyan, Green, Yellow, Red, Dim}
	icon := icons[v.stage]
	switch {
	case v.stage == workingStage && f.last:
		icon = icons[skippedStage] // what did not end is left at that
	case v.stage == workingStage:
		icon = spinner[int(f.now.UnixMilli()/frameTime.Milliseconds())%len(spinner)]
	}
	return Paint(f.style.Colour, colours[v.stage], icon)
}

// bar shows how much of an image has come, in as many words as there is room
// for; without a known total, only how much and how many layers.
func (f *frame) bar(s sum, room int) string {
	size := units.HumanSize(float64(s.current))
	layers := fmt.Sprintf("%d/%d layers", s.done, s.layers)
	if !s.known || s.total == 0 {
		return firstThatFits(room, layers+"  "+size, layers)
	}
	full, empty := "█", "░"
	if !f.style.Unicode {
		full, empty = "#", "-"
	}
	done := int(s.current * barColumns / s.total)
	text := strings.Repeat(full, done) + strings.Repeat(empty, barColumns-done)
	what := size + "/" + units.HumanSize(float64(s.total))
	if s.unpacking {
		what = "unpacking"
	}
	percent := fmt.Sprintf("%3d%%", s.current*100/s.total)
	text += " " + percent
	return firstThatFits(room, text+"  "+what+"  "+layers, text+"  "+what, text, percent)
}

// firstThatFits is the first text of that width at most, or none.
func firstThatFits(room int, texts ...string) string {
	for _, text := range texts {
		if width(text) <= room {
			return text
		}
	}
	return ""
}

// elapsed prints tenths of seconds, and above a minute whole ones.
func elapsed(d time.Duration) string {
	switch d = max(d, 0); {
	case d < time.Minute:
		return fmt.Sprintf("%.1fs", d.Truncate(100*time.Millisecond).Seconds())
	case d < time.Hour:
		return fmt.Sprintf("%dm%02ds", d/time.Minute, d%time.Minute/time.Second)
	default:
		return fmt.Sprintf("%dh%02dm", d/time.Hour, d%time.Hour/time.Minute)
	}
}
