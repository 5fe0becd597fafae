package enginetest

import (
	"net/http"
	"time"
)

// Restart is what becomes of containers when the daemon restarts.
type Restart uint8

// Ways to restart the daemon.
const (
	NoRestart Restart = iota
	// RestartKeeping leaves containers running, as live-restore does.
	RestartKeeping
	// RestartStopping stops all containers and starts those again whose restart
	// policy says so.
	RestartStopping
)

// Action is what happens to a call. Its parts take place in the order of the
// fields; the zero value lets the call proceed normally.
type Action struct {
	// Delay passes first. A client that leaves meanwhile takes its call with it.
	Delay time.Duration
	// DropEvents breaks all event streams.
	DropEvents bool
	// Restart breaks every connection, this call's too, with no effect of the
	// call itself. Event history is lost.
	Restart Restart
	// Refuse breaks the connection; the call has no effect.
	Refuse bool
	// Hang holds the call without effect until the client leaves.
	Hang bool
	// Status answers with an error of this HTTP status and Message; the call has
	// no effect.
	Status  int
	Message string
	// DropAnswer performs the call, then breaks the connection without a word.
	DropAnswer bool
}

// Fault has decide look at every call that comes from now on, before it is
// performed. A nil function ends that. It is called from the goroutines of the
// connections, one call at a time, and may use the engine's other methods.
func (e *Engine) Fault(decide func(Request) Action) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.fault = decide
}

// DropEventStreams breaks the connection of everyone who listens to events.
func (e *Engine) DropEventStreams() {
	e.breakRequests(func(r *request) bool { return r.op == "SystemEvents" })
}

// RestartDaemon breaks all connections and treats containers as how says.
func (e *Engine) RestartDaemon(how Restart) {
	e.breakRequests(func(*request) bool { return true })
	e.mu.Lock()
	defer e.mu.Unlock()
	e.events.forget()
	if how == RestartStopping {
		e.restartContainers()
	}
}

// breakRequests cuts the connections of the calls under way which match.
func (e *Engine) breakRequests(match func(*request) bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for r := range e.inflight {
		if match(r) && !r.isBroken() {
			close(r.broken)
			r.cancel()
		}
	}
}

// perform carries out a call, with the fault decided for it.
func (e *Engine) perform(w *statusWriter, r *request, rt *route) {
	defer func() {
		e.mu.Lock()
		r.entry.Status = w.status
		e.mu.Unlock()
	}()
	e.mu.Lock()
	decide, entry := e.fault, *r.entry
	e.mu.Unlock()
	var action Action
	if decide != nil {
		e.deciding.Lock()
		action = decide(entry)
		e.deciding.Unlock()
	}
	if action.Delay > 0 && !r.sleep(action.Delay) {
		return
	}
	if action.DropEvents {
		e.DropEventStreams()
	}
	if action.Restart != NoRestart {
		e.RestartDaemon(action.Restart)
		return
	}
	switch {
	case action.Refuse:
		e.drop(r)
	case action.Hang:
		<-r.Context().Done()
	case action.Status != 0:
		writeError(w, fail(action.Status, "%s", action.Message))
	case action.DropAnswer:
		e.handle(&lostAnswer{header: http.Header{}}, r, rt)
		e.drop(r)
	default:
		e.handle(w, r, rt)
	}
}

func (e *Engine) drop(r *request) {
	e.breakRequests(func(other *request) bool { return other == r })
}

// sleep waits for d; false means that the client left or was cut off.
func (r *request) sleep(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.Context().Done():
		return false
	}
}

// lostAnswer takes the answer of a call whose connection is about to break.
type lostAnswer struct{ header http.Header }

func (w *lostAnswer) Header() http.Header         { return w.header }
func (w *lostAnswer) Write(b []byte) (int, error) { return len(b), nil }
func (w *lostAnswer) WriteHeader(int)             {}
func (w *lostAnswer) Flush()                      {}
