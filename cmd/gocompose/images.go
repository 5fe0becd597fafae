package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/docker/go-units"
	"github.com/urfave/cli/v2"

	"github.com/gocompose/gocompose/internal/ui"
	"github.com/gocompose/gocompose/runtime"
)

type imagesOptions struct {
	services []string
	format   string
	quiet    bool
}

func (p *program) imagesCommand() *cli.Command {
	var o imagesOptions
	return &cli.Command{
		Name:      "images",
		Category:  categoryLook,
		Usage:     "List the images of the containers of an application",
		ArgsUsage: "[SERVICE...]",
		UsageText: "gocompose images --format json",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "format", Value: "table", Destination: &o.format, Usage: "Write them as `TYPE`: table or json"},
			&cli.BoolFlag{Name: "quiet", Aliases: []string{"q"}, Destination: &o.quiet, Usage: "Show IDs alone"},
		},
		Action: func(c *cli.Context) error {
			o.services = c.Args().Slice()
			return p.images(c.Context, o)
		},
	}
}

func (p *program) images(ctx context.Context, o imagesOptions) error {
	found, e, err := p.reach(ctx)
	if err != nil {
		return err
	}
	images, err := runtime.ListImages(ctx, e, found.name, o.services)
	if err != nil {
		return err
	}
	switch {
	case o.quiet:
		return p.sayImageIDs(images)
	case o.format == "table":
		return p.writeImages(images, time.Now())
	case o.format == "json":
		return p.encodeImages(images)
	default:
		return usage(fmt.Sprintf("format value %q could not be parsed: parsing failed", o.format))
	}
}

func (p *program) sayImageIDs(images []runtime.ListedImage) error {
	var told []string
	for _, image := range images {
		id := strings.TrimPrefix(image.ID, "sha256:")
		if slices.Contains(told, id) {
			continue
		}
		told = append(told, id)
		if err := p.say("%s", id); err != nil {
			return err
		}
	}
	return nil
}

func (p *program) writeImages(images []runtime.ListedImage, now time.Time) error {
	const minWidth = 20 // as that of ls, docker compose's table of images is wider than others
	const significant = 3
	cells := [][]string{{"CONTAINER", "REPOSITORY", "TAG", "PLATFORM", "IMAGE ID", "SIZE", "CREATED"}}
	for _, image := range images {
		id := strings.TrimPrefix(image.ID, "sha256:")
		created := "N/A"
		if !image.Tagged.IsZero() {
			created = units.HumanDuration(now.Sub(image.Tagged)) + " ago"
		}
		cells = append(cells, []string{
			image.Container, orNone(image.Repository), orNone(image.Tag), image.Platform, id[:min(len(id), 12)],
			units.HumanSizeWithPrecision(float64(image.Size), significant), created,
		})
	}
	return ui.WriteTable(p.Stdout, minWidth, cells)
}

func orNone(text string) string {
	if text == "" {
		return "<none>"
	}
	return text
}

// imageRow is an image in docker compose's JSON.
type imageRow struct {
	ID            string
	ContainerName string
	Repository    string
	Tag           string
	Platform      string
	Size          int64
	LastTagTime   time.Time
}

// encodeImages writes an array, or null where there is none, and an empty line,
// as docker compose does.
func (p *program) encodeImages(images []runtime.ListedImage) error {
	var rows []imageRow
	for _, image := range images {
		rows = append(rows, imageRow{
			ID: image.ID, ContainerName: image.Container, Repository: image.Repository, Tag: image.Tag,
			Platform: image.Platform, Size: image.Size, LastTagTime: image.Tagged,
		})
	}
	text, err := json.Marshal(rows)
	if err != nil {
		return err
	}
	return p.say("%s\n", text)
}
