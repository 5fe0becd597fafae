package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v2"
	"golang.org/x/sync/errgroup"

	"github.com/gocompose/gocompose/internal/engine"
	"github.com/gocompose/gocompose/internal/ui"
	"github.com/gocompose/gocompose/runtime"
)

type cpOptions struct {
	from, to copyEnd
	copy     runtime.CopyOptions
	index    int
	all      bool
}

func (p *program) cpCommand() *cli.Command {
	var o cpOptions
	return &cli.Command{
		Name:      "cp",
		Category:  categoryManage,
		Usage:     "Copy files between containers and this machine",
		ArgsUsage: "SERVICE:SRC_PATH DEST_PATH|- | SRC_PATH|- SERVICE:DEST_PATH",
		Description: "Copies into all containers of the service, or out of the first. A path that is - is a tar stream " +
			"on standard input or output.",
		UsageText: `gocompose cp config.toml web:/etc/app/
gocompose cp --index 2 web:/var/log/app .
gocompose cp db:/dump - | tar tv`,
		Flags: []cli.Flag{
			&cli.IntFlag{Name: "index", Destination: &o.index, Usage: "Only the container with the number `N` of the service"},
			&cli.BoolFlag{Name: "all", Destination: &o.all, Usage: "Also containers of run"},
			&cli.BoolFlag{Name: "archive", Aliases: []string{"a"}, Destination: &o.copy.Ownership,
				Usage: "Keep the owners of files"},
			&cli.BoolFlag{Name: "follow-link", Aliases: []string{"L"}, Destination: &o.copy.FollowLinks,
				Usage: "Copy what a link points to, if SRC_PATH is one"},
		},
		Action: func(c *cli.Context) error {
			if c.Args().Len() != 2 {
				return usage("docker: 'docker compose cp' requires 2 arguments")
			}
			o.from, o.to = readCopyEnd(c.Args().Get(0)), readCopyEnd(c.Args().Get(1))
			return p.cp(c.Context, o)
		},
	}
}

// copyEnd is one end of a copy: a path in the containers of a service, or of
// this machine.
type copyEnd struct{ service, path string }

// readCopyEnd takes a path that is absolute or begins with a dot for one of
// this machine, though there is a colon in it.
func readCopyEnd(text string) copyEnd {
	service, path, ok := strings.Cut(text, ":")
	if !ok || filepath.IsAbs(text) || strings.HasPrefix(text, ".") {
		return copyEnd{path: text}
	}
	return copyEnd{service: service, path: path}
}

func (p *program) cp(ctx context.Context, o cpOptions) error {
	switch {
	case o.from.path == "" && o.from.service == "":
		return errors.New("source can not be empty")
	case o.to.path == "" && o.to.service == "":
		return errors.New("destination can not be empty")
	case o.from.service != "" && o.to.service != "":
		return errors.New("copying between services is not supported")
	case o.from.service == "" && o.to.service == "":
		return errors.New("unknown copy direction")
	}
	found, e, err := p.reach(ctx)
	if err != nil {
		return err
	}
	member := runtime.Member{Project: found.name, Service: o.from.service + o.to.service, Number: o.index}
	containers, err := runtime.FindForCopy(ctx, e, member, o.all)
	if err != nil {
		return err
	}
	copying := &copying{program: p, engine: e, console: p.console(), options: o}
	defer copying.console.Close()
	if o.from.service != "" {
		return copying.out(ctx, containers[0])
	}
	return copying.in(ctx, containers)
}

// copying is a copy under way.
type copying struct {
	*program
	engine  *engine.Client
	console *ui.Console
	options cpOptions
}

// step shows and does the copy of one container; a dry run only shows it.
func (c *copying) step(container, from, to string, do func() error) error {
	return c.showStep(c.console, container, fmt.Sprintf("copy %s to %s", from, to), "Copying", func() (string, error) {
		return "Copied", do()
	})
}

func (c *copying) out(ctx context.Context, container runtime.Listed) error {
	from, to, o := c.options.from.path, c.options.to.path, c.options.copy
	return c.step(container.Name, container.Name+":"+from, to, func() error {
		if to == "-" {
			return runtime.CopyArchiveOut(ctx, c.engine, container.ID, from, c.Stdout, o)
		}
		return runtime.CopyOut(ctx, c.engine, container.ID, from, to, o)
	})
}

// in copies into all containers at a time. A stream that several are to read is
// read once.
func (c *copying) in(ctx context.Context, containers []runtime.Listed) error {
	from, to, o := c.options.from.path, c.options.to.path, c.options.copy
	open := func() io.Reader { return c.Stdin }
	if from == "-" && len(containers) > 1 && !c.onlyShow() {
		content, err := io.ReadAll(c.Stdin)
		if err != nil {
			return err
		}
		open = func() io.Reader { return bytes.NewReader(content) }
	}
	group, ctx := errgroup.WithContext(ctx)
	for _, container := range containers {
		group.Go(func() error {
			return c.step(container.Name, from, container.Name+":"+to, func() error {
				if from == "-" {
					return runtime.CopyArchiveIn(ctx, c.engine, container.ID, open(), to, o)
				}
				return runtime.CopyIn(ctx, c.engine, container.ID, from, to, o)
			})
		})
	}
	return group.Wait()
}
