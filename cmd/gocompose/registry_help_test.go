package main

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/docker/docker/api/types/image"
)

// Who may use the registries of tests. The second is what htpasswd -B makes of the
// password.
const (
	registryUser     = "tester"
	registryPassword = "open sesame"
	registryEntry    = "tester:$2b$05$hnNMlryGac27nJsPYBMy1.MG/zPlLlT.gY8pNPn8rBp0Hlz5dVH76"
)

// registryServer is Debian's docker-registry, with an empty store.
type registryServer struct {
	address  string // to listen at; port 0 is any
	security string // more of its configuration, one line
	// network runs the program in another network; nil runs it here.
	network []string
}

// registryProgram is the registry, or the test is skipped.
func registryProgram(t *testing.T) string {
	t.Helper()
	program := os.Getenv("GOCOMPOSE_TEST_REGISTRY")
	if program == "" {
		t.Skip("GOCOMPOSE_TEST_REGISTRY does not name a registry")
	}
	return program
}

// start runs the registry until the test ends, and returns its address.
func (s registryServer) start(t *testing.T) string {
	t.Helper()
	program := registryProgram(t)
	dir := t.TempDir()
	users, config := filepath.Join(dir, "htpasswd"), filepath.Join(dir, "registry.yml")
	text := fmt.Sprintf("version: 0.1\nlog: {level: info, accesslog: {disabled: true}}\nstorage: {filesystem: {rootdirectory: %q}}\n", filepath.Join(dir, "store")) +
		fmt.Sprintf("http: {addr: %q, headers: {}, %s}\n", s.address, s.security)
	if s.security != openToAll {
		text += fmt.Sprintf("auth: {htpasswd: {realm: test, path: %q}}\n", users)
	}
	for path, content := range map[string]string{users: registryEntry + "\n", config: text} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	line := append(append([]string{}, s.network...), program, "serve", config)
	command := exec.Command(line[0], line[1:]...)
	output, err := command.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait()
	})
	listening := regexp.MustCompile(`listening on ([0-9.]+:\d+)`)
	var said []string
	lines := bufio.NewScanner(output)
	for lines.Scan() {
		said = append(said, lines.Text())
		if m := listening.FindStringSubmatch(lines.Text()); m != nil {
			go func() {
				for lines.Scan() { // it is not to block on what it says
				}
			}()
			return m[1]
		}
	}
	t.Fatalf("the registry did not start:\n%s", strings.Join(said, "\n"))
	return ""
}

// openToAll is the security of a registry that asks for no password.
const openToAll = "secret: open"

// logIn leaves credentials where docker login does.
func (r *realPlace) logIn(t *testing.T, address, password string) {
	t.Helper()
	auth := base64.StdEncoding.EncodeToString([]byte(registryUser + ":" + password))
	dir := filepath.Join(r.dir, ".docker")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	text := fmt.Sprintf(`{"auths": {%q: {"auth": %q}}}`, address, auth)
	if err := os.WriteFile(filepath.Join(dir, "config.json"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// fails runs a command line that must fail, within a minute, and returns what it
// says.
func (r *realPlace) fails(t *testing.T, args ...string) string {
	t.Helper()
	command := r.command(t, args...)
	timer := time.AfterFunc(time.Minute, func() { _ = command.Process.Kill() })
	defer timer.Stop()
	out, err := command.CombinedOutput()
	if err == nil || command.ProcessState.ExitCode() != exitFailure {
		t.Errorf("gocompose %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

func (r *realPlace) hasImage(t *testing.T, ref string) bool {
	t.Helper()
	_, err := r.api.ImageInspect(t.Context(), ref)
	return err == nil
}

func (r *realPlace) removeImage(t *testing.T, ref string) {
	t.Helper()
	if _, err := r.api.ImageRemove(t.Context(), ref, image.RemoveOptions{PruneChildren: true}); err != nil {
		t.Fatal(err)
	}
}
