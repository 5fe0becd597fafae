package main

import (
	"context"
	"slices"
	"strings"

	"github.com/gocompose/gocompose/project"
	"github.com/gocompose/gocompose/runtime"
)

// value completes the value of a flag: from a list, by what it names, or by the
// word that help has for it.
func (c completer) value(ctx context.Context) candidates {
	flag := c.cursor.Value
	command := strings.Join(c.cursor.Path, " ")
	if words, ok := flagValues()[command+" --"+flag.Name]; ok {
		return listed(words...)
	}
	if words, ok := flagValues()["--"+flag.Name]; ok {
		return listed(words...)
	}
	switch flag.Name {
	case "file":
		found := listed("yaml", "yml")
		found.directive = completeFilesOf
		return found
	case "project-name":
		return c.projects(ctx)
	case "profile":
		return c.profiles(ctx)
	case "scale":
		found := c.services(ctx, "=")
		found.directive |= completeGlued
		return found
	case "attach", "no-attach", "exit-code-from":
		return c.services(ctx, "")
	}
	switch word, _ := placeholder(flag.Usage); word {
	case "FILE":
		return candidates{directive: completeFiles}
	case "DIR":
		return candidates{directive: completeDirs}
	default:
		return candidates{directive: completeNothing}
	}
}

// flagValues are the values that flags can have, by the flag or, where several
// commands have it, by command and flag.
func flagValues() map[string][]string {
	table := []string{"table", "json"}
	policies := []string{"always", "missing", "never"}
	files := []string{project.YAML, project.JSON}
	return map[string][]string{
		"--ansi":                  {"auto", "never", "always"},
		"--progress":              {"auto", "tty", "plain", "json", "quiet"},
		"--rmi":                   {"all", "local"},
		"--protocol":              {"tcp", "udp"},
		"--signal":                {"SIGHUP", "SIGINT", "SIGKILL", "SIGQUIT", "SIGTERM", "SIGUSR1", "SIGUSR2"},
		"--status":                {"created", "dead", "exited", "paused", "removing", "restarting", "running"},
		"--pull":                  policies,
		"pull --policy":           {"always", "missing", "never", "build", "refresh", "daily", "weekly"},
		"config --format":         files,
		"convert --format":        files,
		"alpha generate --format": files,
		"images --format":         table,
		"ls --format":             table,
		"ps --format":             table,
		"volumes --format":        table,
		"version --format":        {"pretty", "json"},
		"plan --format":           {"text", "json", "dot", "mermaid"},
	}
}

// services are those of the files, whatever their profiles, less those that are
// on the line already, each with an end.
func (c completer) services(ctx context.Context, end string) candidates {
	found := candidates{directive: completeNothing}
	c.withProject(ctx, func(p *project.Project) {
		names := append(p.ServiceNames(), p.DisabledServiceNames()...)
		for _, name := range names {
			if !slices.Contains(c.cursor.Operands, name) {
				found.words = append(found.words, candidate{word: name + end})
			}
		}
	})
	return found
}

func (c completer) profiles(ctx context.Context) candidates {
	found := candidates{directive: completeNothing}
	c.withProject(ctx, func(p *project.Project) { found = listed(p.Profiles()...) })
	return found
}

// withProject does nothing where the files cannot be read.
func (c completer) withProject(ctx context.Context, do func(*project.Project)) {
	c.withGlobals(ctx, func(ctx context.Context) {
		o := c.loadOptions()
		o.SharedNames, o.NoConsistency, o.NoEnvResolution = true, true, true
		if slices.Contains(o.Files, "-") {
			return // it is the terminal that the user types at
		}
		if loaded, _ := project.Load(ctx, o); loaded != nil {
			do(loaded)
		}
	})
}

// projects are those that the engine has containers of.
func (c completer) projects(ctx context.Context) candidates {
	found := candidates{directive: completeNothing}
	e, err := c.dial(ctx).engine()
	if err != nil {
		return found
	}
	list, err := runtime.ListProjects(ctx, e)
	if err != nil {
		return found
	}
	for _, p := range list {
		found.words = append(found.words, candidate{word: p.Name})
	}
	return found
}
