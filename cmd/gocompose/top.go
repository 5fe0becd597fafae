package main

import (
	"context"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/urfave/cli/v2"

	"github.com/gocompose/gocompose/runtime"
)

func (p *program) topCommand() *cli.Command {
	return &cli.Command{
		Name:      "top",
		Category:  categoryLook,
		Usage:     "Show the processes that run in containers",
		ArgsUsage: "[SERVICE...]",
		UsageText: "gocompose top web",
		Action:    func(c *cli.Context) error { return p.top(c.Context, c.Args().Slice()) },
	}
}

func (p *program) top(ctx context.Context, services []string) error {
	found, e, err := p.reach(ctx)
	if err != nil {
		return err
	}
	list, err := runtime.Top(ctx, e, found.name, services)
	if err != nil || len(list) == 0 {
		return err
	}
	return writeProcesses(p.Stdout, list)
}

// writeProcesses writes one line a process, with the columns of all containers:
// engines name them by what ps in the container's image or host offers.
func writeProcesses(w io.Writer, list []runtime.Processes) error {
	const (
		minWidth = 4
		padding  = 2
		command  = "CMD" // the last column, since it has no bound
	)
	titles := []string{"SERVICE", "#"}
	for _, processes := range list {
		for _, title := range processes.Titles {
			if !slices.Contains(titles, title) {
				titles = append(titles, title)
			}
		}
	}
	if i := slices.Index(titles, command); i >= 0 {
		titles = append(slices.Delete(titles, i, i+1), command)
	}
	table := tabwriter.NewWriter(w, minWidth, 1, padding, ' ', 0)
	if _, err := io.WriteString(table, strings.Join(titles, "\t")+"\n"); err != nil {
		return err
	}
	for _, processes := range list {
		for _, row := range processes.Rows {
			cells := processCells(processes, row, titles)
			if _, err := io.WriteString(table, strings.Join(cells, "\t")+"\n"); err != nil {
				return err
			}
		}
	}
	return table.Flush()
}

// processCells brings a process into the columns of the table.
func processCells(of runtime.Processes, row, titles []string) []string {
	number := ""
	if of.Container.Number > 0 {
		number = strconv.Itoa(of.Container.Number)
	}
	cells := []string{of.Container.Service, number}
	for _, title := range titles[2:] {
		cell := "-"
		if i := slices.Index(of.Titles, title); i >= 0 && i < len(row) {
			cell = row[i]
		}
		cells = append(cells, cell)
	}
	return cells
}
