package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/urfave/cli/v2"

	"github.com/gocompose/gocompose/project"
)

type configOptions struct {
	services []string
	format   string
	output   string
	quiet    bool

	listServices, listImages, listVolumes, listNetworks bool
	listProfiles, listModels                            bool
	hash                                                string
	environment, variables                              bool

	noInterpolate, noNormalize, noConsistency bool
	noPathResolution, noEnvResolution         bool
	lockDigests, resolveDigests               bool
}

func (p *program) configCommand() *cli.Command {
	var o configOptions
	flag := func(name, usage string, destination *bool) cli.Flag {
		return &cli.BoolFlag{Name: name, Usage: usage, Destination: destination}
	}
	return &cli.Command{
		Name:      "config",
		Aliases:   []string{"convert"},
		Category:  categoryFiles,
		Usage:     "Check the files and show the application that they describe",
		ArgsUsage: "[SERVICE...]",
		UsageText: `gocompose config --quiet
gocompose config --images
gocompose config --hash '*'
gocompose config --lock-image-digests -o compose.lock.yaml`,
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "quiet", Aliases: []string{"q"}, Destination: &o.quiet, Usage: "Only check, and show nothing"},
			&cli.StringFlag{Name: "format", Destination: &o.format, Usage: "Write it as `TYPE`: yaml or json"},
			&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Destination: &o.output, Usage: "Write it to this `FILE`"},
			flag("services", "List the services", &o.listServices),
			flag("images", "List the images", &o.listImages),
			flag("volumes", "List the volumes", &o.listVolumes),
			flag("networks", "List the networks", &o.listNetworks),
			flag("models", "List the models", &o.listModels),
			flag("profiles", "List the profiles", &o.listProfiles),
			&cli.StringFlag{Name: "hash", Destination: &o.hash,
				Usage: "Show the configuration hash of these `SERVICES`, with commas between them, or of * for all"},
			flag("environment", "Show the variables that the files are filled in from", &o.environment),
			flag("variables", "Show the variables that the files use", &o.variables),
			flag("no-interpolate", "Leave variables as they are written", &o.noInterpolate),
			flag("no-normalize", "Leave defaults out", &o.noNormalize),
			flag("no-consistency", "Do not check that the parts fit together", &o.noConsistency),
			flag("no-path-resolution", "Leave paths as they are written", &o.noPathResolution),
			flag("no-env-resolution", "Leave env_file as it is written", &o.noEnvResolution),
			flag("resolve-image-digests", "Name images with the digests that the registries have for them now", &o.resolveDigests),
			flag("lock-image-digests", "Show a file with these names alone, to use after the others", &o.lockDigests),
		},
		Action: func(c *cli.Context) error {
			o.services = c.Args().Slice()
			return p.config(c.Context, o)
		},
	}
}

func (p *program) config(ctx context.Context, o configOptions) error {
	list := o.listing()
	if o.variables && list == nil || o.noInterpolate && (list == nil || o.listServices) {
		return p.configModel(ctx, o)
	}
	loaded, err := p.load(ctx, o.load(p))
	switch {
	case err != nil:
		return err
	case list != nil:
		return list(p.Stdout, loaded)
	case o.pins():
		if loaded, err = pinned(ctx, p, o, loaded); err != nil {
			return err
		}
	}
	return p.showConfig(o, loaded)
}

// shown is what config can show: a project, or the dictionary of one.
type shown interface {
	Render(format string) ([]byte, error)
}

func (p *program) showConfig(o configOptions, model shown) error {
	text, err := model.Render(o.textFormat())
	switch {
	case err != nil:
		return usage(err.Error())
	case o.quiet:
		return nil
	default:
		return p.writeConfig(o, text)
	}
}

func (o configOptions) load(p *program) project.Options {
	load := p.loadOptions()
	list := o.listing() != nil
	load.Services = o.services
	load.SharedNames = list
	load.NoInterpolate = o.noInterpolate || o.variables && !list
	load.NoNormalize = o.noNormalize
	load.NoConsistency = o.noConsistency
	load.NoPathResolution = o.noPathResolution
	load.NoEnvResolution = o.noEnvResolution || o.listsNames()
	return load
}

// listsNames tells that the env files do not matter, nor whether they exist.
// They do for hashes: those are to be what containers are labelled with.
func (o configOptions) listsNames() bool {
	return o.hash == "" && (o.listServices || o.listVolumes || o.listNetworks || o.listModels ||
		o.listProfiles || o.listImages)
}

func (o configOptions) textFormat() string {
	if o.format == "" {
		return project.YAML
	}
	return o.format
}

// configModel shows what needs no values for variables. It is about the files as
// they are, and so about all services, whichever are named.
func (p *program) configModel(ctx context.Context, o configOptions) error {
	load := o.load(p)
	load.Services = nil
	model, sources, diagnostics := project.LoadModel(ctx, load)
	p.warnAll(diagnostics)
	switch {
	case diagnostics.HasErrors():
		return &loadError{diagnostics: diagnostics.Errors(), sources: sources}
	case o.listServices:
		return p.sayLines(model.ServiceNames())
	case o.variables:
		return p.variables(o, model)
	case o.pins():
		var err error
		if model, err = pinned(ctx, p, o, model); err != nil {
			return err
		}
	}
	return p.showConfig(o, model)
}

// writeConfig writes to the file of --output, or standard output.
func (p *program) writeConfig(o configOptions, text []byte) error {
	if len(text) > 0 && text[len(text)-1] != '\n' {
		text = append(text, '\n')
	}
	if o.output != "" {
		return os.WriteFile(o.output, text, 0o666) //nolint:gosec // as a shell redirection would make it
	}
	_, err := p.Stdout.Write(text)
	return err
}

// sayLines writes lines to standard output.
func (p *program) sayLines(lines []string) error { return writeLines(p.Stdout, lines) }

func writeLines(w io.Writer, lines []string) error {
	for _, line := range lines {
		if _, err := fmt.Fprintln(w, line); err != nil {
			return err
		}
	}
	return nil
}
