package runtime

import (
	"errors"
	"fmt"
	"time"

	"github.com/gocompose/gocompose/planner"
)

// WaitError says why waiting for a service cannot succeed, and what its
// container said before.
type WaitError struct {
	Service   string
	Container string // name
	Condition planner.Condition
	Cause     WaitCause
	ExitCode  int
	OOMKilled bool
	Timeout   time.Duration // of CauseTimeout
	Probes    []Probe       // the last results of its health check, oldest first
	Logs      []string      // the last lines of its output, oldest first
}

// WaitCause is why waiting was given up.
type WaitCause string

// The causes.
const (
	CauseUnhealthy WaitCause = "unhealthy" // its health check failed
	CauseExited    WaitCause = "exited"    // it ended though it should run
	CauseFailed    WaitCause = "failed"    // it ended with another status than 0
	CauseNoCheck   WaitCause = "no-check"  // it has no health check to wait for
	CauseRemoved   WaitCause = "removed"   // it is gone
	CauseTimeout   WaitCause = "timeout"   // it took too long
)

// Probe is one result of a health check.
type Probe struct {
	ExitCode int
	Output   string
	End      time.Time
}

// errWaitTimeout is the cause of a context whose wait took too long.
var errWaitTimeout = errors.New("it took too long")

// Error says why, in docker compose's words.
func (e *WaitError) Error() string {
	switch e.Cause {
	case CauseUnhealthy:
		return fmt.Sprintf("container %s is unhealthy", e.Container)
	case CauseExited:
		return fmt.Sprintf("container %s exited (%d)", e.Container, e.ExitCode)
	case CauseFailed:
		return fmt.Sprintf("service %q didn't complete successfully: exit %d", e.Service, e.ExitCode)
	case CauseNoCheck:
		return fmt.Sprintf("container %s has no healthcheck configured", e.Container)
	case CauseRemoved:
		return fmt.Sprintf("container %s was removed meanwhile", e.Container)
	case CauseTimeout:
		return fmt.Sprintf("application not healthy after %s: still waiting for container %s", e.Timeout, e.Container)
	default:
		return fmt.Sprintf("waiting for container %s failed", e.Container)
	}
}
