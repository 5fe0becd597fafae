package runtime

import (
	"time"

	"github.com/gocompose/gocompose/planner"
)

// WaitError says why waiting for a service cannot succeed.
type WaitError struct {
	Service   string
	Container string // name
	Condition planner.Condition
	Cause     WaitCause
	ExitCode  int
	OOMKilled bool
	Timeout   time.Duration // of CauseTimeout
	Probes    []Probe       // the last results of its health check, oldest first
	Logs      []string      // the last lines of its log, oldest first
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

// Error implements error.
func (e *WaitError) Error() string { return "" }
