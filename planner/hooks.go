package planner

import (
	"slices"
	"time"

	"github.com/gocompose/gocompose/project"
)

// preStart plans the pre_start commands of a service of which these containers,
// one at least, are about to start, one command after the other: beside each
// container where the files say so, and else once beside the first, if the whole
// service starts. It returns, by container, what its start comes after.
func (b *builder) preStart(s project.Service, containers []ContainerOp, whole bool, reason Reason, after [][]StepID) [][]StepID {
	after = slices.Clone(after)
	for i, hook := range s.PreStart {
		step := func(n int, before ...StepID) []StepID {
			op := RunHook{ContainerOp: containers[n], Hook: PreStart, Place: i + 1}
			return []StepID{b.add(Step{Op: op, Reason: reason}, before...)}
		}
		if hook.PerReplica {
			for n := range containers {
				after[n] = step(n, after[n]...)
			}
			continue
		}
		if !whole {
			continue
		}
		once := step(0, slices.Concat(after...)...)
		for n := range containers {
			after[n] = once
		}
	}
	return after
}

// postStart plans the post_start commands of a container's service, one after
// the other, and returns the step after which the container counts as started.
func (b *builder) postStart(op ContainerOp, reason Reason, start StepID) StepID {
	service, ok := b.project.Service(op.Service)
	if !ok {
		return start
	}
	return b.hooks(op, PostStart, len(service.PostStart), reason, start)
}

// preStop plans the pre_stop commands of a container's service, and returns what
// its stop comes after. No command can run in one that is paused or between two
// runs.
func (b *builder) preStop(op ContainerOp, phase Phase, reason Reason, after ...StepID) []StepID {
	service, ok := b.project.Service(op.Service)
	if !ok || phase != Running || len(service.PreStop) == 0 {
		return after
	}
	return []StepID{b.hooks(op, PreStop, len(service.PreStop), reason, after...)}
}

func (b *builder) hooks(op ContainerOp, hook Hook, count int, reason Reason, after ...StepID) StepID {
	for place := 1; place <= count; place++ {
		after = []StepID{b.add(Step{Op: RunHook{ContainerOp: op, Hook: hook, Place: place}, Reason: reason}, after...)}
	}
	return after[0]
}

// stop plans to stop a running container as its service wants it: its pre_stop
// commands come first, and where one fails, the container is left running.
func (b *builder) stop(op ContainerOp, phase Phase, timeout *time.Duration, reason Reason, after ...StepID) StepID {
	return b.add(Step{
		Op:     StopContainer{ContainerOp: op, Timeout: timeout},
		Reason: reason, Risk: Downtime,
	}, b.preStop(op, phase, reason, after...)...)
}
