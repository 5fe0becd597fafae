package main

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/docker/docker/api/types/image"
	gocmp "github.com/google/go-cmp/cmp"
)

// stand is a stack on a real engine that docker-compose has brought up and that
// both programs are asked about.
const stand = `
services:
  web:
    image: gocompose-test/sleep
    scale: 2
    ports: ["80", "53/udp"]
    volumes: [data:/data, /anonymous]
  db:
    image: gocompose-test/busybox
    command: ["sleep", "1000"]
    stop_signal: KILL
    volumes: [store:/data]
  off: {image: gocompose-test/sleep}
  never: {image: gocompose-test/sleep, scale: 0}
  other: {image: gocompose-test/sleep, profiles: [x]}
volumes:
  data:
  store:
  unused:
`

// onPairs runs a test with both programs and a project of their own on each real
// engine.
func onPairs(t *testing.T, test func(*testing.T, *realPlace, *pair)) {
	onEngines(t, func(t *testing.T, r *realPlace) {
		oracle := os.Getenv(oracleVariable)
		if oracle == "" {
			t.Skipf("%s does not name docker-compose 2.40.3", oracleVariable)
		}
		test(t, r, &pair{place: r.place, oracle: oracle})
	})
}

// TestStandOnEngines compares what both programs say and do on each real engine
// with the stack up; the service off has stopped. To bring it up and down takes
// an engine longer than most of the tests, so they share it.
func TestStandOnEngines(t *testing.T) {
	onPairs(t, func(t *testing.T, r *realPlace, p *pair) {
		r.write(t, stand)
		p.must(t, "up -d", "stop -t 0 off")
		for _, test := range []struct {
			name string
			run  func(*testing.T, *realPlace, *pair)
		}{
			{"looks", looksAsDockerCompose},
			{"stats", statsAsDockerCompose},
			{"exports", exportsAsDockerCompose},
			{"commits", commitsAsDockerCompose},
			{"events", eventsAsDockerCompose}, // it changes the stack
		} {
			t.Run(test.name, func(t *testing.T) { test.run(t, r, p) })
		}
	})
}

// must has docker-compose run lines that have to succeed.
func (p *pair) must(t *testing.T, lines ...string) {
	t.Helper()
	for _, line := range lines {
		if a := p.ask(t, p.oracle, strings.Fields(line)...); a.Code != 0 {
			t.Fatal(a.Err)
		}
	}
}

// compare asks both programs and reports what differs after it was adapted.
func (p *pair) compare(t *testing.T, line string, adapt func(*answer)) {
	t.Helper()
	theirs, ours := p.both(t, strings.Fields(line)...)
	for _, a := range []*answer{&theirs, &ours} {
		a.Err = withoutHints(a.Err)
		if adapt != nil {
			adapt(a)
		}
	}
	if diff := gocmp.Diff(theirs, ours); diff != "" {
		t.Errorf("%s\n%s", line, diff)
	}
}

// withoutHints leaves out what only gocompose says.
func withoutHints(text string) string {
	return regexp.MustCompile(`(?m)^hint: .*\n`).ReplaceAllString(text, "")
}

// elsewhere is the same project without its files, under the variable alone.
func (p *pair) elsewhere(t *testing.T) *pair {
	t.Helper()
	away := *p.place
	away.dir = t.TempDir()
	return &pair{place: &away, oracle: p.oracle}
}

// wordsSorted sorts the words of each line and then the lines, for what
// docker-compose writes in the order of a map.
func wordsSorted(a *answer) {
	for _, text := range []*string{&a.Out, &a.Err} {
		lines := strings.Split(*text, "\n")
		for i, line := range lines {
			words := strings.Fields(strings.NewReplacer(",", " ", `"`, " ", "(", " ", ")", " ").Replace(line))
			slices.Sort(words)
			lines[i] = strings.Join(words, " ")
		}
		slices.Sort(lines)
		*text = strings.Join(lines, "\n")
	}
}

// looksAsDockerCompose compares the commands that only look, on real engines.
func looksAsDockerCompose(t *testing.T, r *realPlace, p *pair) {
	away := p.elsewhere(t)
	for _, look := range looks() {
		lines := look.lines
		if !strings.Contains(t.Name(), "_NEW/") {
			lines = lines[:1] // the engine has little to do with how the rest is told
		}
		for _, line := range lines {
			p.compare(t, line, look.adapt)
		}
		// Other ways to name the project; TestDifferential has them for more lines.
		for _, where := range []string{
			"-p " + r.name, "-p " + r.name + "-none", "-f " + filepath.Join(p.dir, "compose.yaml"), "-f nowhere.yaml",
		} {
			p.compare(t, where+" "+look.lines[0], look.adapt)
		}
		away.compare(t, look.lines[0], look.adapt)
	}
}

// look is a command that only looks, in several lines.
type look struct {
	lines []string
	adapt func(*answer)
}

func looks() []look {
	return []look{
		{lines: []string{
			"port web 80", "port web 53 --protocol udp", "port --protocol UDP web 53", "port --index 2 web 80",
			"port --index 3 web 80", "port --index -1 web 80", "port nope 80", "port off 80", "port never 80",
			"port other 80", "port db 80", "port web 80 90", "port web x", "port web 70000", "port web 80/tcp",
			"port", "port web", "port --index x web 80", "port web 99", "port web 80 --protocol sctp",
		}, adapt: wordsSorted},
		{lines: []string{
			"images", "images web", "images off web", "images nope", "images never", "images --format table", "images -q",
			"images -q --format json", "images --format xml",
		}, adapt: imagesSorted},
		{lines: []string{"top", "top web", "top db off", "top off", "top nope", "top never"}, adapt: withoutLoad},
		{lines: []string{
			"volumes", "volumes -q", "volumes web", "volumes db web", "volumes off", "volumes never",
			"volumes other", "volumes --format raw", "volumes --format json", "volumes --format table", "volumes -q --format {{.Driver}}",
			`volumes --format table{{.Name}}\t{{.Scope}}\t{{.Links}}\t{{.Size}}\t{{.Mountpoint}}\t{{.Labels}}`, "volumes --format {{.Name",
			`volumes --format table{{.Group}}\t{{.Status}}\t{{.Availability}}`, "volumes --format {{.|json}}",
			"volumes -x", "volumes --format",
		}, adapt: wordsSorted},
		{lines: []string{"wait off", "wait nope", "wait never off", "wait --down-project off", "wait"}, adapt: firstOfErr},
		{lines: []string{
			"export", "export nope", "export off", "export never", "export --index 3 web", "export -o /nowhere/x web",
			"export -o /dev/null web",
		}, adapt: firstOfErr},
		{lines: []string{
			"commit", "commit nope", "commit off gctest:1", "commit --index 3 web gctest:1", "commit web UPPER:1", "commit web a b",
			"commit -c FOO web gctest:1", "commit --pause=x web",
		}, adapt: oneBlank},
		{lines: []string{"images --format json", "images --format json db", "images --format json nope"}, adapt: arraySorted},
	}
}

// imagesSorted leaves out ages, which docker-compose gets wrong of images that
// were never tagged.
func imagesSorted(a *answer) {
	a.Out = sortedLines(regexp.MustCompile(`(\d+|About an?) (years|months|weeks|days|hours?) ago`).ReplaceAllString(a.Out, "AGE ago"))
}

// arraySorted sorts the elements of a JSON array, which docker-compose writes in
// the order of a map.
func arraySorted(a *answer) {
	var list []map[string]any
	if json.Unmarshal([]byte(a.Out), &list) != nil {
		return
	}
	slices.SortFunc(list, func(a, b map[string]any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	a.Out = fmt.Sprint(list) + a.Out[strings.LastIndex(a.Out, "]")+1:]
}

// withoutLoad leaves out how busy processes are, which changes from one moment
// to the next.
func withoutLoad(a *answer) {
	a.Out = regexp.MustCompile(`\d+ +(\d\d:\d\d  )`).ReplaceAllString(a.Out, "C $1")
}

// firstOfErr keeps the first line of errors: where operands are missing,
// docker-compose goes on with its help.
func firstOfErr(a *answer) { a.Err = firstLine(a.Err) }

// statsAsDockerCompose compares lists of figures, but for the figures.
func statsAsDockerCompose(t *testing.T, _ *realPlace, p *pair) {
	figure := regexp.MustCompile(`[\d.]+([kMG]i?)?(B|%) *`)
	for _, line := range []string{
		"stats --no-stream -a", "stats --no-stream -a --format json db", "stats --no-stream --format {{.Name",
	} {
		p.compare(t, line, func(a *answer) {
			a.Out = strings.Join(strings.Fields(sortedLines(figure.ReplaceAllString(a.Out, "N$2 "))), " ")
		})
	}
}

// TestWaitOnEngines: both programs wait for a container that ends again and
// again, so that neither can come too late.
func TestWaitOnEngines(t *testing.T) {
	onPairs(t, func(t *testing.T, r *realPlace, p *pair) {
		r.write(t, `
services:
  job: {image: gocompose-test/busybox, command: "sh -c 'sleep 0.2; exit 5'", restart: always}
`)
		for _, line := range []string{"wait job", "wait --down-project job"} {
			var answers []answer
			for _, program := range []string{p.oracle, p.self(t)} {
				if a := p.ask(t, p.oracle, "up", "-d"); a.Code != 0 {
					t.Fatal(a.Err)
				}
				a := p.ask(t, program, strings.Fields(line)...)
				a.Out = regexp.MustCompile("[0-9a-f]{64}").ReplaceAllString(a.Out, "ID")
				a.Err = downLines(a.Err)
				answers = append(answers, a)
			}
			if diff := gocmp.Diff(answers[0], answers[1]); diff != "" || answers[1].Code != 5 {
				t.Errorf("%s\n%s", line, diff)
			}
		}
	})
}

// downLines are what down removes, in an order. Whether something is still to
// be stopped, chance decides.
func downLines(text string) string {
	text = strings.ReplaceAll(text, "  ", " ")
	return sortedLines(regexp.MustCompile(`(?m)^.* Stopp.*\n`).ReplaceAllString(text, ""))
}

// eventsAsDockerCompose compares what both tell of the same past. docker-compose
// ends with an error that is none, see docs/compatibility.md.
func eventsAsDockerCompose(t *testing.T, _ *realPlace, p *pair) {
	since := fmt.Sprint(time.Now().Unix())
	p.must(t, "rm -sf db", "up -d db", "restart -t 0 web", "kill db", "up -d db", "pause web", "unpause web", "exec -T db true", "rm -sf db")
	until := fmt.Sprint(time.Now().Add(time.Second).Unix())
	for _, line := range []string{"events", "events db", "events --json web", "events nope"} {
		args := strings.Fields(line + " --since " + since + " --until " + until)
		theirs, ours := p.both(t, args...)
		if theirs.Err != "EOF\n" || theirs.Code != 1 || ours.Err != "" || ours.Code != 0 {
			t.Errorf("%s: %+v and %+v", line, theirs, ours)
		}
		wordsSorted(&theirs)
		wordsSorted(&ours)
		if diff := gocmp.Diff(theirs.Out, ours.Out); diff != "" {
			t.Errorf("%s\n%s", line, diff)
		}
	}
	p.compare(t, "events --since soon", nil)
	p.compare(t, "events --until soon", nil)
}

// exportsAsDockerCompose: both programs export the same, to standard output and
// to a file. Only gocompose says that it has.
func exportsAsDockerCompose(t *testing.T, r *realPlace, p *pair) {
	digest := func(text string) string { return fmt.Sprintf("%d bytes, %x", len(text), sha256.Sum256([]byte(text))) }
	ended := regexp.MustCompile(`(?m)^.* Exported\n`)
	p.compare(t, "export --index 2 web", func(a *answer) {
		a.Out, a.Err = digest(a.Out), ended.ReplaceAllString(strings.ReplaceAll(a.Err, r.name+"-web-2  ", r.name+"-web-2 "), "")
	})
	var answers []answer
	for _, program := range []string{p.oracle, p.self(t)} { // they write the same file
		a := p.ask(t, program, "export", "-o", "web.tar", "web")
		file := filepath.Join(p.dir, "web.tar")
		content, err := os.ReadFile(file) //nolint:gosec // of the test
		if err := errors.Join(err, os.Remove(file)); err != nil {
			t.Fatal(err)
		}
		a.Out, a.Err = digest(string(content)), ended.ReplaceAllString(withoutHints(a.Err), "")
		answers = append(answers, a)
	}
	if diff := gocmp.Diff(answers[0], answers[1]); diff != "" {
		t.Errorf("export -o\n%s", diff)
	}
}

// oneBlank leaves one of the blanks between a name and a status.
func oneBlank(a *answer) { a.Err = strings.ReplaceAll(a.Err, "  ", " ") }

// commitsAsDockerCompose: both programs make the same image.
func commitsAsDockerCompose(t *testing.T, r *realPlace, p *pair) {
	name := r.name + ":1"
	var images []string
	t.Cleanup(func() {
		for _, id := range images {
			if _, err := r.api.ImageRemove(context.WithoutCancel(t.Context()), id, image.RemoveOptions{Force: true}); err != nil {
				t.Error(err)
			}
		}
	})
	args := []string{"commit", "--index", "2", "-m", "a message", "-a", "somebody", "-c", `CMD ["x", "y"]`, "-c", "ENV a=b", "web", name}
	theirs, ours := p.ask(t, p.oracle, args...), p.ask(t, p.self(t), args...)
	id := regexp.MustCompile(`sha256:[0-9a-f]{64}`)
	var made []string
	for _, a := range []*answer{&theirs, &ours} {
		found := id.FindString(a.Err)
		images = append(images, found)
		inspect, err := r.api.ImageInspect(t.Context(), found)
		if err != nil {
			t.Fatal(err)
		}
		made = append(made, fmt.Sprint(inspect.Author, inspect.Comment, inspect.Config.Cmd, inspect.Config.Env, inspect.Config.Labels))
		a.Err = strings.ReplaceAll(id.ReplaceAllString(a.Err, "ID"), "  ", " ")
	}
	if diff := gocmp.Diff(theirs, ours); diff != "" {
		t.Error(diff)
	}
	if made[0] != made[1] || !strings.Contains(made[1], "somebody") {
		t.Errorf("made\n%s", strings.Join(made, "\n"))
	}
}
