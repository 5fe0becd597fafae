package project_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gocompose/gocompose/project"
)

// TestHashOfWhatIsSet compares hashes with those on containers that
// docker-compose 2.40.3 made: it hashes what providers and models set, and what
// use_api_socket comes to.
func TestHashOfWhatIsSet(t *testing.T) {
	p := loadText(t, `
name: vectors
services:
  provided: {image: gocompose-test/busybox, init: true, command: sleep 1000, environment: {MINE: "1"}, depends_on: [my-db]}
  my-db: {provider: {type: cloud}}
  model: {image: gocompose-test/busybox, init: true, command: sleep 1000, models: {my-llm: {endpoint_var: EP, model_var: MV}, emb: }}
  socket: {image: gocompose-test/busybox, init: true, command: sleep 1000, environment: {A: b}, use_api_socket: true}
models: {my-llm: {model: ai/smollm2}, emb: {model: ai/emb}}
`)
	const endpoint = "http://model-runner.docker.internal/engines/v1/"
	set := project.Variables{}
	set.Set("provided", "MY-DB_URL", "http://x:1?a=b")
	model, _ := p.Service("model")
	set.SetModel(model, "my-llm", endpoint, "ai/smollm2")
	set.SetModel(model, "emb", endpoint, "ai/emb")
	whole := p.WithVariables(set).WithAPISocket("/var/run/docker.sock", "s3cret")
	for name, want := range map[string]string{
		"provided": "0d792ee3e35998c55975adf3baf301f066e1a1eeea756ed9ee19ce2866f017d2",
		"model":    "9033a39103cf2a2a275436be158e475436c27ec8c7b4422c3f8dc440dc5c2942",
		"socket":   "34639b0525a73bf7b0e649dea49922692667af065a0258cbe05d35b2640a25e0",
	} {
		before, _ := p.Service(name)
		s, _ := whole.Service(name)
		hash, err := s.ConfigHash(nil)
		if err != nil || hash != want {
			t.Errorf("%s: %s, want %s; error %v", name, hash, want, err)
		}
		if text, _ := json.Marshal(s.ServiceConfig); strings.Contains(string(text), "s3cret") {
			t.Errorf("%s holds the credentials: %s", name, text)
		}
		if hash, _ := before.ConfigHash(nil); hash == want {
			t.Errorf("%s was changed in the project that it came from", name)
		}
	}
}

// loadText loads a project from one file.
func loadText(t *testing.T, compose string) *project.Project {
	t.Helper()
	file := filepath.Join(t.TempDir(), "compose.yaml")
	if err := os.WriteFile(file, []byte(compose), 0o600); err != nil {
		t.Fatal(err)
	}
	p, ds := project.Load(t.Context(), project.Options{Files: []string{file}})
	if p == nil {
		t.Fatal(ds.Err())
	}
	return p
}
