//go:build linux

// Command bench compares gocompose with docker-compose 2.40.3 and with the floor, the bare engine calls
// that a stack needs, made at the same parallelism. "make bench" runs it; it prints a Markdown table.
//
// The contestants take turns in every repetition, and the table holds medians. All runs are on one
// engine, which should have nothing else to do: by default the one that the tests own. bench removes
// what it made, also what an earlier run that was killed left behind, and nothing else.
//
// It judges nothing: a ratio over its target is shown as such and the exit status stays 0.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

type settings struct {
	gocompose   string
	oracle      string
	host        string
	repetitions int
	only        string
}

func main() {
	if len(os.Args) > 2 && os.Args[1] == peakMemoryCommand {
		os.Exit(peakMemoryMain(os.Args[2:]))
	}
	if err := run(parse()); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func parse() settings {
	s := settings{}
	flag.StringVar(&s.gocompose, "gocompose", os.Getenv("GOCOMPOSE"), "path of the gocompose binary")
	flag.StringVar(&s.oracle, "oracle", os.Getenv("GOCOMPOSE_TEST_ORACLE"), "path of docker-compose 2.40.3; without it there is no comparison with it")
	flag.StringVar(&s.host, "engine", os.Getenv("GOCOMPOSE_TEST_DOCKER_HOST_NEW"), "unix:// address of the engine to run on")
	flag.IntVar(&s.repetitions, "n", 7, "repetitions; the 100-service stack takes half of them")
	flag.StringVar(&s.only, "only", "", "measure only this: version, config, large, commands, builds, logs, watch, layered, flat, chain or memory")
	flag.Parse()
	return s
}

func run(s settings) error {
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	if s.gocompose == "" || s.host == "" {
		return errors.New("name the binary (-gocompose) and the engine (-engine), or run: make bench")
	}
	held, err := lock()
	if err != nil {
		return err
	}
	defer func() { _ = held.Close() }()
	b, err := newBench(ctx, s)
	if err != nil {
		return err
	}
	defer b.close()
	if err := b.clean(ctx); err != nil {
		return fmt.Errorf("removing what an earlier run left: %w", err)
	}
	measureErr := b.measure(ctx, s.only)
	// An interrupted run is cleaned up as well.
	if err := b.clean(context.WithoutCancel(ctx)); err != nil {
		return fmt.Errorf("cleaning up: %w", err)
	}
	if measureErr != nil {
		return measureErr
	}
	return b.report.write(os.Stdout, b.describe(ctx))
}
