package runtime

import (
	"fmt"
	"strings"
	"time"

	"github.com/docker/docker/api/types/container"

	"github.com/gocompose/gocompose/planner"
)

// Details of waits that succeeded, in docker compose's words.
const (
	detailStarted = "Started"
	detailHealthy = "Healthy"
	detailExited  = "Exited"
)

// judge tells whether a container has reached the condition (detail), or cannot
// reach it any more (cause). It is neither while waiting makes sense.
func judge(condition planner.Condition, s *container.State) (detail string, cause WaitCause) {
	if s == nil {
		return "", ""
	}
	if s.Status == container.StateRemoving || s.Status == container.StateDead {
		return "", CauseRemoved
	}
	switch condition {
	case planner.ConditionStarted:
		if s.Running || !neverStarted(s) {
			return detailStarted, ""
		}
		return "", ""
	case planner.ConditionCompleted:
		return judgeEnd(s, CauseFailed)
	case planner.ConditionHealthy:
		if s.Status == container.StateExited {
			return "", CauseExited
		}
		return judgeHealth(s, CauseNoCheck, "")
	case planner.ConditionReady:
		if s.Status == container.StateExited {
			return judgeEnd(s, CauseExited)
		}
		return judgeHealth(s, "", detailHealthy)
	default:
		return "", ""
	}
}

// judgeEnd waits for the end. A container that its restart policy starts again
// is restarting, not exited, and has not ended.
func judgeEnd(s *container.State, failure WaitCause) (string, WaitCause) {
	switch {
	case s.Status != container.StateExited:
		return "", ""
	case s.ExitCode == 0:
		return detailExited, ""
	default:
		return "", failure
	}
}

// judgeHealth judges a container that should run. Without a health check it
// ends with the given cause, or is there with the given detail once it runs.
// The engine calls a paused container unhealthy, since nothing probes it.
func judgeHealth(s *container.State, noCheck WaitCause, running string) (string, WaitCause) {
	if !s.Running || s.Restarting || s.Paused {
		return "", ""
	}
	if !checked(s) {
		return running, noCheck
	}
	switch {
	case stale(s):
		return "", ""
	case s.Health.Status == container.Healthy:
		return detailHealthy, ""
	case s.Health.Status == container.Unhealthy:
		return "", CauseUnhealthy
	default:
		return "", ""
	}
}

// runsUnchecked tells whether the container runs, and nothing but that shows
// how it is.
func runsUnchecked(s *container.State) bool { return s.Running && !checked(s) }

func checked(s *container.State) bool {
	return s.Health != nil && s.Health.Status != "" && s.Health.Status != container.NoHealthcheck
}

// stale tells whether the health status is from before the container was last
// started. The engine resets it on start, a moment after the container runs.
func stale(s *container.State) bool {
	n := len(s.Health.Log)
	started, err := time.Parse(time.RFC3339Nano, s.StartedAt)
	return err == nil && n > 0 && s.Health.Log[n-1].End.Before(started)
}

// standing says how a container is that is waited for.
func standing(s *container.State) string {
	switch {
	case s == nil:
		return ""
	case s.Restarting:
		return fmt.Sprintf("restarting, exited (%d)", s.ExitCode)
	case s.Paused, !s.Running || !checked(s):
		return s.Status
	case s.Health.FailingStreak > 0:
		return fmt.Sprintf("health: %s, failed %d×", s.Health.Status, s.Health.FailingStreak)
	default:
		return "health: " + s.Health.Status
	}
}

func neverStarted(s *container.State) bool {
	started, err := time.Parse(time.RFC3339Nano, s.StartedAt)
	return err != nil || started.IsZero()
}

// Bounds of what is kept of a container that failed.
const (
	keptProbes      = 3
	keptProbeOutput = 4096 // bytes
)

func probes(h *container.Health) []Probe {
	if h == nil {
		return nil
	}
	results := h.Log[max(0, len(h.Log)-keptProbes):]
	kept := make([]Probe, 0, len(results))
	for _, r := range results {
		output := strings.TrimSpace(r.Output)
		if over := len(output) - keptProbeOutput; over > 0 {
			output = strings.ToValidUTF8(output[over:], "")
		}
		kept = append(kept, Probe{ExitCode: r.ExitCode, Output: output, End: r.End})
	}
	return kept
}
