package enginetest

import (
	"net/http"
	"strconv"
	"time"
)

// logPart is the longest piece of a line that the engine logs as one message.
const logPart = 16 << 10

// print has a container's process print a line.
func (e *Engine) print(c *container, line Line) {
	e.write(c, line.Stderr, line.Text+"\n")
}

// write records output and passes it to everyone who listens.
func (e *Engine) write(c *container, stderr bool, text string) {
	if c.config.Tty {
		stderr, text = false, asTerminal(text)
	}
	for len(text) > 0 {
		n := min(len(text), logPart)
		piece := chunk{at: e.now(), stderr: stderr, data: []byte(text[:n])}
		text = text[n:]
		if c.host.LogConfig.Type != "none" {
			c.logs = append(c.logs, piece)
		}
		c.out.write(piece)
	}
}

// logQuery is what a client wants of a log.
type logQuery struct {
	stdout, stderr, follow, timestamps bool
	since, until                       time.Time
	tail                               int // negative is all
}

func (r *request) logQuery() (logQuery, error) {
	q := logQuery{stdout: r.flag("stdout"), stderr: r.flag("stderr"), follow: r.flag("follow"), timestamps: r.flag("timestamps"), tail: -1}
	if !q.stdout && !q.stderr {
		return q, invalid("Bad parameters: you must choose at least one stream")
	}
	if n, err := strconv.Atoi(r.query.Get("tail")); err == nil {
		q.tail = n
	}
	var err error
	if q.since, err = readTime(r.query.Get("since")); err != nil {
		return q, err
	}
	if r.query.Get("until") != "0" {
		q.until, err = readTime(r.query.Get("until"))
	}
	return q, err
}

// choose picks what is asked for from the log so far. The tail is that of the
// whole log, whatever stream and time are wanted of it.
func (q *logQuery) choose(logs []chunk) []chunk {
	if q.tail >= 0 && len(logs) > q.tail {
		logs = logs[len(logs)-q.tail:]
	}
	var chosen []chunk
	for _, c := range logs {
		if q.wants(c) {
			chosen = append(chosen, c)
		}
	}
	return chosen
}

func (q *logQuery) wants(c chunk) bool {
	return (c.stderr && q.stderr || !c.stderr && q.stdout) && !c.at.Before(q.since) && (q.until.IsZero() || !c.at.After(q.until))
}

// containerLogs sends a container's log and, if asked, goes on until its process
// ends.
func (e *Engine) containerLogs(w http.ResponseWriter, r *request) error {
	q, err := r.logQuery()
	if err != nil {
		return err
	}
	e.mu.Lock()
	c, err := e.findContainer(r.vars["name"])
	if err != nil {
		e.mu.Unlock()
		return err
	}
	if c.host.LogConfig.Type == "none" {
		e.mu.Unlock()
		return fail(http.StatusNotImplemented, "configured logging driver does not support reading")
	}
	chosen, tty := q.choose(c.logs), c.config.Tty
	var follower *sink
	if q.follow && c.process != nil {
		follower = c.out.subscribe(q.stdout, q.stderr)
	}
	e.mu.Unlock()

	w.Header().Set("Content-Type", r.streamType(tty))
	if !e.serves("1.42") {
		w.Header()["Content-Type"] = nil // not even guessed
	}
	w.WriteHeader(http.StatusOK)
	out := &logWriter{framer: newFramer(w, tty), timestamps: q.timestamps, flush: http.NewResponseController(w).Flush}
	if !out.send(chosen) || follower == nil {
		return nil
	}
	defer func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		c.out.unsubscribe(follower)
	}()
	e.follow(r, out, q, follower)
	return nil
}

// follow copies new output until the process ends, the client leaves or the time
// given by "until" has come.
func (e *Engine) follow(r *request, out *logWriter, q logQuery, from *sink) {
	var deadline <-chan time.Time
	if !q.until.IsZero() {
		timer := time.NewTimer(time.Until(q.until))
		defer timer.Stop()
		deadline = timer.C
	}
	for {
		chunks, more := e.take(from)
		if !out.send(chunks) || !more {
			return
		}
		select {
		case <-from.wake:
		case <-deadline:
			return
		case <-r.Context().Done():
			return
		}
	}
}

type logWriter struct {
	framer
	timestamps bool
	flush      func() error
}

// send writes log messages; false means that the client is gone.
func (w *logWriter) send(chunks []chunk) bool {
	for _, c := range chunks {
		prefix := ""
		if w.timestamps {
			prefix = c.at.Format("2006-01-02T15:04:05.000000000Z07:00") + " "
		}
		if w.write(c, prefix) != nil {
			return false
		}
	}
	return w.flush() == nil
}
