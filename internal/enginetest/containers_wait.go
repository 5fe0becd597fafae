package enginetest

import (
	"encoding/json"
	"net/http"
	"slices"

	ctypes "github.com/docker/docker/api/types/container"
)

// waiter is someone waiting for a container to end or to be removed.
type waiter struct {
	condition ctypes.WaitCondition
	result    chan int // receives the exit code, once
}

// wait registers a waiter, whose condition may hold already.
func (c *container) wait(condition ctypes.WaitCondition) *waiter {
	w := &waiter{condition: condition, result: make(chan int, 1)}
	if condition == ctypes.WaitConditionNotRunning && !c.state.running {
		w.result <- c.state.exitCode
		return w
	}
	c.waiters = append(c.waiters, w)
	return w
}

// wakeWaiters tells waiters of an exit, which a coming restart does not hide, or
// of the removal, which ends every wait.
func (c *container) wakeWaiters(removed bool) {
	c.waiters = slices.DeleteFunc(c.waiters, func(w *waiter) bool {
		if w.condition == ctypes.WaitConditionRemoved && !removed {
			return false
		}
		w.result <- c.state.exitCode
		return true
	})
}

// containerWait answers with the header at once and the exit code when the
// condition holds.
func (e *Engine) containerWait(w http.ResponseWriter, r *request) error {
	condition := ctypes.WaitCondition(r.query.Get("condition"))
	switch condition {
	case "":
		condition = ctypes.WaitConditionNotRunning
	case ctypes.WaitConditionNotRunning, ctypes.WaitConditionNextExit, ctypes.WaitConditionRemoved:
	default:
		if e.serves("1.42") {
			return invalid("invalid condition: %q", condition)
		}
		condition = ctypes.WaitConditionNotRunning
	}
	e.mu.Lock()
	c, err := e.findContainer(r.vars["name"])
	if err != nil {
		e.mu.Unlock()
		return err
	}
	waiting := c.wait(condition)
	e.mu.Unlock()

	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusOK)
	if err := http.NewResponseController(w).Flush(); err != nil {
		return nil // the client is gone
	}
	select {
	case code := <-waiting.result:
		// An error means that the client is gone.
		_ = json.NewEncoder(w).Encode(ctypes.WaitResponse{StatusCode: int64(code)})
	case <-r.Context().Done():
		e.mu.Lock()
		defer e.mu.Unlock()
		c.waiters = slices.DeleteFunc(c.waiters, func(other *waiter) bool { return other == waiting })
	}
	return nil
}
