//go:build linux

package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// series are the results of one contestant in one row, in the unit of the row.
type series []float64

func (s *series) add(value float64) { *s = append(*s, value) }

func (s *series) addTime(took time.Duration) { s.add(float64(took.Microseconds()) / 1000) }

// median is NaN-free: without results it is 0.
func (s series) median() float64 {
	if len(s) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(s))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}

// row is one line of the table. A contestant that takes no part has no results.
type row struct {
	what      string
	unit      string // ms, MB or requests
	gocompose series
	oracle    series
	floor     series
	target    string
}

// of is the series of the contestant at this place in bench.tools.
func (r *row) of(contestant int) *series {
	if contestant == 0 {
		return &r.gocompose
	}
	return &r.oracle
}

type report struct{ rows []*row }

func (r *report) add(what, unit, target string) *row {
	added := &row{what: what, unit: unit, target: target}
	r.rows = append(r.rows, added)
	return added
}

func (r *report) write(out io.Writer, conditions string) error {
	var text strings.Builder
	text.WriteString("| what | gocompose | docker-compose 2.40.3 | floor | ÷ docker-compose | ÷ floor | target |\n")
	text.WriteString("|---|--:|--:|--:|--:|--:|---|\n")
	for _, line := range r.rows {
		fmt.Fprintf(&text, "| %s | %s | %s | %s | %s | %s | %s |\n", line.what,
			line.gocompose.show(line.unit), line.oracle.show(line.unit), line.floor.show(line.unit),
			ratio(line.gocompose, line.oracle), ratio(line.gocompose, line.floor), line.target)
	}
	text.WriteString("\n" + conditions + "\n")
	_, err := io.WriteString(out, text.String())
	return err
}

func (s series) show(unit string) string {
	if len(s) == 0 {
		return ""
	}
	if unit == "MB" || s.median() < 10 && unit == "ms" {
		return fmt.Sprintf("%.1f %s", s.median(), unit)
	}
	return fmt.Sprintf("%.0f %s", s.median(), unit)
}

func ratio(mine, theirs series) string {
	if len(mine) == 0 || theirs.median() == 0 {
		return ""
	}
	return fmt.Sprintf("%.2f", mine.median()/theirs.median())
}
