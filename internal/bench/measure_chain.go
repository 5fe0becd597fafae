//go:build linux

package main

import (
	"context"
	"time"
)

// measureChain brings a chain of health checks up. What is over the time that the checks themselves took,
// by the engine's events, is the tool's.
func (b *bench) measureChain(ctx context.Context) error {
	s := chain()
	file, err := b.write(s)
	if err != nil {
		return err
	}
	whole := b.report.add("`up -d`, web after cache after db, healthy", "ms", "")
	over := b.report.add("… of that beyond the health events", "ms", "≤ floor + 60 ms")
	project := projectPrefix + s.name
	var contestants []func() error
	for i, contestant := range b.tools {
		contestants = append(contestants, func() error {
			up := func() (time.Duration, error) {
				return contestant.run(ctx, b.host, "-p", project, "-f", file, "up", "-d")
			}
			if err := b.timeChain(ctx, s, up, whole.of(i), over.of(i)); err != nil {
				return err
			}
			_, err := contestant.run(ctx, b.host, "-p", project, "-f", file, "down")
			return err
		})
	}
	contestants = append(contestants, func() error {
		up := func() (time.Duration, error) { return b.floor.up(ctx, s, project) }
		if err := b.timeChain(ctx, s, up, &whole.floor, &over.floor); err != nil {
			return err
		}
		_, err := b.floor.down(ctx, s, project)
		return err
	})
	for turn := range b.repetitions {
		if err := round(turn, contestants); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) timeChain(ctx context.Context, s stack, up func() (time.Duration, error), whole, over *series) error {
	since := time.Now()
	took, err := up()
	if err != nil {
		return err
	}
	unavoidable, err := b.healthTime(ctx, s, projectPrefix+s.name, since)
	if err != nil {
		return err
	}
	whole.addTime(took)
	over.addTime(took - unavoidable)
	settle(ctx)
	return nil
}
