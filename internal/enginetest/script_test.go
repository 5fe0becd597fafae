package enginetest_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/docker/docker/pkg/stdcopy"
)

// A conformance script has one command a line. @name stands for a name of this
// run's own, {x} for the identifier kept as x, $IMAGE for the image.
//
//	[x =] METHOD PATH [JSON] [| .Field.Path ...]   calls the API; keeps the identifier made
//	poll PATH .Field.Path VALUE                   calls until the field has the value
//	open x METHOD PATH [JSON]                      calls without reading the answer
//	read x [| .Field.Path ...]                     reads it
//	stream METHOD PATH [JSON]                      calls and shows multiplexed output
//	rawstream METHOD PATH [JSON]                   calls and shows output of a terminal
//	attach x PATH [JSON]                           takes a connection over
//	send x TEXT, hangup x, output x, rawoutput x   use it
//	put NAME PATH FILE CONTENT                     copies a file into a container
//	events [sorted|WORD]                           shows this run's events so far, or those with a word
type scriptRun struct {
	t      *testing.T
	dial   dialer
	client *http.Client
	prefix string
	out    strings.Builder

	ids    map[string]string
	opened map[string]*http.Response
	conns  map[string]*hijacked
	events *eventLog
	marks  int
}

type hijacked struct {
	net.Conn
	in *bufio.Reader
}

// runScript plays a script and returns what the engine answered, with names and
// identifiers made the same for every run. Whatever the script made is removed.
func runScript(t *testing.T, dial dialer, prefix, script string) string {
	t.Helper()
	transport := &http.Transport{DialContext: dial}
	s := &scriptRun{
		t: t, dial: dial, client: &http.Client{Transport: transport}, prefix: prefix,
		ids: map[string]string{}, opened: map[string]*http.Response{}, conns: map[string]*hijacked{},
	}
	s.events = s.listen()
	defer func() {
		s.cleanUp()
		s.events.stop()
		transport.CloseIdleConnections()
	}()
	for line := range strings.Lines(script) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		s.command(line)
	}
	return s.out.String()
}

// say adds an answer to the transcript.
func (s *scriptRun) say(format string, args ...any) {
	s.out.WriteString("  " + s.normal(fmt.Sprintf(format, args...)) + "\n")
}

// normal takes what differs between runs out of a text.
func (s *scriptRun) normal(text string) string {
	for _, name := range slices.Sorted(maps.Keys(s.ids)) {
		id := s.ids[name]
		text = strings.ReplaceAll(text, id, "<"+name+">")
		if len(id) > 12 {
			text = strings.ReplaceAll(text, id[:12], "<"+name+" short>")
		}
	}
	text = strings.ReplaceAll(text, s.prefix, "@")
	text = regexp.MustCompile(`"Up (Less than a|\d+) seconds?`).ReplaceAllString(text, `"Up AGE`)
	return regexp.MustCompile(`\b([0-9a-f]{64}|[0-9a-f]{12})\b`).ReplaceAllString(text, "<id>")
}

// full replaces the script's placeholders.
func (s *scriptRun) full(text string) string {
	for name, id := range s.ids {
		text = strings.ReplaceAll(text, "{"+name+"}", id)
	}
	return strings.NewReplacer("@", s.prefix, "$IMAGE", conformanceImage).Replace(text)
}

func (s *scriptRun) command(line string) {
	call, fields, _ := strings.Cut(line, " | ")
	words := strings.SplitN(call, " ", 4)
	shown := call
	if before, _, ok := strings.Cut(call, " {"); ok && len(call) > 100 {
		shown = before + " {...}"
	}
	s.out.WriteString(shown + "\n")
	rest := func(n int) string {
		_, after := cutWords(call, n)
		return after
	}
	switch words[0] {
	case "poll":
		s.poll(words[1], words[2], words[3])
	case "open":
		s.opened[words[1]] = s.call(rest(2))
	case "read":
		s.answer(s.opened[words[1]], fields, "")
	case "stream", "rawstream":
		response := s.call(rest(1))
		s.say("%d %s", response.StatusCode, response.Header.Get("Content-Type"))
		s.output(response.Body, words[0] == "stream")
		response.Body.Close()
	case "attach":
		s.attach(words[1], rest(2))
	case "send":
		s.send(s.conns[words[1]], rest(2))
	case "hangup":
		s.check(s.conns[words[1]].Conn.(interface{ CloseWrite() error }).CloseWrite())
	case "output", "rawoutput":
		s.output(s.conns[words[1]].in, words[0] == "output")
		s.conns[words[1]].Close()
	case "put":
		s.put(words[1], words[2], words[3])
	case "events":
		s.showEvents(rest(1))
	default:
		keep, request, kept := strings.Cut(call, " = ")
		if !kept || strings.ContainsAny(keep, " /{") {
			keep, request = "", call
		}
		s.answer(s.call(request), fields, keep)
	}
}

// cutWords splits a text after its first n words.
func cutWords(text string, n int) (words []string, rest string) {
	parts := strings.SplitN(text, " ", n+1)
	if len(parts) <= n {
		return parts, ""
	}
	return parts[:n], parts[n]
}

func (s *scriptRun) check(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// call sends a request written as METHOD PATH [JSON].
func (s *scriptRun) call(text string) *http.Response {
	s.t.Helper()
	words, body := cutWords(s.full(text), 2)
	request, err := http.NewRequestWithContext(s.t.Context(), words[0], "http://engine"+encode(words[1]), strings.NewReader(body))
	s.check(err)
	request.Header.Set("Content-Type", "application/json")
	response, err := s.client.Do(request)
	s.check(err)
	return response
}

// encode escapes a filter's JSON in a path written plainly.
func encode(path string) string {
	before, filter, ok := strings.Cut(path, "filters=")
	if !ok {
		return path
	}
	return before + "filters=" + url.QueryEscape(filter)
}

// answer shows a whole answer: status, error text, and the fields asked for.
func (s *scriptRun) answer(response *http.Response, fields, keep string) {
	s.t.Helper()
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	s.check(err)
	var v any
	if json.Unmarshal(text, &v) != nil {
		v = nil
	}
	if keep != "" {
		if id, ok := s.pick(v, ".Id").(string); ok {
			s.ids[keep] = id
		}
	}
	if message, ok := s.pick(v, ".message").(string); ok && response.StatusCode >= 400 {
		if before, list, ok := strings.Cut(message, "endpoints: "); ok {
			// They come in no order.
			message = before + "endpoints: " + strings.Join(slices.Sorted(slices.Values(strings.Split(list, ", "))), ", ")
		}
		s.say("%d %s", response.StatusCode, message)
		return
	}
	s.say("%d", response.StatusCode)
	for field := range strings.FieldsSeq(s.full(fields)) {
		var shown bytes.Buffer
		enc := json.NewEncoder(&shown)
		enc.SetEscapeHTML(false)
		s.check(enc.Encode(s.pick(v, field)))
		s.say("%s %s", field, strings.TrimSpace(shown.String()))
	}
}

// pick finds a field by a path such as .State.Status; the words keys, len and
// sorted describe or order what was found.
func (s *scriptRun) pick(v any, path string) any {
	for name := range strings.SplitSeq(strings.TrimPrefix(path, "."), ".") {
		switch at := v.(type) {
		case map[string]any:
			if name == "keys" {
				v = slices.Sorted(maps.Keys(at))
				continue
			}
			v = at[name]
		case []any:
			n, err := strconv.Atoi(name)
			switch {
			case name == "len":
				return len(at)
			case name == "sorted":
				slices.SortFunc(at, func(a, b any) int { return strings.Compare(s.normal(fmt.Sprint(a)), s.normal(fmt.Sprint(b))) })
			case name == "each":
				return at
			case err == nil && n < len(at):
				v = at[n]
			default:
				var all []any
				for _, element := range at {
					all = append(all, s.pick(element, "."+name))
				}
				v = all
			}
		default:
			return nil
		}
	}
	return v
}

func (s *scriptRun) poll(path, field, want string) {
	s.t.Helper()
	for range 500 {
		response := s.call("GET " + path)
		var v any
		err := json.NewDecoder(response.Body).Decode(&v)
		response.Body.Close()
		s.check(err)
		if fmt.Sprint(s.pick(v, field)) == want {
			s.say("reached")
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	s.t.Errorf("%s of %s never became %s", field, path, want)
}

// output shows what was printed, each stream by itself: their order is nobody's
// promise.
func (s *scriptRun) output(from io.Reader, multiplexed bool) {
	s.t.Helper()
	var out, err bytes.Buffer
	if multiplexed {
		_, problem := stdcopy.StdCopy(&out, &err, from)
		s.check(problem)
	} else {
		_, problem := out.ReadFrom(from)
		s.check(problem)
	}
	s.say("stdout %q", out.String())
	if err.Len() > 0 {
		s.say("stderr %q", err.String())
	}
}
