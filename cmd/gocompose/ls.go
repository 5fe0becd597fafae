package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/gocompose/gocompose/internal/ui"
	"github.com/gocompose/gocompose/planner"
	"github.com/gocompose/gocompose/runtime"
)

type lsOptions struct {
	all     bool
	filters cli.StringSlice
	format  string
	quiet   bool
}

func (p *program) lsCommand() *cli.Command {
	var o lsOptions
	return &cli.Command{
		Name:      "ls",
		Category:  categoryLook,
		Usage:     "List the applications on this host",
		UsageText: "gocompose ls --all\ngocompose ls --filter name=shop --format json",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "all", Aliases: []string{"a"}, Destination: &o.all, Usage: "Also list those that have stopped"},
			&cli.StringSliceFlag{Name: "filter", Destination: &o.filters, Usage: "List those that match `name=PATTERN`"},
			&cli.StringFlag{Name: "format", Value: "table", Destination: &o.format, Usage: "Write them as `TYPE`: table or json"},
			&cli.BoolFlag{Name: "quiet", Aliases: []string{"q"}, Destination: &o.quiet, Usage: "Show names alone"},
		},
		Action: func(c *cli.Context) error { return p.ls(c.Context, o) },
	}
}

// lsRow is a project in docker compose's JSON.
type lsRow struct {
	Name        string
	Status      string
	ConfigFiles string
}

func (p *program) ls(ctx context.Context, o lsOptions) error {
	if o.format != "table" && o.format != "json" {
		return usage(fmt.Sprintf("format value %q could not be parsed: parsing failed", o.format))
	}
	patterns, err := namePatterns(o.filters.Value())
	if err != nil {
		return err
	}
	e, err := p.dial(ctx).engine()
	if err != nil {
		return err
	}
	projects, err := runtime.ListProjects(ctx, e)
	if err != nil {
		return err
	}
	rows := []lsRow{}
	for _, listed := range projects {
		status := phasesText(listed.Phases, o.all)
		matches := func(pattern *regexp.Regexp) bool { return pattern.MatchString(listed.Name) }
		if status == "" || len(patterns) > 0 && !slices.ContainsFunc(patterns, matches) {
			continue
		}
		rows = append(rows, lsRow{listed.Name, status, strings.Join(listed.ConfigFiles, ",")})
	}
	return p.writeProjects(o, rows)
}

func (p *program) writeProjects(o lsOptions, rows []lsRow) error {
	switch {
	case o.quiet:
		for _, row := range rows {
			if err := p.say("%s", row.Name); err != nil {
				return err
			}
		}
		return nil
	case o.format == "json":
		return json.NewEncoder(p.Stdout).Encode(rows)
	default:
		const minWidth = 20 // docker compose's ls is wider than its other tables
		cells := [][]string{{"NAME", "STATUS", "CONFIG FILES"}}
		for _, row := range rows {
			cells = append(cells, []string{row.Name, row.Status, row.ConfigFiles})
		}
		return ui.WriteTable(p.Stdout, minWidth, cells)
	}
}

// namePatterns reads name=PATTERN filters.
func namePatterns(filters []string) ([]*regexp.Regexp, error) {
	var patterns []*regexp.Regexp
	for _, filter := range filters {
		key, value, ok := strings.Cut(filter, "=")
		if !ok {
			return nil, usage(fmt.Sprintf(
				"invalid argument %q for \"--filter\" flag: bad format of filter (expected name=value)", filter))
		}
		if key != "name" {
			return nil, usage(fmt.Sprintf("invalid filter '%s'", key))
		}
		pattern, err := regexp.Compile(value)
		if err != nil {
			return nil, usage(fmt.Sprintf("invalid filter '%s': %v", filter, err))
		}
		patterns = append(patterns, pattern)
	}
	return patterns, nil
}

// phasesText counts containers by their state: exited(1), running(2). Without
// all, only those that run count.
func phasesText(phases map[planner.Phase]int, all bool) string {
	var texts []string
	for _, phase := range slices.Sorted(maps.Keys(phases)) {
		if all || runtime.Alive(phase) {
			texts = append(texts, fmt.Sprintf("%s(%d)", phase, phases[phase]))
		}
	}
	return strings.Join(texts, ", ")
}
