package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/mattn/go-shellwords"
	"golang.org/x/tools/txtar"
	"gopkg.in/yaml.v3"

	"github.com/gocompose/gocompose/project"
)

const (
	engineInMemory = "memory"
	engineReal     = "real"
)

// story is a compose project and command lines, for both programs.
type story struct {
	name    string
	engine  string // memory, or real: the one that GOCOMPOSE_TEST_DOCKER_HOST names
	version string // of the API that an engine in memory speaks
	env     []string
	files   map[string][]byte
	lines   []storyLine
}

// storyLine is a command line with what is compared of it. Exit status, files
// that are written and what is on the engine are compared always.
type storyLine struct {
	text   string
	args   []string
	stdin  string // a file of the story
	how    []string
	anchor string // where docs/compatibility.md says that it differs
	reason string
}

// waysToCompare are the words that may stand before a command line.
const (
	inAnyOrder  = "unordered" // words and lines in any order: docker-compose takes some from maps
	valuesOnly  = "values"    // of JSON or YAML on standard output
	firstOfErrs = "usage"     // the first line of standard error: docker-compose goes on with its help
	noErrs      = "quiet"     // nothing of standard error: progress, in which the tools differ
	noNumbers   = "figures"   // no numbers: processes and what they use
)

// readStory reads a txtar archive. The files are those of the project; before
// them stands the story:
//
//	engine memory|real [VERSION]
//	env NAME=VALUE
//	corpus DIR           takes the files of DIR along; FILE in a line then stands for each YAML file of it
//	except NAME...       but for these
//	# a remark
//	[WAY:] ARGS... [< FILE]
//	differs ANCHOR WHY   the next line differs, as a section of docs/compatibility.md says
//
// The ways to compare are above. In ARGS, quotes work as in a shell, @dir is the
// directory and @soon the Unix time of a second later.
func readStory(t *testing.T, path string) *story {
	t.Helper()
	archive, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	s := &story{name: strings.TrimSuffix(filepath.Base(path), ".txtar"), engine: engineInMemory, files: map[string][]byte{}}
	for _, f := range archive.Files {
		s.files[f.Name] = f.Data
	}
	var corpus []string
	var next storyLine
	for text := range strings.Lines(string(archive.Comment)) {
		text = strings.TrimSpace(text)
		word, rest, _ := strings.Cut(text, " ")
		switch word {
		case "", "#":
		case "engine":
			s.engine, s.version, _ = strings.Cut(rest, " ")
		case "env":
			s.env = append(s.env, rest)
		case "corpus":
			corpus = s.take(t, rest)
		case "except":
			corpus = slices.DeleteFunc(corpus, func(name string) bool { return slices.Contains(strings.Fields(rest), name) })
		case "differs":
			next.anchor, next.reason, _ = strings.Cut(rest, " ")
		default:
			s.add(t, next, text, corpus)
			next = storyLine{}
		}
	}
	return s
}

// take adds the files of a directory and lists those that are YAML.
func (s *story) take(t *testing.T, dir string) []string {
	t.Helper()
	var names []string
	for name, content := range readTree(t, filepath.FromSlash(dir)) {
		s.files[name] = []byte(content)
		if filepath.Ext(name) == ".yaml" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	if len(names) == 0 {
		t.Fatalf("no compose files in %s", dir)
	}
	return names
}

// add adds a command line, or one for each file of the corpus.
func (s *story) add(t *testing.T, line storyLine, text string, corpus []string) {
	t.Helper()
	line.text = text
	words, err := shellwords.Parse(strings.ReplaceAll(text, " < ", " '<' "))
	if err != nil {
		t.Fatalf("%s: %s: %v", s.name, text, err)
	}
	for len(words) > 0 && strings.HasSuffix(words[0], ":") {
		line.how = append(line.how, strings.TrimSuffix(words[0], ":"))
		words = words[1:]
	}
	if n := len(words); n > 1 && words[n-2] == "<" {
		line.stdin, words = words[n-1], words[:n-2]
	}
	line.args = words
	i := slices.Index(words, "FILE")
	if i < 0 {
		s.lines = append(s.lines, line)
		return
	}
	for _, name := range corpus {
		line.args = slices.Clone(words)
		line.args[i], line.text = name, strings.ReplaceAll(text, "FILE", name)
		s.lines = append(s.lines, line)
	}
}

// adapt brings output into the form in which it is compared.
func (l storyLine) adapt(t *testing.T, out, errs string) (any, string) {
	t.Helper()
	a := answer{Out: out, Err: strings.ReplaceAll(warningsAlone(errs), "  ", " ")}
	var values any
	for _, way := range l.how {
		switch way {
		case inAnyOrder:
			wordsSorted(&a)
		case firstOfErrs:
			a.Out, a.Err = "", firstLine(a.Err)
		case noErrs:
			a.Err = ""
		case noNumbers:
			a.Out = regexp.MustCompile(`\d+ *`).ReplaceAllString(a.Out, "N ")
		case valuesOnly:
			values = withoutDefaults(parsed(out))
		default:
			t.Fatalf("%s: no way to compare is called %s", l.text, way)
		}
	}
	if values != nil {
		return values, a.Err
	}
	return a.Out, a.Err
}

// warningsAlone takes warnings out of the form of a log, in which docker-compose
// writes some, and the word warning off them.
func warningsAlone(errs string) string {
	errs = regexp.MustCompile(`(?m)^time="TIME" level=warning msg=".*"$`).ReplaceAllStringFunc(errs, func(line string) string {
		_, quoted, _ := strings.Cut(line, "msg=")
		if text, err := strconv.Unquote(quoted); err == nil {
			return text
		}
		return line
	})
	return regexp.MustCompile(`(?mi)^warning: `).ReplaceAllString(errs, "")
}

// parsed are the values of JSON, of lines of JSON, or of YAML; nil if it is none
// of them.
func parsed(text string) any {
	var values []any
	for decoder := json.NewDecoder(strings.NewReader(text)); decoder.More(); {
		var value any
		if decoder.Decode(&value) != nil {
			values = nil
			break
		}
		values = append(values, labelsSorted(value))
	}
	if values != nil {
		return values
	}
	var value any
	if yaml.Unmarshal([]byte(text), &value) != nil {
		return nil
	}
	return value
}

// labelsSorted splits the labels of a record, which docker-compose writes in the
// order of a map, and leaves out those that tell the two programs apart.
func labelsSorted(value any) any {
	if record, ok := value.(map[string]any); ok {
		if labels, ok := record["Labels"].(string); ok {
			list := strings.Split(labels, ",")
			list = slices.DeleteFunc(list, func(label string) bool {
				return strings.HasPrefix(label, project.LabelFields) || strings.HasPrefix(label, project.LabelVersion)
			})
			slices.Sort(list)
			record["Labels"] = list
		}
	}
	return value
}

// withoutDefaults leaves out of a model what one of the two writes down only
// where it is true and the other only where it is false.
func withoutDefaults(value any) any {
	switch v := value.(type) {
	case map[string]any:
		delete(v, "create_host_path")
		for key := range v {
			v[key] = withoutDefaults(v[key])
		}
		if bind, ok := v["bind"].(map[string]any); ok && len(bind) == 0 {
			delete(v, "bind")
		}
	case []any:
		for i := range v {
			v[i] = withoutDefaults(v[i])
		}
	}
	return value
}

// compatibilityDocument says what matches docker compose, and what does not.
const compatibilityDocument = "../../docs/compatibility.md"

// documentAnchors are the anchors of the headings of a document, as GitHub makes
// them.
func documentAnchors(t *testing.T, path string) []string {
	t.Helper()
	text, err := os.ReadFile(path) //nolint:gosec // a file of this repository
	if err != nil {
		t.Fatal(err)
	}
	var anchors []string
	for _, heading := range regexp.MustCompile(`(?m)^#+ (.*)$`).FindAllStringSubmatch(string(text), -1) {
		anchor := regexp.MustCompile(`[^a-z0-9 -]`).ReplaceAllString(strings.ToLower(heading[1]), "")
		anchors = append(anchors, strings.ReplaceAll(anchor, " ", "-"))
	}
	return anchors
}
