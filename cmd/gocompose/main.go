// Command gocompose runs multi-container applications that are described in
// Compose files, on one Docker host.
//
// This package turns a command line into one call of the packages project,
// planner and runtime, and their answers into output and an exit status. Each
// command is one file: an options struct, the flags that fill it, and a method
// of program that does the work. Nothing here knows how to load, plan or apply.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/sirupsen/logrus"
)

func main() {
	logrus.SetOutput(io.Discard)   // compose-go logs what project returns as diagnostics
	signal.Ignore(syscall.SIGPIPE) // program.readerGone says what becomes of it
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	os.Exit(Main(context.Background(), Invocation{
		Args: os.Args, Env: os.Environ(),
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		Signals: signals,
	}))
}
