package main

import (
	"encoding/json"
	"fmt"
	"runtime/debug"
	"strings"

	"github.com/urfave/cli/v2"
)

// release is set by the linker (-X main.release=1.2.3). A build without it is
// known by what the toolchain recorded.
var release string

// versionString is the version without a leading v.
func versionString() string {
	if release != "" {
		return strings.TrimPrefix(release, "v")
	}
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" || info.Main.Version == "(devel)" {
		return "dev"
	}
	return strings.TrimPrefix(info.Main.Version, "v")
}

// tagName is the version as it is released: v and a number.
func tagName(version string) string {
	if version[0] >= '0' && version[0] <= '9' {
		return "v" + version
	}
	return version
}

type versionOptions struct {
	format string
	short  bool
}

func (p *program) versionCommand() *cli.Command {
	var o versionOptions
	return &cli.Command{
		Name:      "version",
		Category:  categorySelf,
		Usage:     "Show the version of gocompose",
		UsageText: "gocompose version --short",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "format", Aliases: []string{"f"}, Destination: &o.format,
				Usage: "Show it as `TYPE`: pretty or json"},
			&cli.BoolFlag{Name: "short", Destination: &o.short, Usage: "Show the number alone"},
		},
		Action: func(*cli.Context) error { return p.version(o) },
	}
}

func (p *program) version(o versionOptions) error {
	version := versionString()
	var err error
	switch {
	case o.short:
		_, err = fmt.Fprintln(p.Stdout, version)
	case o.format == "json":
		err = json.NewEncoder(p.Stdout).Encode(struct {
			Version string `json:"version"`
		}{version})
	default:
		_, err = fmt.Fprintf(p.Stdout, "gocompose version %s\n", tagName(version))
	}
	return err
}
