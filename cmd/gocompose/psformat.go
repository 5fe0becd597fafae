package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
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
		`state: {{.State}}\nstatus: {{.Status}}\nnames: {{.Names}}\nlabels: {{.Labels}}\nports: {{.Ports}}\n`
)

// psHeaders are the titles of the columns of a table, by field.
func psHeaders() map[string]string {
	return map[string]string{
		"ID": "CONTAINER ID", "Name": "NAME", "Names": "NAMES", "Project": "PROJECT", "Service": "SERVICE",
		"Image": "IMAGE", "Command": "COMMAND", "CreatedAt": "CREATED AT", "RunningFor": "CREATED",
		"Ports": "PORTS", "State": "STATE", "Status": "STATUS", "Health": "HEALTH", "ExitCode": "EXIT CODE",
		"Size": "SIZE", "Labels": "LABELS", "Mounts": "MOUNTS", "LocalVolumes": "LOCAL VOLUMES",
		"Networks": "NETWORKS", "Publishers": "PUBLISHERS",
	}
}

// writeContainers writes containers as docker compose ps does.
func writeContainers(w io.Writer, format string, containers []runtime.Listed, truncate bool, now time.Time) error {
	switch format {
	case "", "table":
		format = defaultPsTable
	case "raw":
		format = rawPsFormat
	case "json":
		encoder := json.NewEncoder(w)
		for _, c := range containers {
			if err := encoder.Encode(psRow(c, truncate, now)); err != nil {
				return err
			}
		}
		return nil
	}
	rows := make([]map[string]any, len(containers))
	for i, c := range containers {
		rows[i] = psRow(c, truncate, now)
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

// psRow holds the fields of one container for templates and JSON.
func psRow(c runtime.Listed, truncate bool, now time.Time) map[string]any {
	id, command, mounts := c.ID, c.Command, slices.Clone(c.Mounts)
	if truncate {
		id, command = id[:min(len(id), 12)], ellipsis(command, 20)
		for i := range mounts {
			mounts[i] = ellipsis(mounts[i], 15)
		}
	}
	publishers := []publisher{}
	for _, port := range c.Ports {
		publishers = append(publishers, publisher{
			URL: port.HostIP, TargetPort: int(port.ContainerPort), PublishedPort: int(port.HostPort), Protocol: port.Protocol,
		})
	}
	var labels []string
	for _, key := range slices.Sorted(maps.Keys(c.Labels)) {
		labels = append(labels, key+"="+c.Labels[key])
	}
	created := c.Created.Local().Truncate(time.Second)
	return map[string]any{
		"ID": id, "Name": c.Name, "Names": c.Name, "Project": c.Project, "Service": c.Service,
		"Image": c.Image, "Command": strconv.Quote(command),
		"CreatedAt":  created.String(),
		"RunningFor": units.HumanDuration(now.Sub(created)) + " ago",
		"Ports":      portsText(c.Ports), "Publishers": publishers,
		"State": string(c.Phase), "Status": c.Status, "Health": string(c.Health), "ExitCode": c.ExitCode,
		"Size": "0B", "Labels": strings.Join(labels, ","), "Mounts": strings.Join(mounts, ","),
		"LocalVolumes": strconv.Itoa(len(c.Mounts)), "Networks": strings.Join(c.Networks, ","),
	}
}

// ellipsis shortens text to so many characters.
func ellipsis(text string, most int) string {
	runes := []rune(text)
	if len(runes) <= most {
		return text
	}
	return fmt.Sprintf("%s…", string(runes[:most-1]))
}
