package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/urfave/cli/v2"

	"github.com/gocompose/gocompose/runtime"
)

type exportOptions struct {
	service string
	index   int
	output  string
}

func (p *program) exportCommand() *cli.Command {
	var o exportOptions
	return &cli.Command{
		Name:        "export",
		Category:    categoryManage,
		Usage:       "Export the file system of a container as a tar archive",
		ArgsUsage:   "SERVICE",
		Description: "Takes the first container of the service that runs. What is in volumes is not part of it.",
		UsageText:   "gocompose export -o web.tar web",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Destination: &o.output,
				Usage: "Write to this `FILE` instead of standard output"},
			&cli.IntFlag{Name: "index", Destination: &o.index, Usage: "Take the container with the number `N` of the service"},
		},
		Action: func(c *cli.Context) error {
			if err := needArgs(c, 1); err != nil {
				return err
			}
			o.service = c.Args().First()
			return p.export(c.Context, o)
		},
	}
}

func (p *program) export(ctx context.Context, o exportOptions) error {
	e, c, err := p.running(ctx, o.service, o.index)
	if err != nil {
		return err
	}
	if o.output == "" && isTerminal(p.Stdout) {
		return errors.New("output option is required when exporting to terminal")
	}
	if err := checkOutput(o.output); err != nil {
		return fmt.Errorf("failed to export container: %w", err)
	}
	console := p.console()
	defer console.Close()
	return p.showStep(console, c.Name, fmt.Sprintf("export %s to %s", c.Name, o.output), "Exporting", func() (string, error) {
		if o.output == "" {
			return "Exported", runtime.Export(ctx, e, c.ID, p.Stdout)
		}
		return "Exported", runtime.ExportFile(ctx, e, c.ID, o.output)
	})
}

// checkOutput refuses a path that no file can be at.
func checkOutput(name string) error {
	if name == "" {
		return nil
	}
	dir := filepath.Dir(filepath.Clean(name))
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("invalid output path: directory %q does not exist", dir)
	}
	info, err := os.Stat(name)
	if err == nil && info.Mode()&fs.ModeDevice != 0 {
		return fmt.Errorf("invalid output path: %q must be a directory or a regular file: got a device", name)
	}
	return nil
}
