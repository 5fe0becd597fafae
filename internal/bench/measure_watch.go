//go:build linux

package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Of measureWatch: so many files at once, and so many in the tree of an idle watch.
const (
	watchMany  = 1000
	watchTree  = 50_000
	watchInDir = 100
)

// watchPatience is how long a change may take to arrive.
const watchPatience = 60 * time.Second

// measureWatch times how long changes of files take to arrive in a container. The place where they belong
// is a directory of this machine that the container has mounted, so that looking costs the engine nothing.
func (b *bench) measureWatch(ctx context.Context) error {
	source, target := filepath.Join(b.directory, "watched"), filepath.Join(b.directory, "synced")
	tree := filepath.Join(b.directory, "tree")
	for _, dir := range []string{source, target, tree} {
		if err := os.Mkdir(dir, 0o750); err != nil {
			return err
		}
	}
	file := fmt.Sprintf("services:\n  web:\n    image: %s\n    volumes: [%q]\n    develop:\n      watch:\n"+
		"        - {path: %q, action: sync, target: /synced}\n", image, target+":/synced", source)
	w := &watchBench{bench: b, source: source, target: target}
	err := b.withProject(ctx, "watch", file, func(flags []string) error { return w.times(ctx, flags) })
	if err != nil {
		return err
	}
	file = fmt.Sprintf("services:\n  web:\n    image: %s\n    develop:\n      watch:\n"+
		"        - {path: %q, action: sync, target: /tree}\n", image, tree)
	return b.withProject(ctx, "watchtree", file, func(flags []string) error { return w.memory(ctx, flags, tree) })
}

type watchBench struct {
	*bench
	source, target string
	turn           int
}

func (w *watchBench) times(ctx context.Context, flags []string) error {
	single := w.report.add("`watch`, from writing a file to it in the container", "ms", "≤ 0.7 × docker-compose")
	many := w.report.add(fmt.Sprintf("… %d files at once", watchMany), "ms", "≤ 0.7 × docker-compose")
	for range w.repetitions {
		for i, contestant := range w.tools {
			err := w.watching(ctx, contestant, flags, func(*exec.Cmd) error {
				for range 3 {
					took, err := w.change(1)
					if err != nil {
						return err
					}
					single.of(i).addTime(took)
				}
				took, err := w.change(watchMany)
				many.of(i).addTime(took)
				return err
			})
			if err != nil {
				return fmt.Errorf("%s: %w", contestant.name, err)
			}
		}
	}
	return nil
}

// watching runs the tool's watch while something is done.
func (w *watchBench) watching(ctx context.Context, t tool, flags []string, during func(*exec.Cmd) error) error {
	command := t.command(ctx, w.host, t.path, append(flags, "watch", "--no-up")...)
	output, err := command.StdoutPipe()
	if err != nil {
		return err
	}
	command.Stderr = os.Stderr
	if err := command.Start(); err != nil {
		return err
	}
	lines := bufio.NewScanner(output)
	on := false
	for !on && lines.Scan() {
		on = strings.Contains(lines.Text(), "Watch enabled")
	}
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		for lines.Scan() { // what it says must not hold it up
			continue
		}
	}()
	settle(ctx)
	err = errors.New("it does not watch")
	if on {
		err = during(command)
	}
	_ = command.Process.Signal(syscall.SIGINT)
	<-drained
	_ = command.Wait() // the status is that of an interrupt
	return err
}

// change writes files and returns how long it took until all of them had arrived.
func (w *watchBench) change(files int) (time.Duration, error) {
	w.turn++
	dir := fmt.Sprintf("t%d", w.turn)
	began := time.Now()
	if err := os.Mkdir(filepath.Join(w.source, dir), 0o750); err != nil {
		return 0, err
	}
	for i := range files {
		if err := os.WriteFile(filepath.Join(w.source, dir, strconv.Itoa(i)), []byte(dir), 0o600); err != nil {
			return 0, err
		}
	}
	for i := range files {
		for !arrived(filepath.Join(w.target, dir, strconv.Itoa(i)), dir) {
			if time.Since(began) > watchPatience {
				return 0, fmt.Errorf("file %d of %d did not arrive", i, files)
			}
			<-time.After(time.Millisecond)
		}
	}
	return time.Since(began), nil
}

func arrived(path, content string) bool {
	got, err := os.ReadFile(path)
	return err == nil && string(got) == content
}

// memory takes the resident memory of a watch that has nothing to do.
func (w *watchBench) memory(ctx context.Context, flags []string, tree string) error {
	for i := range watchTree {
		dir := filepath.Join(tree, fmt.Sprintf("d%d", i/watchInDir))
		if i%watchInDir == 0 {
			if err := os.Mkdir(dir, 0o750); err != nil {
				return err
			}
		}
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("file%d.txt", i)), nil, 0o600); err != nil {
			return err
		}
	}
	line := w.report.add(fmt.Sprintf("memory of an idle `watch`, %d files", watchTree), "MB", "bounded")
	for range 3 {
		for i, contestant := range w.tools {
			err := w.watching(ctx, contestant, flags, func(command *exec.Cmd) error {
				kilobytes, err := residentMemory(command.Process.Pid)
				line.of(i).add(kilobytes / 1000)
				return err
			})
			if err != nil {
				return fmt.Errorf("%s: %w", contestant.name, err)
			}
		}
	}
	return nil
}

// residentMemory is the resident memory of a process in kB (proc_pid_status(5)).
func residentMemory(pid int) (float64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(status)) {
		if value, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			return strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 64)
		}
	}
	return 0, fmt.Errorf("process %d has no memory", pid)
}
