package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

// logged is a compose file whose services and helpers write what they do into
// the file log of the project's directory.
type logged struct {
	compose string
	lines   []string          // command lines, one after the other
	plugins map[string]string // shell scripts that are docker's plugins, by name
	// unordered logs are compared without regard to the order of their lines.
	unordered bool
}

// compare runs the lines with docker-compose and with gocompose, each in a
// project of its own, and compares exit statuses, errors and the log.
func (l logged) compare(t *testing.T) {
	host, oracle := os.Getenv("GOCOMPOSE_TEST_DOCKER_HOST"), os.Getenv(oracleVariable)
	if host == "" || oracle == "" {
		t.Skipf("GOCOMPOSE_TEST_DOCKER_HOST or %s is not set", oracleVariable)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var story [2][]any
	var running sync.WaitGroup
	for i, program := range []string{oracle, self} {
		p := l.prepare(t, host, oracle)
		running.Go(func() {
			for _, line := range l.lines {
				story[i] = append(story[i], append([]any{line}, l.run(t, p, program, line)...))
			}
		})
	}
	running.Wait()
	if diff := gocmp.Diff(story[0], story[1]); diff != "" {
		t.Error(diff)
	}
}

func (l logged) prepare(t *testing.T, host, oracle string) *pair {
	t.Helper()
	r := newRealPlace(t, host)
	r.write(t, l.compose)
	dir := filepath.Join(r.dir, ".docker", "cli-plugins")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	credentials := []byte(`{"auths": {"reg.example.com": {"auth": "bWU6cHc="}}}`)
	if err := os.WriteFile(filepath.Join(r.dir, ".docker", "config.json"), credentials, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, script := range l.plugins {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+pluginMetadata+script), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(r.dir, "fails.env"), []byte("STATUS=3\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return &pair{place: r.place, oracle: oracle}
}

// pluginMetadata is how a plugin tells docker that it is one.
const pluginMetadata = `
if [ "$1" = docker-cli-plugin-metadata ]; then echo '{"SchemaVersion":"0.1.0","Vendor":"us","Version":"v1"}'; exit; fi
`

// run returns the exit status, the last line on standard error where it failed,
// and what the log has become.
func (l logged) run(t *testing.T, p *pair, program, line string) []any {
	t.Helper()
	log := filepath.Join(p.dir, "log")
	if err := errors.Join(os.WriteFile(log, nil, 0o666), os.Chmod(log, 0o666)); err != nil { // whatever the umask
		t.Error(err)
	}
	a := p.ask(t, program, strings.Fields(line)...)
	said := ""
	if a.Code != 0 {
		for text := range strings.Lines(withoutHints(a.Err)) {
			if !strings.HasPrefix(text, " ") {
				said = text
			}
		}
	}
	done, err := os.ReadFile(log)
	if err != nil {
		t.Error(err)
	}
	text := strings.ReplaceAll(string(done), p.project(), "PROJECT")
	if l.unordered {
		text = sortedLines(text)
	}
	return []any{a.Code, said, text}
}

// project is the name of the project under test.
func (p *pair) project() string {
	for _, setting := range p.env {
		if name, ok := strings.CutPrefix(setting, "COMPOSE_PROJECT_NAME="); ok {
			return name
		}
	}
	return ""
}

// TestHooksAsDockerCompose has hooks write down that they run, with their user,
// directory and environment, by the commands that run them.
func TestHooksAsDockerCompose(t *testing.T) {
	logged{
		compose: `
services:
  db:
    image: gocompose-test/busybox
    command: [sh, -c, 'echo up >> /project/log; exec sleep 1000']
    stop_signal: KILL
    scale: ${SCALE:-1}
    volumes: [".:/project"]
    environment: {OWN: service, ALSO: service}
    post_start:
      - command: [sh, -c, 'sleep 0.3; echo "$$0 $$OWN $$ALSO $$(pwd) $$(id -u)" >> /project/log', one]
        environment: {OWN: hook}
        working_dir: /tmp
        user: "12"
      - command: [sh, -c, 'echo two >> /project/log; exit ${STATUS:-0}']
    pre_stop:
      - command: [sh, -c, 'echo bye >> /project/log; exit ${STATUS:-0}']
  web:
    image: gocompose-test/busybox
    command: [sleep, "1000"]
    stop_signal: KILL
    volumes: [".:/project"]
    depends_on: [db]
    post_start: [{command: [sh, -c, 'echo web >> /project/log']}]
`,
		lines: []string{
			"up -d", "up -d", "restart db", "up -d --force-recreate db", "up -d --no-recreate --scale db=2", "up -d --no-recreate",
			"stop", "start db", "rm -fs db", "down",
			"--env-file fails.env up -d", "--env-file fails.env stop db", "--env-file fails.env down", "kill",
		},
	}.compare(t)
}

// TestHelpersAsDockerCompose has a provider and the model plugin write down how
// they are called, and containers what variables and credentials they got.
func TestHelpersAsDockerCompose(t *testing.T) {
	logged{
		compose: `
services:
  web:
    image: gocompose-test/busybox
    command: [sleep, "1000"]
    stop_signal: KILL
    volumes: [".:/project"]
    environment: {LLM_URL: mine}
    depends_on: [db]
    models: [llm]
    post_start: [{command: [sh, -c, 'env | grep -E "^(DB|LLM)" | sort >> /project/log']}]
  socket:
    image: gocompose-test/busybox
    command: [sleep, "1000"]
    stop_signal: KILL
    volumes: [".:/project"]
    use_api_socket: true
    post_start: [{command: [sh, -c, 'echo "$$(ls -l $$DOCKER_CONFIG/config.json | cut -c 1-34) $$(tr -d "\n" < $$DOCKER_CONFIG/config.json)" $$(stat -c %F /var/run/docker.sock) >> /project/log']}]
  db: {provider: {type: cloud, options: {size: [1, 2]}}}
models:
  llm: {model: ai/llm, context_size: 8, runtime_flags: [-x]}
`,
		plugins: map[string]string{
			"docker-cloud": `
[ "$*" = "compose metadata" ] || echo "$COMPOSE_PROJECT_NAME $*" >> log
case $* in *" up "*) echo '{"type":"setenv","message":"URL=http://db?a=b"}';; esac
`,
			"docker-model": `
[ "$1" = status ] && echo '{"endpoint":"http://models"}' || echo "$*" >> log
`,
		},
		lines:     []string{"create", "up -d", "up -d", "stop", "start", "restart", "rm -fs", "down"},
		unordered: true, // of providers and models there is none
	}.compare(t)
}
