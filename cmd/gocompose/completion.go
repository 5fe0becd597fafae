package main

import (
	"embed"
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"
)

// shells are the operands of completion, as help shows them.
const shells = "bash|zsh|fish|powershell"

func shellNames() []string { return strings.Split(shells, "|") }

//go:embed completion
var completionScripts embed.FS

func (p *program) completionCommand() *cli.Command {
	return &cli.Command{
		Name:      "completion",
		Category:  categorySelf,
		Usage:     "Write a script that completes commands, options and services in a shell",
		ArgsUsage: shells,
		Description: "Each script says in its first lines where it belongs. The words come from gocompose itself: " +
			"services and profiles from the files, project names from the engine.",
		UsageText: `source <(gocompose completion bash)
gocompose completion fish | source`,
		Action: func(c *cli.Context) error {
			if n := c.Args().Len(); n != 1 {
				return usage(fmt.Sprintf("accepts 1 arg(s), received %d: give one of %s", n, shells))
			}
			return p.completion(c.Args().First())
		},
	}
}

func (p *program) completion(shell string) error {
	extension := map[string]string{"bash": "bash", "zsh": "zsh", "fish": "fish", "powershell": "ps1"}[shell]
	if extension == "" {
		return usage(fmt.Sprintf("no completion for %q: give one of %s", shell, shells))
	}
	script, err := completionScripts.ReadFile("completion/completion." + extension)
	if err != nil {
		return err
	}
	_, err = p.Stdout.Write(script)
	return err
}
