package main

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/docker/go-units"

	"github.com/gocompose/gocompose/runtime"
)

// Formats of ps.
const (
	defaultPsTable = `table {{.Name}}\t{{.Image}}\t{{.Command}}\t{{.Service}}\t{{.RunningFor}}\t{{.Status}}\t{{.Ports}}`
	rawPsFormat    = `container_id: {{.ID}}\nimage: {{.Image}}\ncommand: {{.Command}}\ncreated_at: {{.CreatedAt}}\n` +
		`state: {{.State}}\nstatus: {{.Status}}\nnames: {{.Names}}\nlabels: {{.Labels}}\nports:{{if .Ports}} {{.Ports}}{{end}}\n`
)

// headers are the titles of columns, by field.
type headers map[string]string

// Label is the title of a column of labels: the last part of the label's name.
func (headers) Label(name string) string {
	return strings.NewReplacer("-", " ", "_", " ").Replace(name[strings.LastIndex(name, ".")+1:])
}

func psHeaders() headers {
	return headers{
		"ID": "CONTAINER ID", "Name": "NAME", "Names": "NAMES", "Project": "PROJECT", "Service": "SERVICE",
		"Image": "IMAGE", "Command": "COMMAND", "CreatedAt": "CREATED AT", "RunningFor": "CREATED",
		"Ports": "PORTS", "State": "STATE", "Status": "STATUS", "Health": "HEALTH", "ExitCode": "EXIT CODE",
		"Size": "SIZE", "Labels": "LABELS", "Mounts": "MOUNTS", "LocalVolumes": "LOCAL VOLUMES",
		"Networks": "NETWORKS", "Publishers": "PUBLISHERS",
	}
}

// writeContainers writes containers as docker compose ps does.
func writeContainers(w io.Writer, format string, containers []runtime.Listed, truncate bool, now time.Time) error {
	rows := make([]psRow, len(containers))
	for i, c := range containers {
		rows[i] = newPsRow(c, truncate, now)
	}
	switch format {
	case "", "table":
		format = defaultPsTable
	case "raw":
		format = rawPsFormat
	case "json":
		return writeJSONLines(w, rows)
	}
	return writeTemplate(w, format, psHeaders(), rows)
}

// publisher is a port in docker compose's JSON.
type publisher struct {
	URL           string
	TargetPort    int
	PublishedPort int
	Protocol      string
}

// psRow is one container for templates and, its fields in this order, for JSON.
type psRow struct {
	Command      string
	CreatedAt    string
	ExitCode     int
	Health       string
	ID           string
	Image        string
	Labels       string
	LocalVolumes string
	Mounts       string
	Name         string
	Names        string
	Networks     string
	Ports        string
	Project      string
	Publishers   []publisher
	RunningFor   string
	Service      string
	Size         string
	State        string
	Status       string

	labels map[string]string
}

// Label is the value of a label, for templates.
func (r psRow) Label(name string) string { return r.labels[name] }

func newPsRow(c runtime.Listed, truncate bool, now time.Time) psRow {
	created := c.Created.Local().Truncate(time.Second)
	row := psRow{
		CreatedAt: created.String(), ExitCode: c.ExitCode, Health: string(c.Health), ID: c.ID, Image: c.Image,
		LocalVolumes: strconv.Itoa(c.Volumes), Name: c.Name, Names: c.Name,
		Networks: strings.Join(c.Networks, ","), Ports: portsText(c.Ports), Project: c.Project,
		Publishers: publishers(c.Ports), RunningFor: units.HumanDuration(now.Sub(created)) + " ago",
		Service: c.Service, Size: "0B", State: string(c.Phase), Status: c.Status, labels: c.Labels,
	}
	command, mounts := c.Command, slices.Clone(c.Mounts)
	if truncate {
		row.ID, command = row.ID[:min(len(row.ID), 12)], ellipsis(command, 20)
		for i := range mounts {
			mounts[i] = ellipsis(mounts[i], 15)
		}
	}
	row.Command, row.Mounts = strconv.Quote(command), strings.Join(mounts, ",")
	row.Labels = labelsText(c.Labels)
	return row
}

func publishers(ports []runtime.Port) []publisher {
	list := []publisher{}
	for _, port := range ports {
		list = append(list, publisher{
			URL: port.HostIP, TargetPort: int(port.ContainerPort), PublishedPort: int(port.HostPort), Protocol: port.Protocol,
		})
	}
	return list
}

// ellipsis shortens text to so many characters.
func ellipsis(text string, most int) string {
	runes := []rune(text)
	if len(runes) <= most {
		return text
	}
	return fmt.Sprintf("%s…", string(runes[:most-1]))
}
