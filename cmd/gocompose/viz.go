package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/gocompose/gocompose/project"
)

// vizOptions say what the graph shows of a service.
type vizOptions struct {
	networks, ports, image bool
	spaces                 bool
	indentation            int
}

func (p *program) vizCommand() *cli.Command {
	var o vizOptions
	return &cli.Command{
		Name:      "viz",
		Category:  categoryFiles,
		Usage:     "Draw the services and what they depend on, for Graphviz",
		ArgsUsage: "[SERVICE...]",
		UsageText: `gocompose alpha viz
gocompose alpha viz --networks --ports --image`,
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "networks", Destination: &o.networks, Usage: "Show the networks of each service"},
			&cli.BoolFlag{Name: "ports", Destination: &o.ports, Usage: "Show the ports of each service"},
			&cli.BoolFlag{Name: "image", Destination: &o.image, Usage: "Show the image of each service"},
			&cli.BoolFlag{Name: "spaces", Destination: &o.spaces, Usage: "Indent with spaces instead of tabs"},
			&cli.IntFlag{Name: "indentation-size", Value: 1, Destination: &o.indentation,
				Usage: "Indent by `N` tabs or spaces"},
		},
		Action: func(c *cli.Context) error { return p.viz(c.Context, o, c.Args().Slice()) },
	}
}

func (p *program) viz(ctx context.Context, o vizOptions, services []string) error {
	if o.indentation < 0 {
		return usage(fmt.Sprintf("invalid indentation size: %d", o.indentation))
	}
	p.experimental("viz")
	load := p.loadOptions()
	load.Services = services
	load.SharedNames = true
	load.NoEnvResolution = true
	loaded, err := p.load(ctx, load)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(p.Stdout)
	o.write(out, loaded)
	return out.Flush()
}

// experimental says so, in docker compose's words.
func (p *program) experimental(command string) { p.printf("%s command is EXPERIMENTAL\n", command) }

func (o vizOptions) write(w io.Writer, p *project.Project) {
	indent := strings.Repeat("\t", o.indentation)
	if o.spaces {
		indent = strings.Repeat(" ", o.indentation)
	}
	fmt.Fprintf(w, "digraph %q {\n%slayout=dot;\n", p.Name(), indent)
	for service := range p.Services() {
		fmt.Fprintf(w, "%s%q [style=\"filled\" label=<%s>];\n", indent, service.Name, o.label(service))
	}
	fmt.Fprintln(w)
	for service := range p.Services() {
		for _, needed := range slices.Sorted(maps.Keys(service.DependsOn)) {
			if _, ok := p.Service(needed); ok {
				fmt.Fprintf(w, "%s%q -> %q;\n", indent, service.Name, needed)
			}
		}
	}
	fmt.Fprint(w, "}\n\n")
}

// label is a service as Graphviz's kind of HTML.
func (o vizOptions) label(s project.Service) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<font point-size="15">%s</font>`, vizText(s.Name))
	section := func(title string, lines []string) {
		if len(lines) > 0 {
			fmt.Fprintf(&b, `<font point-size="10"><br/><br/><b>%s:</b><br/>%s</font>`, title, strings.Join(lines, "<br/>"))
		}
	}
	if o.networks {
		section("Networks", slices.Sorted(maps.Keys(s.Networks)))
	}
	if o.ports {
		var ports []string
		for _, port := range s.Ports {
			on := port.Published
			if port.HostIP != "" {
				on = port.HostIP + ":" + on
			}
			ports = append(ports, fmt.Sprintf("%s:%d (%s, %s)", on, port.Target, port.Protocol, port.Mode))
		}
		section("Ports", ports)
	}
	if o.image {
		section("Image", []string{vizText(s.ImageRef())})
	}
	return b.String()
}

// vizText keeps a text from being read as HTML.
func vizText(text string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(text)
}
