package main

import (
	"context"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/gocompose/gocompose/runtime"
)

type volumesOptions struct {
	services []string
	format   string
	quiet    bool
}

func (p *program) volumesCommand() *cli.Command {
	var o volumesOptions
	return &cli.Command{
		Name:        "volumes",
		Category:    categoryLook,
		Usage:       "List the volumes of an application",
		ArgsUsage:   "[SERVICE...]",
		Description: "With services, lists those that their containers mount.",
		UsageText: `gocompose volumes --quiet
gocompose volumes --format 'table {{.Name}}\t{{.Mountpoint}}' db`,
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "format", Value: "table", Destination: &o.format,
				Usage: "Write them as `FORMAT`: table, json, or a Go template"},
			&cli.BoolFlag{Name: "quiet", Aliases: []string{"q"}, Destination: &o.quiet, Usage: "Show names alone"},
		},
		Action: func(c *cli.Context) error {
			o.services = c.Args().Slice()
			return p.volumes(c.Context, o)
		},
	}
}

func (p *program) volumes(ctx context.Context, o volumesOptions) error {
	found, e, err := p.reach(ctx, o.services...)
	if err != nil {
		return err
	}
	volumes, err := runtime.ListVolumes(ctx, e, found.name, o.services)
	if err != nil {
		return err
	}
	if o.quiet {
		for _, v := range volumes {
			if err := p.say("%s", v.Name); err != nil {
				return err
			}
		}
		return nil
	}
	return writeVolumes(p.Stdout, o.format, volumes)
}

// Formats of volumes.
const (
	defaultVolumesTable = `table {{.Driver}}\t{{.Name}}`
	rawVolumesFormat    = `name: {{.Name}}\ndriver: {{.Driver}}\n`
)

func writeVolumes(w io.Writer, format string, volumes []runtime.ListedVolume) error {
	rows := make([]volumeRow, len(volumes))
	for i, v := range volumes {
		rows[i] = newVolumeRow(v)
	}
	switch format {
	case "", "table":
		format = defaultVolumesTable
	case "raw":
		format = rawVolumesFormat
	case "json":
		return writeJSONLines(w, rows)
	}
	return writeTemplate(w, format, volumeHeaders(), rows)
}

// unknown is what docker shows of a volume that it did not ask about.
const unknown = "N/A"

// volumeRow is one volume for templates and, its fields in this order, for JSON.
type volumeRow struct {
	Availability string
	Driver       string
	Group        string
	Labels       string
	Links        string
	Mountpoint   string
	Name         string
	Scope        string
	Size         string
	Status       string

	labels map[string]string
}

// Label is the value of a label, for templates.
func (r volumeRow) Label(name string) string { return r.labels[name] }

func newVolumeRow(v runtime.ListedVolume) volumeRow {
	return volumeRow{
		Name: v.Name, Driver: v.Driver, Scope: v.Scope, Mountpoint: v.Mountpoint, Labels: labelsText(v.Labels),
		Availability: unknown, Group: unknown, Links: unknown, Size: unknown, Status: unknown, labels: v.Labels,
	}
}

func volumeHeaders() headers {
	return headers{
		"Name": "VOLUME NAME", "Driver": "DRIVER", "Scope": "SCOPE", "Mountpoint": "MOUNTPOINT", "Labels": "LABELS",
		"Links": "LINKS", "Size": "SIZE", "Group": "GROUP", "Availability": "AVAILABILITY", "Status": "STATUS",
	}
}

// labelsText writes labels in the order of their names.
func labelsText(labels map[string]string) string {
	var texts []string
	for _, key := range slices.Sorted(maps.Keys(labels)) {
		texts = append(texts, key+"="+labels[key])
	}
	return strings.Join(texts, ",")
}
