package enginetest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/docker/docker/api/types/versions"
)

// request is one API call on its way through the engine.
type request struct {
	*http.Request
	op      string
	vars    map[string]string
	query   url.Values
	version string        // API version spoken
	body    []byte        // JSON bodies only
	broken  chan struct{} // closed when the engine breaks the connection
	cancel  context.CancelFunc
	entry   *Request
}

// reply is a complete answer, encoded while the engine's lock was held.
type reply struct {
	status int
	body   []byte
}

// answer makes a JSON reply with status.
func answer(status int, v any) (*reply, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, systemError("cannot encode the answer: %v", err)
	}
	return &reply{status: status, body: buf.Bytes()}, nil
}

// done is the empty reply.
func done() (*reply, error) { return &reply{status: http.StatusNoContent}, nil }

// route connects a method and a path to its handler. Exactly one of state and
// stream is set: state handlers run under the engine's lock and at once, stream
// handlers take the lock themselves because they wait or write as they go.
type route struct {
	op       string // operation name of the API reference
	method   string
	path     string
	mutating bool
	state    func(*request) (*reply, error)
	stream   func(http.ResponseWriter, *request) error
}

// ServeHTTP serves the Engine API.
func (e *Engine) ServeHTTP(w http.ResponseWriter, hr *http.Request) {
	header := w.Header()
	header.Set("Server", "Docker/"+e.release.engine+" (linux)")
	header.Set("Api-Version", e.apiVersion)
	header.Set("Ostype", "linux")
	header.Set("Docker-Experimental", "false")

	version, path := splitVersion(hr.URL.Path)
	if version == "" {
		version = e.apiVersion
	}
	rt, vars := e.lookup(hr.Method, path)
	if rt == nil {
		writeError(w, e.unknownRoute(hr.Method, path))
		return
	}
	ctx, cancel := context.WithCancel(hr.Context())
	defer cancel()
	r := &request{
		Request: hr.WithContext(ctx), op: rt.op, vars: vars, query: hr.URL.Query(), version: version,
		broken: make(chan struct{}), cancel: cancel,
	}
	if err := r.readBody(); err != nil {
		writeError(w, invalid("invalid JSON: %v", err))
		return
	}
	if !e.enter(r, rt, path) {
		panic(http.ErrAbortHandler)
	}
	defer e.leave(r)
	e.perform(&statusWriter{ResponseWriter: w}, r, rt)
	if r.isBroken() {
		// The documented way to cut a connection in the middle of an answer.
		panic(http.ErrAbortHandler)
	}
}

// handle runs the route's handler and writes its answer or error.
func (e *Engine) handle(w http.ResponseWriter, r *request, rt *route) {
	if err := e.checkVersion(r.version); err != nil {
		if versions.LessThan(r.version, "1.24") && (!e.serves("1.42") || e.serves("1.48")) {
			// Clients that old take the whole body for the message.
			http.Error(w, err.Error(), statusOf(err))
			return
		}
		writeError(w, err)
		return
	}
	if rt.stream != nil {
		if err := rt.stream(w, r); err != nil {
			writeError(w, err)
		}
		return
	}
	e.mu.Lock()
	rep, err := rt.state(r)
	e.mu.Unlock()
	if err != nil {
		writeError(w, err)
		return
	}
	if len(rep.body) > 0 {
		w.Header().Set("Content-Type", "application/json")
	}
	w.WriteHeader(rep.status)
	// The client may be gone; the effect stands all the same.
	_, _ = w.Write(rep.body)
}

func writeError(w http.ResponseWriter, err error) {
	status := statusOf(err)
	if status == http.StatusNotModified {
		w.WriteHeader(status)
		return
	}
	body, _ := json.Marshal(map[string]string{"message": err.Error()})
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(body, '\n'))
}

// splitVersion takes the leading /vX.YZ off a path.
func splitVersion(path string) (version, rest string) {
	if !strings.HasPrefix(path, "/v") {
		return "", path
	}
	version, rest, found := strings.Cut(path[2:], "/")
	if !found || version == "" || strings.Trim(version, "0123456789.") != "" {
		return "", path
	}
	return version, "/" + rest
}

func (e *Engine) lookup(method, path string) (*route, map[string]string) {
	segments := strings.Split(strings.Trim(path, "/"), "/")
	for i := range e.routes {
		if e.routes[i].method != method {
			continue
		}
		if vars, ok := matchPath(e.routes[i].path, segments); ok {
			return &e.routes[i], vars
		}
	}
	return nil, nil
}

// unknownRoute tells a call that is only missing here from one that no engine
// has.
func (e *Engine) unknownRoute(method, path string) error {
	for _, part := range []string{"build", "plugins", "swarm", "nodes", "services", "tasks", "secrets", "configs", "auth", "changes", "prune", "history", "search", "get", "load", "df"} {
		for segment := range strings.SplitSeq(path, "/") {
			if segment == part {
				return fail(http.StatusNotImplemented, "enginetest does not simulate %s %s", method, path)
			}
		}
	}
	return notFound("page not found")
}

// matchPath matches a route path such as /images/{name...}/json. A variable
// ending in dots takes as many segments as it can.
func matchPath(pattern string, segments []string) (map[string]string, bool) {
	parts := strings.Split(strings.Trim(pattern, "/"), "/")
	vars := map[string]string{}
	for i, part := range parts {
		if strings.HasSuffix(part, "...}") {
			after := len(parts) - i - 1
			n := len(segments) - i - after
			if n < 1 {
				return nil, false
			}
			vars[strings.Trim(part, "{.}")] = strings.Join(segments[i:i+n], "/")
			rest, ok := matchPath(strings.Join(parts[i+1:], "/"), segments[i+n:])
			if after > 0 && (!ok || len(rest) > 0) {
				return nil, false
			}
			return vars, true
		}
		if i >= len(segments) {
			return nil, false
		}
		if strings.HasPrefix(part, "{") {
			vars[strings.Trim(part, "{}")] = segments[i]
		} else if part != segments[i] {
			return nil, false
		}
	}
	return vars, len(parts) == len(segments)
}

// readBody keeps JSON bodies, which are small, and leaves others streaming.
func (r *request) readBody() error {
	if !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		return nil
	}
	body, err := io.ReadAll(r.Body)
	r.body = body
	return err
}

// decode reads the JSON body into v.
func (e *Engine) decode(r *request, v any) error {
	err := json.NewDecoder(bytes.NewReader(r.body)).Decode(v)
	switch {
	case err == nil:
		return nil
	case !e.serves("1.42"):
		return systemError("%v", err)
	case errors.Is(err, io.EOF):
		return invalid("invalid JSON: got EOF while reading request body")
	}
	return invalid("invalid JSON: %v", err)
}

// flag reads a boolean query parameter the way the engine does.
func (r *request) flag(name string) bool {
	switch strings.ToLower(strings.TrimSpace(r.query.Get(name))) {
	case "", "0", "no", "false", "none":
		return false
	}
	return true
}

// number reads an integer query parameter; absent is nil.
func (r *request) number(name string) (*int, error) {
	text := r.query.Get(name)
	if text == "" {
		return nil, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return nil, systemError("%v", err)
	}
	return &n, nil
}

func (r *request) isBroken() bool {
	select {
	case <-r.broken:
		return true
	default:
		return false
	}
}

// statusWriter remembers the status for the journal.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *statusWriter) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(b)
}

// Unwrap lets [http.ResponseController] reach the connection.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
