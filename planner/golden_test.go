package planner_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/gocompose/gocompose/internal/spec"
	"github.com/gocompose/gocompose/planner"
	"github.com/gocompose/gocompose/project"
)

var update = flag.Bool("update", false, "rewrite the expected plans")

// TestGolden plans what each file of testdata describes:
//
//	before.yaml   what was brought up before (optional)
//	do            what happened on the host since, a line each (see happen)
//	compose.yaml  what the files say now
//	run           the command to plan, a line each; each is applied before the next
//	want          the plans: text, then the steps and what each comes after
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no test data", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := golden(t, archive)
			if *update {
				setSection(archive, "want", got)
				if err := os.WriteFile(file, txtar.Format(archive), 0o600); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(section(archive, "want"), got); diff != "" {
				t.Errorf("plan differs (-want +got):\n%s", diff)
			}
		})
	}
}

func golden(t *testing.T, archive *txtar.Archive) string {
	t.Helper()
	m := newModel()
	if before := section(archive, "before.yaml"); before != "" {
		p := load(t, before)
		m.have(p)
		plan, err := planner.Up(p, m.snapshot(), planner.UpOptions{})
		if err != nil {
			t.Fatal(err)
		}
		m.apply(t, p, plan)
	}
	p := load(t, section(archive, "compose.yaml"))
	m.have(p)
	for line := range lines(section(archive, "do")) {
		m.happen(t, p, line)
	}
	var out strings.Builder
	for line := range lines(section(archive, "run")) {
		fmt.Fprintf(&out, "> %s\n", line)
		plan, err := planCommand(p, m.snapshot(), strings.Fields(line))
		if err != nil {
			fmt.Fprintf(&out, "error: %v\n", err)
			continue
		}
		writePlan(t, &out, plan)
		m.apply(t, p, plan)
	}
	return out.String()
}

func writePlan(t *testing.T, out *strings.Builder, plan *planner.Plan) {
	t.Helper()
	if err := planner.WriteText(out, plan); err != nil {
		t.Fatal(err)
	}
	for _, step := range plan.Steps {
		fmt.Fprintf(out, "  %s", step.ID)
		if len(step.After) > 0 {
			fmt.Fprintf(out, " after %s", join(step.After))
		}
		fmt.Fprintln(out)
	}
}

func join(ids []planner.StepID) string {
	parts := make([]string, len(ids))
	for i, id := range ids {
		parts[i] = string(id)
	}
	return strings.Join(parts, ", ")
}

// planCommand reads a command line of the few flags that planning knows.
func planCommand(p *project.Project, s planner.State, words []string) (*planner.Plan, error) {
	up := planner.UpOptions{}
	down := planner.DownOptions{}
	verb := planner.VerbOptions{}
	build := planner.BuildOptions{}
	pull := planner.PullOptions{}
	push := planner.PushOptions{}
	var services []string
	for _, word := range words[1:] {
		name, value, _ := strings.Cut(word, "=")
		switch name {
		case "--force-recreate":
			up.Recreate = planner.RecreateForce
		case "--always-recreate-deps":
			up.RecreateDeps = planner.RecreateForce
		case "--no-recreate":
			up.Recreate, up.RecreateDeps = planner.RecreateNever, planner.RecreateNever
		case "--no-start":
			up.NoStart = true
		case "--no-deps":
			verb.NoDeps = true
		case "--remove-orphans":
			up.RemoveOrphans, down.RemoveOrphans, verb.Orphans = true, true, true
		case "--replace-volumes":
			up.ReplaceVolumes = true
		case "--pull":
			up.Pull = value
		case "--policy":
			pull.Policy = value
		case "--ignore-buildable":
			pull.IgnoreBuildable = true
		case "--ignore-failures":
			pull.IgnoreFailures, push.IgnoreFailures = true, true
		case "--superseded": // REF=CONTENT
			ref, content, _ := strings.Cut(value, "=")
			up.Superseded = append(up.Superseded, planner.Superseded{Ref: ref, Image: planner.Image{ID: contentID(content)}})
		case "--build":
			up.Builds = planner.BuildAlways
		case "--rebuild":
			up.Rebuild = []string{value}
		case "--no-build":
			up.Builds = planner.BuildNever
		case "--push":
			build.Push = true
		case "--built":
			up.Prepared, up.Built = true, true
		case "--prepared":
			up.Prepared = true
		case "--wait":
			up.Wait, verb.Wait = true, true
		case "--wait-timeout":
			d, _ := time.ParseDuration(value)
			up.WaitTimeout, verb.WaitTimeout = d, d
		case "--timeout":
			d, _ := time.ParseDuration(value)
			up.Timeout, down.Timeout, verb.Timeout = &d, &d, &d
		case "-V":
			up.RenewAnonymousVolumes = true
		case "-v":
			down.Volumes, verb.Volumes = true, true
		case "--rmi":
			down.Images = value
		case "--stop":
			verb.Stop = true
		default:
			services = append(services, word)
		}
	}
	up.Services, down.Services, verb.Services, verb.Signal = services, services, services, "SIGKILL"
	build.Services = services
	switch words[0] {
	case "build":
		return planner.Build(p, s, build)
	case "pull":
		return planner.Pull(p, s, pull)
	case "push":
		return planner.Push(p, s, push)
	case "up":
		return planner.Up(p, s, up)
	case "run":
		return planRun(p, s, services[0], up)
	case "down":
		return planner.Down(p, s, down)
	case "stop":
		return planner.Stop(p, s, verb)
	case "start":
		return planner.Start(p, s, verb)
	case "restart":
		return planner.Restart(p, s, verb)
	case "kill":
		return planner.Kill(p, s, verb)
	case "rm":
		return planner.Remove(p, s, verb)
	case "pause":
		return planner.Pause(p, s, verb)
	case "unpause":
		return planner.Unpause(p, s, verb)
	default:
		return nil, fmt.Errorf("unknown command %s", words[0])
	}
}

// planRun plans a one-off container of the service.
func planRun(p *project.Project, s planner.State, service string, up planner.UpOptions) (*planner.Plan, error) {
	name := p.Name() + "-" + service + "-run-0123456789ab"
	p, err := p.WithOneOff(service, project.OneOff{Name: name})
	if err != nil {
		return nil, err
	}
	return planner.Run(p, s, planner.RunOptions{
		Service: service, Name: name, OneOff: planner.OneOff{Slug: strings.Repeat("0123456789ab", 5) + "0123"}, Up: up,
	})
}

// happen changes the host behind the project's back.
func (m *model) happen(t *testing.T, p *project.Project, line string) {
	t.Helper()
	words := strings.Fields(line)
	c := func() *planner.Container {
		i := slices.IndexFunc(m.state.Containers, func(c planner.Container) bool { return c.Name == words[1] })
		if i < 0 {
			t.Fatalf("%s: no container %s", line, words[1])
		}
		return &m.state.Containers[i]
	}
	switch words[0] {
	case "phase": // phase CONTAINER PHASE
		c().Phase = planner.Phase(words[2])
	case "health": // health CONTAINER HEALTH
		c().Health = planner.Health(words[2])
	case "exit": // exit CONTAINER STATUS
		c().Phase = planner.Exited
		c().ExitCode, _ = strconv.Atoi(words[2])
	case "gone": // gone CONTAINER
		m.state.Containers = slices.DeleteFunc(m.state.Containers, func(c planner.Container) bool { return c.Name == words[1] })
	case "disconnect": // disconnect CONTAINER NETWORK
		c().Networks = slices.DeleteFunc(c().Networks, func(a planner.Attachment) bool { return a.Network == words[2] })
	case "hash": // hash CONTAINER: as another version of the rules writes it
		c().Hash = "another"
	case "foreign-hash": // the same, by docker compose: no digests
		c().Hash, c().Digests = "another", nil
	case "image": // image REF CONTENT
		m.setImage(words[1], words[2])
	case "same": // same REF CONTENT: the image has the content of that other one
		image := m.state.Images[words[1]]
		image.Same = append(image.Same, contentID(words[2]))
		m.state.Images[words[1]] = image
	case "tagged": // tagged REF AGE
		image := m.state.Images[words[1]]
		age, _ := time.ParseDuration(words[2])
		image.Tagged = m.epoch.Add(time.Hour - age)
		m.state.Images[words[1]] = image
	case "no-image": // no-image REF
		delete(m.state.Images, words[1])
	case "network": // network NAME: remade by hand, same labels
		for i, n := range m.state.Networks {
			if n.Name == words[1] {
				m.state.Networks[i].ID = m.id("network")
			}
		}
	case "twin": // twin NAME: made once more, by a run that was killed
		n, err := m.network(words[1])
		if err != nil {
			t.Fatal(err)
		}
		n.ID = m.id("network")
		m.state.Networks = slices.Insert(m.state.Networks, 0, n)
	case "move": // move CONTAINER NETWORK: to the twin of that name
		i := slices.IndexFunc(m.state.Networks, func(n planner.Network) bool { return n.Name == words[2] })
		for j, a := range c().Networks {
			if a.Network == words[2] {
				c().Networks[j].ID = m.state.Networks[i].ID
			}
		}
	case "visitor": // visitor CONTAINER NETWORK: of somebody else
		n, err := m.network(words[2])
		if err != nil {
			t.Fatal(err)
		}
		m.state.Containers = append(m.state.Containers, planner.Container{
			ID: m.id(words[1]), Name: words[1], Service: "visitor", Number: 1, Phase: planner.Running, OneOff: true,
			Networks: []planner.Attachment{{Network: n.Name, ID: n.ID}},
		})
	case "api": // api VERSION
		m.state.Features = spec.FeaturesOf(words[1])
	case "external-network": // external-network NAME
		m.state.Networks = append(m.state.Networks, planner.Network{ID: m.id("external"), Name: words[1]})
	case "cut": // cut N: up is interrupted after N steps
		plan, err := planner.Up(p, m.snapshot(), planner.UpOptions{})
		if err != nil {
			t.Fatal(err)
		}
		n, _ := strconv.Atoi(words[1])
		m.applyFirst(t, p, plan, n)
	default:
		t.Fatalf("unknown event %q", line)
	}
}

func load(t testing.TB, yaml string) *project.Project {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "compose.yaml")
	if err := os.WriteFile(file, []byte(yaml), 0o600); err != nil {
		t.Fatal(err)
	}
	p, diagnostics := project.Load(t.Context(), project.Options{Files: []string{file}, Name: "demo"})
	if err := diagnostics.Err(); err != nil {
		t.Fatal(err)
	}
	return p
}

func section(archive *txtar.Archive, name string) string {
	for _, f := range archive.Files {
		if f.Name == name {
			return string(f.Data)
		}
	}
	return ""
}

func setSection(archive *txtar.Archive, name, text string) {
	for i, f := range archive.Files {
		if f.Name == name {
			archive.Files[i].Data = []byte(text)
			return
		}
	}
	archive.Files = append(archive.Files, txtar.File{Name: name, Data: []byte(text)})
}

func lines(text string) func(func(string) bool) {
	return func(yield func(string) bool) {
		for line := range strings.Lines(text) {
			line = strings.TrimSpace(line)
			if line != "" && !strings.HasPrefix(line, "#") && !yield(line) {
				return
			}
		}
	}
}

func TestJSONHasNoNulls(t *testing.T) {
	p := load(t, "services: {web: {image: web}}")
	m := newModel()
	m.have(p)
	plan, err := planner.Up(p, m.snapshot(), planner.UpOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := planner.WriteJSON(&out, plan); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(out.String(), "null") {
		t.Errorf("the plan has nulls:\n%s", out.String())
	}
}
