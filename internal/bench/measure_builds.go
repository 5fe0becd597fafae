//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// builtServices is how many images measureBuilds builds.
const builtServices = 10

// measureBuilds builds ten images with nothing to do, and from the start. docker-compose does so with
// buildx.
func (b *bench) measureBuilds(ctx context.Context) error {
	var file strings.Builder
	file.WriteString("services:\n")
	for i := range builtServices {
		name := fmt.Sprintf("s%d", i)
		dir := filepath.Join(b.directory, name)
		dockerfile := "FROM gocompose-test/busybox\nCOPY file /file\nRUN cat /file\n"
		err := errors.Join(os.MkdirAll(dir, 0o700),
			os.WriteFile(filepath.Join(dir, "Dockerfile"), []byte(dockerfile), 0o600),
			os.WriteFile(filepath.Join(dir, "file"), []byte(name), 0o600))
		if err != nil {
			return err
		}
		fmt.Fprintf(&file, "  %s:\n    build: %s\n", name, dir)
	}
	path := filepath.Join(b.directory, "builds.yaml")
	if err := os.WriteFile(path, []byte(file.String()), 0o600); err != nil {
		return err
	}
	flags := []string{"-p", projectPrefix + "builds", "-f", path}
	flags = flags[:len(flags):len(flags)] // what is appended is each caller's own
	for _, kind := range []struct {
		what, target string
		args         []string
	}{
		{"`build` of 10 services with nothing to do", "≤ 0.5 × docker-compose", []string{"build"}},
		{"`build` of 10 services from the start", "≤ 1.0 × docker-compose", []string{"build", "--no-cache"}},
	} {
		line := b.report.add(kind.what, "ms", kind.target)
		for _, contestant := range b.tools { // each has labels of its own, and so layers
			if _, err := contestant.run(ctx, b.host, append(flags, "build")...); err != nil {
				return err
			}
		}
		if err := b.timeEach(ctx, line, append(flags, kind.args...)...); err != nil {
			return err
		}
	}
	_, err := b.tools[0].run(ctx, b.host, append(flags, "down", "--rmi", "local")...)
	return err
}
