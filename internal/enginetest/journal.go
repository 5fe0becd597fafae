package enginetest

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
)

// Request is one API call as the engine received it.
type Request struct {
	// Op is the operation's name in the API reference, such as ContainerCreate.
	Op string
	// Method and Path are as on the wire, the path without its version prefix.
	Method, Path string
	Query        url.Values
	// Version is the API version the call was made in.
	Version string
	// Target is the name of what the call is about: identifiers in the path are
	// turned into names, so that it is the same in every run.
	Target string
	// Body is the JSON body, if there is one.
	Body []byte
	// Mutating says that the call changes the engine's state when it succeeds.
	Mutating bool
	// Seq counts calls from 1, over the life of the engine.
	Seq int
	// Status is the HTTP status of the answer, 0 while there is none.
	Status int
}

// String is the operation and its target, such as "ContainerStart web-1".
func (r Request) String() string {
	if r.Target == "" {
		return r.Op
	}
	return r.Op + " " + r.Target
}

// Journal returns all calls since the start or the last [Engine.ResetJournal], in
// the order they arrived.
func (e *Engine) Journal() []Request {
	e.mu.Lock()
	defer e.mu.Unlock()
	calls := make([]Request, 0, len(e.journal))
	for _, entry := range e.journal {
		calls = append(calls, *entry)
	}
	return calls
}

// MutatingCount is the number of calls in the journal which were meant to change
// something, whether or not they succeeded.
func (e *Engine) MutatingCount() int {
	count := 0
	for _, call := range e.Journal() {
		if call.Mutating {
			count++
		}
	}
	return count
}

// ResetJournal empties the journal.
func (e *Engine) ResetJournal() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.journal = nil
}

// enter puts a call on the books. It reports false if the engine is not to be
// reached.
func (e *Engine) enter(r *request, rt *route, path string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed || e.detached {
		return false
	}
	e.ids['#']++
	r.entry = &Request{
		Op: rt.op, Method: r.Method, Path: path, Query: r.query, Version: r.version, Target: e.target(r),
		Body: slices.Clone(r.body), Mutating: rt.mutating, Seq: e.ids['#'],
	}
	e.journal = append(e.journal, r.entry)
	e.inflight[r] = struct{}{}
	e.serving.Add(1)
	return true
}

func (e *Engine) leave(r *request) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.inflight, r)
	e.serving.Done()
}

// target is the stable name of what a call is about.
func (e *Engine) target(r *request) string {
	name := r.vars["name"]
	switch {
	case strings.HasPrefix(r.op, "Network"):
		if n, err := e.findNetwork(r.vars["id"]); err == nil {
			return n.name
		}
	case strings.HasPrefix(r.op, "Image"):
		if name == "" {
			return pullReference(r)
		}
		return name
	case strings.HasPrefix(r.op, "Volume"):
		return name
	case strings.HasPrefix(r.op, "Exec"):
		if x, ok := e.execs[r.vars["id"]]; ok {
			return x.container.name
		}
	case r.op == "ContainerCreate":
		return r.query.Get("name")
	case name != "":
		if c, err := e.findContainer(name); err == nil {
			return c.name
		}
		return name
	}
	return r.nameInBody()
}

// nameInBody is the name a network or volume is to be created with.
func (r *request) nameInBody() string {
	var body struct{ Name string }
	if json.Unmarshal(r.body, &body) != nil || body.Name == "" {
		return r.vars["id"]
	}
	return body.Name
}
