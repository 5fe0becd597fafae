package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/gocompose/gocompose/project"
)

const runnable = `
name: able
services:
  web:
    image: app:1
    command: [serve, --flag]
    entrypoint: [/start]
    container_name: fixed
    restart: always
    deploy: {replicas: 1, restart_policy: {condition: any}}
    environment: {A: "1", KEPT: "2"}
    user: "1000"
    working_dir: /tmp
    cap_add: [NET_ADMIN]
    cap_drop: [CHOWN]
    labels: {x: y}
    ports: ["8080:80"]
    expose: ["81"]
    networks: {front: {aliases: [www], priority: 5}, default: {}}
    volumes: ["data:/data", /anonymous]
    healthcheck: {test: "true"}
    depends_on: [db]
  db: {image: app:1}
  linked: {image: app:1, links: ["db:store"], stdin_open: true, tty: true}
  shares: {image: app:1, network_mode: "service:db", volumes_from: [db], ipc: "service:db"}
  tool: {image: app:1, profiles: [tools], scale: 0}
networks: {front: {}, back: {}}
volumes: {data: {}}
`

// TestRunAsDockerCompose compares what both programs ask for when they run a
// one-off container.
func TestRunAsDockerCompose(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"1.43", "1.51"} { // before and after a container could be created on several networks
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir() // of both: labels and relative paths show it
			if err := os.WriteFile(filepath.Join(dir, "run.env"), []byte("FROM_FILE=1\nA=file\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			for _, line := range []string{
				"run -d --name once web", "run -d --name once web echo a -d", "run -d --rm --name once web",
				"run -d --name once -e A=9 -e NEW=x -e PASSED -e UNSET -e KEPT web",
				"run -d --name once --env-from-file run.env web", "run -d --name once --env-from-file run.env -e A=flag web",
				"run -d --name once -u root -w / -l l=v -l x=z web",
				"run -d --name once --cap-add CHOWN --cap-drop NET_ADMIN --cap-add SYS_TIME web",
				"run -d --name once -p 9000:90 -p 127.0.0.1:7000-7001:70-71/udp -p 66 web", "run -d --name once -P web",
				"run -d --name once -v ./sub:/sub -v /abs:/abs:ro -v data:/second -v undeclared:/third -v /fourth web",
				"run -d --name once -v /over:/data web", "run -d --name once --use-aliases web",
				"run -d --name once --entrypoint echo web", "run -d --name once --entrypoint sh\u00a0-c web exit",
				"run -d --name once --entrypoint= web", "run -d --name once -i=false web", "run -d --name once -T web",
				"run -d --name once --no-deps web", "run -d --name once linked", "run -d --name once shares", "run -d --name once tool",
			} {
				args := strings.Fields(line)
				for i := range args {
					args[i] = strings.ReplaceAll(args[i], "\u00a0", " ")
				}
				theirs, ours := newPairOf(t, version, runnable), newPairOf(t, version, runnable)
				for _, p := range []*pair{theirs, ours} {
					p.dir = dir
					p.write(t, runnable)
					p.env = append(p.env, "PWD="+dir, "PASSED=on")
				}
				their, our := theirs.ran(t, theirs.oracle, args), ours.ran(t, ours.self(t), args)
				if diff := gocmp.Diff(their, our); diff != "" {
					t.Errorf("%s\n%s", line, diff)
				}
			}
		})
	}
}

// ran is what became of a command line that runs a container with the name
// once, on an engine that has seen no other: output, status, and what was asked
// for to make it.
func (p *pair) ran(t *testing.T, program string, args []string) map[string]any {
	t.Helper()
	answer := p.ask(t, program, args...)
	made := map[string]any{
		"code": answer.Code,
		"out":  regexp.MustCompile(`[0-9a-f]{64}`).ReplaceAllString(answer.Out, "ID"),
	}
	for _, r := range p.engine.Journal() {
		if !r.Mutating || !strings.HasSuffix(r.String(), " once") && !strings.Contains(string(r.Body), `"once"`) {
			continue
		}
		var body any
		if len(r.Body) > 0 {
			if err := json.Unmarshal(r.Body, &body); err != nil {
				t.Fatal(err)
			}
		}
		made[r.String()] = p.unnamed(t, canonical(body))
	}
	return made
}

// unnamed puts names in the place of container IDs, which differ from one engine
// to another.
func (p *pair) unnamed(t *testing.T, value any) string {
	t.Helper()
	text := fmt.Sprint(value)
	text = regexp.MustCompile(`\b(able-db-1:)?(able-)?db--1\b ?`).ReplaceAllString(text, "") // a number that is none
	return regexp.MustCompile(`[0-9a-f]{64}|[0-9a-f]{12}`).ReplaceAllString(text, "ID")
}

// canonical leaves out what says who asks and when, and sorts lists whose order
// docker-compose takes from maps.
func canonical(value any) any {
	switch v := value.(type) {
	case map[string]any:
		for _, label := range []string{
			project.LabelFields, project.LabelVersion, project.LabelSlug,
			project.LabelConfigHash, // nobody reads that of a one-off container
		} {
			delete(v, label)
		}
		for key := range v {
			v[key] = canonical(v[key])
			if list, ok := v[key].([]any); v[key] == nil || ok && len(list) == 0 && key != "Entrypoint" && key != "Cmd" {
				delete(v, key)
			}
		}
	case []any:
		slices.SortFunc(v, func(a, b any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	}
	return value
}
