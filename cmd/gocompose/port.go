package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/gocompose/gocompose/runtime"
)

type portOptions struct {
	service  string
	port     uint16
	protocol string
	index    int
}

func (p *program) portCommand() *cli.Command {
	var o portOptions
	return &cli.Command{
		Name:      "port",
		Category:  categoryLook,
		Usage:     "Show where a port of a service is published",
		ArgsUsage: "SERVICE PRIVATE_PORT",
		UsageText: "gocompose port web 80\ngocompose port --index 2 --protocol udp dns 53",
		Flags: []cli.Flag{
			&cli.IntFlag{Name: "index", Destination: &o.index, Usage: "Look at the container with the number `N` of the service"},
			&cli.StringFlag{Name: "protocol", Value: "tcp", Destination: &o.protocol, Usage: "The port is of this `PROTOCOL`: tcp or udp"},
		},
		Action: func(c *cli.Context) error {
			if err := needArgs(c, 2); err != nil {
				return err
			}
			port, err := strconv.ParseUint(c.Args().Get(1), 10, 16)
			if err != nil {
				return usage(err.Error())
			}
			o.service, o.port = c.Args().First(), uint16(port)
			o.protocol = strings.ToLower(o.protocol)
			return p.port(c.Context, o)
		},
	}
}

// needArgs refuses too few operands, in the words of docker compose.
func needArgs(c *cli.Context, least int) error {
	if got := c.Args().Len(); got < least {
		return usage(fmt.Sprintf("requires at least %d arg(s), only received %d", least, got))
	}
	return nil
}

func (p *program) port(ctx context.Context, o portOptions) error {
	_, c, err := p.running(ctx, o.service, o.index)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(c.Ports, func(port runtime.Port) bool {
		return port.ContainerPort == o.port && port.Protocol == o.protocol
	})
	if i < 0 {
		return fmt.Errorf("no port %d/%s for container %s: %s", o.port, o.protocol, c.Name, publishedText(c.Ports))
	}
	return p.say("%s:%d", c.Ports[i].HostIP, c.Ports[i].HostPort)
}

// publishedText lists the ports of the host, once for each address.
func publishedText(ports []runtime.Port) string {
	texts := make([]string, 0, len(ports))
	for _, port := range ports {
		texts = append(texts, fmt.Sprintf("%d/%s", port.HostPort, port.Protocol))
	}
	return strings.Join(texts, ", ")
}
