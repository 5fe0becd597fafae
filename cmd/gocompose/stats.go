package main

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"strings"
	"sync/atomic"
	"time"

	"github.com/docker/go-units"
	"github.com/urfave/cli/v2"

	"github.com/gocompose/gocompose/internal/ui"
	"github.com/gocompose/gocompose/runtime"
)

type statsOptions struct {
	services []string
	all      bool
	format   string
	noStream bool
	noTrunc  bool
}

func (p *program) statsCommand() *cli.Command {
	var o statsOptions
	return &cli.Command{
		Name:      "stats",
		Category:  categoryLook,
		Usage:     "Show what containers use of the processor, memory, networks and disks",
		ArgsUsage: "[SERVICE...]",
		Description: "Measures each second until Ctrl-C. The format is table, json, a Go template, or table and a " +
			"template. Where statsFormat is set in docker's config.json it is the default.",
		UsageText: `gocompose stats
gocompose stats --no-stream --format 'table {{.Name}}\t{{.MemUsage}}' web`,
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "all", Aliases: []string{"a"}, Destination: &o.all, Usage: "Also list containers that do not run"},
			&cli.StringFlag{Name: "format", Destination: &o.format, Usage: "Write them as `FORMAT`"},
			&cli.BoolFlag{Name: "no-stream", Destination: &o.noStream, Usage: "Measure once"},
			&cli.BoolFlag{Name: "no-trunc", Destination: &o.noTrunc, Usage: "Show long values whole"},
		},
		Action: func(c *cli.Context) error {
			o.services = c.Args().Slice()
			return p.stats(c.Context, o)
		},
	}
}

// measuring is the time between two readings.
const measuring = time.Second

func (p *program) stats(ctx context.Context, o statsOptions) error {
	found, e, err := p.reach(ctx)
	if err != nil {
		return err
	}
	meter := runtime.NewMeter(e, found.name, o.services, o.all)
	o.format = cmp.Or(o.format, e.Config().StatsFormat)
	if o.noStream || !isTerminal(p.Stdout) {
		return o.list(ctx, meter, p.Stdout)
	}
	console := ui.NewConsole(ui.ConsoleOptions{
		Out: p.Stdout, Err: p.Stdout, Size: terminalSize(p.Stdout), OutShares: true, Unread: p.readerGone,
	})
	defer console.Close()
	page := &page{}
	console.Live(page.rows)
	defer console.Settle(page.rows) // the last one stays
	return o.list(ctx, meter, page)
}

// list writes one list for each reading but the first, which cannot tell how
// busy containers are, in one write.
func (o statsOptions) list(ctx context.Context, meter *runtime.Meter, w io.Writer) error {
	if _, err := meter.Read(ctx); err != nil {
		return err
	}
	for {
		select {
		case <-time.After(measuring):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		read, err := meter.Read(ctx)
		if err != nil {
			return err
		}
		var text bytes.Buffer
		if err := writeUsage(&text, o.format, read, !o.noTrunc); err != nil {
			return err
		}
		if _, err := w.Write(text.Bytes()); err != nil || o.noStream {
			return err
		}
	}
}

// page is a list that the next one takes the place of.
type page struct{ text atomic.Pointer[string] }

// Write implements [io.Writer]; a write is a whole page.
func (p *page) Write(text []byte) (int, error) {
	s := string(text)
	p.text.Store(&s)
	return len(text), nil
}

// rows are as many lines as there is room for.
func (p *page) rows(_ time.Time, width, height int) []string {
	text := p.text.Load()
	if text == nil {
		return nil
	}
	lines := strings.Split(strings.TrimSuffix(*text, "\n"), "\n")
	lines = lines[:min(len(lines), max(height-1, 1))]
	for i, line := range lines {
		if runes := []rune(line); len(runes) >= width {
			lines[i] = string(runes[:max(width-1, 0)])
		}
	}
	return lines
}

const defaultStatsTable = `table {{.ID}}\t{{.Name}}\t{{.CPUPerc}}\t{{.MemUsage}}\t{{.MemPerc}}\t{{.NetIO}}\t{{.BlockIO}}\t{{.PIDs}}`

func statsHeaders() headers {
	return headers{
		"Container": "CONTAINER", "ID": "CONTAINER ID", "Name": "NAME", "CPUPerc": "CPU %", "MemUsage": "MEM USAGE / LIMIT",
		"MemPerc": "MEM %", "NetIO": "NET I/O", "BlockIO": "BLOCK I/O", "PIDs": "PIDS",
	}
}

// usageRow is a container for templates and, its fields in this order, for JSON.
type usageRow struct {
	BlockIO, CPUPerc, Container, ID, MemPerc, MemUsage, Name, NetIO, PIDs string
}

func newUsageRow(u runtime.Usage, truncate bool) usageRow {
	const significant = 3
	pair := func(a, b uint64) string {
		return units.HumanSizeWithPrecision(float64(a), significant) + " / " + units.HumanSizeWithPrecision(float64(b), significant)
	}
	row := usageRow{
		BlockIO: pair(u.Read, u.Written), CPUPerc: fmt.Sprintf("%.2f%%", u.CPU), Container: u.Container.ID, ID: u.Container.ID,
		MemPerc: "0.00%", MemUsage: units.BytesSize(float64(u.Memory)) + " / " + units.BytesSize(float64(u.Limit)),
		Name: u.Container.Name, NetIO: pair(u.Received, u.Sent), PIDs: fmt.Sprint(u.Processes),
	}
	if u.Limit > 0 {
		row.MemPerc = fmt.Sprintf("%.2f%%", float64(u.Memory)/float64(u.Limit)*100)
	}
	if truncate {
		row.ID = row.ID[:min(len(row.ID), 12)]
	}
	return row
}

func writeUsage(w io.Writer, format string, read []runtime.Usage, truncate bool) error {
	rows := make([]usageRow, len(read))
	for i, u := range read {
		rows[i] = newUsageRow(u, truncate)
	}
	switch format {
	case "", "table":
		format = defaultStatsTable
	case "json":
		return writeJSONLines(w, rows)
	}
	return writeTemplate(w, format, statsHeaders(), rows)
}
