//go:build linux

package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
)

// peakMemoryCommand makes this program run another and print its peak resident memory in kB.
//
// The kernel counts the memory of the process that starts a program into the program's own peak, so the
// one that starts it must be small: a fresh copy of this program is, the benchmark itself is not.
const peakMemoryCommand = "peak-memory-of"

func peakMemoryMain(argv []string) int {
	command := exec.CommandContext(context.Background(), argv[0], argv[1:]...)
	var said bytes.Buffer // what it writes to standard output may be too much to keep
	command.Stderr = &said
	if err := command.Run(); err != nil {
		fmt.Fprintf(os.Stderr, "%v: %v\n%s", argv, err, &said)
		return 1
	}
	usage, ok := command.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		fmt.Fprintln(os.Stderr, "this system does not tell a process's peak memory")
		return 1
	}
	fmt.Println(usage.Maxrss)
	return 0
}

// peakMemory runs the tool and returns its peak resident memory in kB.
func (t tool) peakMemory(ctx context.Context, host string, args ...string) (float64, error) {
	self, err := os.Executable()
	if err != nil {
		return 0, err
	}
	command := t.command(ctx, host, self, append([]string{peakMemoryCommand, t.path}, args...)...)
	command.Stderr = os.Stderr
	output, err := command.Output()
	if err != nil {
		return 0, fmt.Errorf("%s %s: %w", t.name, strings.Join(args, " "), err)
	}
	return strconv.ParseFloat(strings.TrimSpace(string(output)), 64)
}
