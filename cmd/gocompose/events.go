package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/gocompose/gocompose/runtime"
)

type eventsOptions struct {
	services     []string
	json         bool
	since, until string
}

func (p *program) eventsCommand() *cli.Command {
	var o eventsOptions
	return &cli.Command{
		Name:      "events",
		Category:  categoryLook,
		Usage:     "Show what happens to containers",
		ArgsUsage: "[SERVICE...]",
		UsageText: "gocompose events --json web\ngocompose events --since 10m --until 5m",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "json", Destination: &o.json, Usage: "Write each event as a JSON object"},
			&cli.StringFlag{Name: "since", Destination: &o.since,
				Usage: "Also show events from this `TIME` on: a date, or how long ago, such as 42m"},
			&cli.StringFlag{Name: "until", Destination: &o.until, Usage: "End with the events before this `TIME`"},
		},
		Action: func(c *cli.Context) error {
			o.services = c.Args().Slice()
			return p.events(c.Context, o)
		},
	}
}

func (p *program) events(ctx context.Context, o eventsOptions) error {
	found, e, err := p.reach(ctx)
	if err != nil {
		return err
	}
	return runtime.WatchEvents(ctx, e, runtime.WatchOptions{
		Project: found.name, Services: o.services, Since: o.since, Until: o.until,
	}, func(event runtime.ContainerEvent) error {
		if o.json {
			return json.NewEncoder(p.Stdout).Encode(newEventRow(event))
		}
		return p.say("%s\n", eventText(event)) // an empty line follows each, as with docker compose
	})
}

func eventText(e runtime.ContainerEvent) string {
	var attributes []string
	for _, name := range slices.Sorted(maps.Keys(e.Attributes)) {
		attributes = append(attributes, name+"="+e.Attributes[name])
	}
	return fmt.Sprintf("%s container %s %s (%s)",
		e.Time.Format("2006-01-02 15:04:05.000000"), e.Action, e.ID, strings.Join(attributes, ", "))
}

// eventRow is an event in docker compose's JSON.
type eventRow struct {
	Action     string            `json:"action"`
	Attributes map[string]string `json:"attributes"`
	ID         string            `json:"id"`
	Service    string            `json:"service"`
	Time       time.Time         `json:"time"`
	Type       string            `json:"type"`
}

func newEventRow(e runtime.ContainerEvent) eventRow {
	return eventRow{
		Action: e.Action, Attributes: e.Attributes, ID: e.ID, Service: e.Service, Time: e.Time, Type: "container",
	}
}
