//go:build linux

package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"

	"github.com/gocompose/gocompose/project"
)

// commandsFile is a service that publishes a port, for the commands that are about one container.
const commandsFile = "services:\n  web:\n    image: " + image + "\n    ports: [\"127.0.0.1::80\"]\n"

// measureCommands times the commands that people type into a project that is up.
func (b *bench) measureCommands(ctx context.Context) error {
	return b.withProject(ctx, "commands", commandsFile, func(flags []string) error {
		for _, command := range []struct {
			args   []string
			target string
		}{
			{[]string{"exec", "-T", "web", probe[1], probe[2]}, "< docker-compose"},
			{[]string{"run", "--rm", "-T", "web", probe[2]}, "< docker-compose"},
			{[]string{"ps"}, "≤ 0.5 × docker-compose"},
			{[]string{"logs"}, "≤ 0.5 × docker-compose"},
			{[]string{"images"}, "≤ 0.5 × docker-compose"},
			{[]string{"port", "web", "80"}, "≤ 0.5 × docker-compose"},
			{[]string{"config"}, "≤ 0.5 × docker-compose"},
		} {
			shown := command.args[0]
			if shown == "run" {
				shown = "run --rm"
			}
			line := b.report.add("`"+shown+"`, one container", "ms", command.target)
			if err := b.timeEach(ctx, line, append(flags, command.args...)...); err != nil {
				return err
			}
		}
		return nil
	})
}

// Of measureLogs: so many containers have written so many lines each.
const (
	logContainers = 10
	logLines      = 100_000
)

// measureLogs reads a million lines.
func (b *bench) measureLogs(ctx context.Context) error {
	var file strings.Builder
	file.WriteString("services:\n")
	for i := range logContainers {
		fmt.Fprintf(&file, "  s%d:\n    image: gocompose-test/busybox\n    command: [seq, \"%d\"]\n", i, logLines)
	}
	return b.withProject(ctx, "logs", file.String(), func(flags []string) error {
		if err := b.untilEnded(ctx, "logs"); err != nil {
			return err
		}
		what := fmt.Sprintf("`logs`, %d lines of %d containers", logContainers*logLines, logContainers)
		took := b.report.add(what, "ms", "≤ 1.0 × docker-compose")
		memory := b.report.add("peak memory of that", "MB", "≤ 64 MiB")
		for turn := range min(3, b.repetitions) {
			for i := range b.tools {
				place := (turn + i) % len(b.tools)
				contestant := b.tools[place]
				command := contestant.command(ctx, b.host, contestant.path, append(flags, "logs", "--no-color")...)
				elapsed, err := timeDiscarding(command)
				if err != nil {
					return err
				}
				took.of(place).addTime(elapsed)
			}
		}
		for i, contestant := range b.tools {
			kilobytes, err := contestant.peakMemory(ctx, b.host, append(flags, "logs", "--no-color")...)
			if err != nil {
				return err
			}
			memory.of(i).add(kilobytes / 1000)
		}
		return nil
	})
}

// measureLarge loads a file of a thousand services and prints it.
func (b *bench) measureLarge(ctx context.Context) error {
	file, err := b.write(flat(1000))
	if err != nil {
		return err
	}
	args := []string{"-p", projectPrefix + "large", "-f", file, "config"}
	if err := b.timeEach(ctx, b.report.add("`config`, 1000 services", "ms", "≤ 1.0 × docker-compose"), args...); err != nil {
		return err
	}
	memory := b.report.add("peak memory of that", "MB", "≤ 0.7 × docker-compose")
	for i, contestant := range b.tools {
		for range 3 {
			kilobytes, err := contestant.peakMemory(ctx, b.host, args...)
			if err != nil {
				return err
			}
			memory.of(i).add(kilobytes / 1000)
		}
	}
	return nil
}

// withProject brings a project up, measures, and takes it down. The arguments name it.
func (b *bench) withProject(ctx context.Context, name, text string, measure func(flags []string) error) error {
	file := filepath.Join(b.directory, name+".yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		return err
	}
	flags := []string{"-p", projectPrefix + name, "-f", file}
	flags = flags[:len(flags):len(flags)] // what is appended is each caller's own
	if _, err := b.tools[0].run(ctx, b.host, append(flags, "up", "-d")...); err != nil {
		return err
	}
	settle(ctx)
	if err := measure(flags); err != nil {
		return err
	}
	_, err := b.tools[0].run(ctx, b.host, append(flags, "down")...)
	return err
}

// untilEnded waits until all containers of a project have ended.
func (b *bench) untilEnded(ctx context.Context, name string) error {
	list, err := b.engine.ContainerList(ctx, container.ListOptions{
		All: true, Filters: filters.NewArgs(filters.Arg("label", project.LabelProject+"="+projectPrefix+name)),
	})
	if err != nil {
		return err
	}
	for _, c := range list {
		ended, failed := b.engine.ContainerWait(ctx, c.ID, container.WaitConditionNotRunning)
		select {
		case <-ended:
		case err := <-failed:
			return err
		}
	}
	return nil
}
