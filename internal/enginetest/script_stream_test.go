package enginetest_test

import (
	"archive/tar"
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/docker/docker/api/types/events"
)

// attach sends a request that takes the connection over and shows the answer's
// head.
func (s *scriptRun) attach(name, text string) {
	s.t.Helper()
	path, body := cutWords(s.full(text), 1)
	conn, err := s.dial(s.t.Context(), "", "")
	s.check(err)
	request, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, "http://engine"+path[0], strings.NewReader(body))
	s.check(err)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Connection", "Upgrade")
	request.Header.Set("Upgrade", "tcp")
	s.check(request.Write(conn))
	in := bufio.NewReader(conn)
	response, err := http.ReadResponse(in, request)
	s.check(err)
	s.conns[name] = &hijacked{conn, in}
	s.say("%d %s", response.StatusCode, response.Header.Get("Content-Type"))
	if response.StatusCode >= 400 {
		message, err := io.ReadAll(response.Body)
		s.check(err)
		s.say("%s", strings.TrimSpace(string(message)))
		response.Body.Close()
	}
}

func (s *scriptRun) send(conn *hijacked, quoted string) {
	s.t.Helper()
	text, err := strconv.Unquote(quoted)
	s.check(err)
	_, err = io.WriteString(conn, text)
	s.check(err)
}

// put copies one file, given as PATH CONTENT, into a directory of a container.
func (s *scriptRun) put(container, directory, spec string) {
	s.t.Helper()
	name, content, _ := strings.Cut(spec, " ")
	var packed bytes.Buffer
	archive := tar.NewWriter(&packed)
	s.check(archive.WriteHeader(&tar.Header{Name: name, Mode: 0o440, Uid: 7, Gid: 8, Size: int64(len(content))}))
	_, err := io.WriteString(archive, content)
	s.check(err)
	s.check(archive.Close())
	url := fmt.Sprintf("http://engine/containers/%s/archive?path=%s", s.full(container), directory)
	request, err := http.NewRequestWithContext(s.t.Context(), http.MethodPut, url, &packed)
	s.check(err)
	request.Header.Set("Content-Type", "application/x-tar")
	response, err := s.client.Do(request)
	s.check(err)
	s.answer(response, "", "")
}

// eventLog collects events from a stream of its own.
type eventLog struct {
	body io.Closer
	mu   sync.Mutex
	seen []events.Message
	more chan struct{}
	done chan struct{}
}

func (s *scriptRun) listen() *eventLog {
	s.t.Helper()
	response := s.call("GET /events")
	l := &eventLog{body: response.Body, more: make(chan struct{}, 1), done: make(chan struct{})}
	go func() {
		defer close(l.done)
		dec := json.NewDecoder(response.Body)
		for {
			var event events.Message
			if dec.Decode(&event) != nil {
				return
			}
			l.mu.Lock()
			l.seen = append(l.seen, event)
			l.mu.Unlock()
			select {
			case l.more <- struct{}{}:
			default:
			}
		}
	}()
	return l
}

func (l *eventLog) stop() {
	l.body.Close()
	<-l.done
}

// upTo waits until an event about id has come and returns all before it.
func (l *eventLog) upTo(id string) []events.Message {
	for {
		l.mu.Lock()
		i := slices.IndexFunc(l.seen, func(event events.Message) bool { return event.Actor.ID == id })
		if i >= 0 {
			before := l.seen[:i]
			l.seen = l.seen[i+1:]
			l.mu.Unlock()
			return before
		}
		l.mu.Unlock()
		select {
		case <-l.more:
		case <-time.After(10 * time.Second):
			return nil
		}
	}
}

// showEvents shows the run's own events since the last time: all, sorted, or
// those with a word in them.
func (s *scriptRun) showEvents(which string) {
	s.t.Helper()
	s.marks++
	mark := fmt.Sprintf("%smark%d", s.prefix, s.marks)
	response := s.call(`POST /volumes/create {"Name":"` + mark + `"}`)
	response.Body.Close()
	var lines []string
	for _, event := range s.events.upTo(mark) {
		line, ok := s.describe(event)
		if ok && (which == "" || which == "sorted" || strings.Contains(line, which)) {
			lines = append(lines, line)
		}
	}
	// Which of the two comes first is left open by the engine.
	for i := 1; i < len(lines); i++ {
		stop, ok := strings.CutPrefix(lines[i-1], "container stop ")
		if die, also := strings.CutPrefix(lines[i], "container die "); ok && also && stop[:64] == die[:64] {
			lines[i-1], lines[i] = lines[i], lines[i-1]
		}
	}
	if which == "sorted" {
		slices.SortFunc(lines, func(a, b string) int { return strings.Compare(s.normal(a), s.normal(b)) })
	}
	for _, line := range lines {
		s.say("%s", line)
	}
}

// describe puts an event of this run into a line.
func (s *scriptRun) describe(event events.Message) (string, bool) {
	attributes := event.Actor.Attributes
	own := strings.HasPrefix(attributes["name"], s.prefix) || strings.HasPrefix(event.Actor.ID, s.prefix)
	for _, id := range s.ids {
		own = own || event.Actor.ID == id || attributes["container"] == id
	}
	if !own || strings.Contains(event.Actor.ID, "mark") {
		return "", false
	}
	line := fmt.Sprintf("%s %s %s", event.Type, event.Action, event.Actor.ID)
	for _, key := range []string{"name", "oldName", "signal", "exitCode", "container", "destination", "read/write", "driver", "type", "team"} {
		if value, ok := attributes[key]; ok {
			line += fmt.Sprintf(" %s=%s", key, value)
		}
	}
	return line, true
}

// cleanUp removes whatever has a name of this run.
func (s *scriptRun) cleanUp() {
	s.t.Helper()
	for _, conn := range s.conns {
		conn.Close()
	}
	for _, response := range s.opened {
		response.Body.Close()
	}
	s.removeAll("/containers/json?all=1&", "Id", "/containers/%s?force=1&v=1")
	s.removeAll("/networks?", "Id", "/networks/%s")
	s.removeAll("/volumes?", "Name", "/volumes/%s")
	s.removeAll("/images/json?", "RepoTags", "/images/%s")
}

func (s *scriptRun) removeAll(list, key, remove string) {
	s.t.Helper()
	filter := `filters={"name":["` + s.prefix + `"]}`
	if key == "RepoTags" {
		filter = `filters={"reference":["gocompose-test/` + s.prefix + `*"]}`
	}
	response := s.call("GET " + list + filter)
	var v any
	s.check(json.NewDecoder(response.Body).Decode(&v))
	response.Body.Close()
	if volumes, ok := v.(map[string]any); ok {
		v = volumes["Volumes"]
	}
	objects, _ := v.([]any)
	for _, object := range objects {
		names, ok := s.pick(object, "."+key).([]any)
		if !ok {
			names = []any{s.pick(object, "."+key)}
		}
		for _, name := range names {
			response := s.call("DELETE " + fmt.Sprintf(remove, name))
			response.Body.Close()
		}
	}
}
