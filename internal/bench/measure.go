//go:build linux

package main

import (
	"context"
	"os"
	"path/filepath"
)

// measureVersion times the start of the program and nothing else.
func (b *bench) measureVersion(ctx context.Context) error {
	return b.timeEach(ctx, b.report.add("`version`", "ms", "≤ 0.5 × docker-compose"), "version", "--short")
}

// measureConfig times loading and checking a file of 20 services.
func (b *bench) measureConfig(ctx context.Context) error {
	file, err := b.write(layered())
	if err != nil {
		return err
	}
	line := b.report.add("`config -q`, 20 services", "ms", "≤ 0.7 × docker-compose")
	return b.timeEach(ctx, line, "-p", projectPrefix+"config", "-f", file, "config", "-q")
}

// timeEach times the same command of every tool, three times as often as a whole stack.
func (b *bench) timeEach(ctx context.Context, line *row, args ...string) error {
	var contestants []func() error
	for i, contestant := range b.tools {
		contestants = append(contestants, func() error {
			took, err := contestant.run(ctx, b.host, args...)
			line.of(i).addTime(took)
			return err
		})
	}
	for turn := range 3 * b.repetitions {
		if err := round(turn, contestants); err != nil {
			return err
		}
	}
	return nil
}

// measureLayered brings 20 services in 4 layers up, again with nothing to do, lists them, and takes them
// down; then it counts the requests of each of these.
func (b *bench) measureLayered(ctx context.Context) error {
	lines := stackRows{
		up:   b.report.add("`up -d`, 20 services in 4 layers", "ms", "≤ 1.05 × floor, no slower than docker-compose"),
		noop: b.report.add("`up -d` with nothing to do, 20 services", "ms", "≤ 0.6 × docker-compose"),
		list: b.report.add("`ps`, 20 services", "ms", "≤ 0.6 × docker-compose"),
		down: b.report.add("`down`, 20 services", "ms", "≤ 1.05 × floor, no slower than docker-compose"),
	}
	if err := b.measureStack(ctx, layered(), b.repetitions, lines); err != nil {
		return err
	}
	return b.countRequests(ctx, layered())
}

// measureFlat brings 100 services up that need nothing of each other.
func (b *bench) measureFlat(ctx context.Context) error {
	lines := stackRows{
		up:   b.report.add("`up -d`, 100 services flat", "ms", "≤ 1.05 × floor, no slower than docker-compose"),
		down: b.report.add("`down`, 100 services flat", "ms", "≤ 1.05 × floor, no slower than docker-compose"),
	}
	return b.measureStack(ctx, flat(100), b.flatRepetitions(), lines)
}

// stackRows are the lines that bringing a stack up and down fills; noop and list may be nil.
type stackRows struct{ up, noop, list, down *row }

func (b *bench) measureStack(ctx context.Context, s stack, repetitions int, lines stackRows) error {
	file, err := b.write(s)
	if err != nil {
		return err
	}
	var contestants []func() error
	for i, contestant := range b.tools {
		contestants = append(contestants, func() error {
			return b.cycleTool(ctx, contestant, i, file, s, lines)
		})
	}
	contestants = append(contestants, func() error { return b.cycleFloor(ctx, s, lines) })
	for turn := range repetitions {
		if err := round(turn, contestants); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) cycleTool(ctx context.Context, contestant tool, place int, file string, s stack, lines stackRows) error {
	project := []string{"-p", projectPrefix + s.name, "-f", file}
	for _, step := range []struct {
		line *row
		args []string
	}{
		{lines.up, []string{"up", "-d"}},
		{lines.noop, []string{"up", "-d"}},
		{lines.list, []string{"ps"}},
		{lines.down, []string{"down"}},
	} {
		if step.line == nil {
			continue
		}
		took, err := contestant.run(ctx, b.host, append(project, step.args...)...)
		if err != nil {
			return err
		}
		step.line.of(place).addTime(took)
		settle(ctx)
	}
	return nil
}

func (b *bench) cycleFloor(ctx context.Context, s stack, lines stackRows) error {
	project := projectPrefix + s.name
	took, err := b.floor.up(ctx, s, project)
	if err != nil {
		return err
	}
	lines.up.floor.addTime(took)
	settle(ctx)
	if took, err = b.floor.down(ctx, s, project); err != nil {
		return err
	}
	lines.down.floor.addTime(took)
	settle(ctx)
	return nil
}

// countRequests sends each tool through the counting proxy once.
func (b *bench) countRequests(ctx context.Context, s stack) error {
	file, err := b.write(s)
	if err != nil {
		return err
	}
	steps := []struct {
		line *row
		args []string
	}{
		{b.report.add("requests: `up -d`, 20 services", "", ""), []string{"up", "-d"}},
		{b.report.add("requests: `up -d` with nothing to do", "", "≤ 5 + one per image"), []string{"up", "-d"}},
		{b.report.add("requests: `ps`", "", "≤ 5 + one per image"), []string{"ps"}},
		{b.report.add("requests: `down`", "", ""), []string{"down"}},
	}
	for i, contestant := range b.tools {
		for _, step := range steps {
			args := append([]string{"-p", projectPrefix + s.name, "-f", file}, step.args...)
			total, err := b.proxy.count(func() error {
				_, err := contestant.run(ctx, b.proxy.host(), args...)
				return err
			})
			if err != nil {
				return err
			}
			step.line.of(i).add(float64(total))
		}
	}
	return nil
}

// measureMemory takes the peak memory of an `up -d` and the size of the programs.
func (b *bench) measureMemory(ctx context.Context) error {
	s := layered()
	file, err := b.write(s)
	if err != nil {
		return err
	}
	memory := b.report.add("peak memory, `up -d`, 20 services", "MB", "≤ 0.6 × docker-compose")
	size := b.report.add("size of the program", "MB", "≤ 0.6 × docker-compose")
	for i, contestant := range b.tools {
		for range 3 {
			kilobytes, err := contestant.peakMemory(ctx, b.host, "-p", projectPrefix+s.name, "-f", file, "up", "-d")
			if err != nil {
				return err
			}
			memory.of(i).add(kilobytes / 1000)
			if _, err := contestant.run(ctx, b.host, "-p", projectPrefix+s.name, "-f", file, "down"); err != nil {
				return err
			}
		}
		bytes, err := programSize(contestant.path)
		if err != nil {
			return err
		}
		size.of(i).add(bytes / 1e6)
	}
	return nil
}

// programSize is the size of the program file; for the wrapper of docker-compose, of what it wraps.
func programSize(path string) (float64, error) {
	if wrapped, err := filepath.EvalSymlinks(path + ".program"); err == nil {
		path = wrapped
	}
	info, err := os.Stat(path)
	if err != nil {
		return 0, err
	}
	return float64(info.Size()), nil
}
