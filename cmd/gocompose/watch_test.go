package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	cerrdefs "github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/pkg/stdcopy"
)

const watchedFile = `
services:
  web:
    image: gocompose-test/busybox
    command: [sh, -c, "trap 'exit 0' TERM; date +%N > /started; while :; do sleep 0.1; done"]
    stop_grace_period: 1s
    scale: 2
    develop:
      watch:
        - {path: src, action: sync, target: /app, ignore: [skipped/]}
        - {path: conf, action: sync+restart, target: /conf}
        - {path: code, action: sync+exec, target: /code, exec: {command: [touch, /reloaded]}}
  bare:
    image: gocompose-test/sleep
    user: "1234:5678"
    develop: {watch: [{path: src, action: sync, target: /app}]}
`

// saidOutput collects what a process shows.
type saidOutput struct {
	mu   sync.Mutex
	text strings.Builder
}

func (s *saidOutput) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

func (s *saidOutput) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// watchPlace is a watch under way in a project on a real engine.
type watchPlace struct {
	*realPlace
	*testing.T
	output saidOutput
}

// comes waits for something that the watch brings about.
func (w *watchPlace) comes(what string, done func() bool) {
	w.Helper()
	for deadline := time.Now().Add(60 * time.Second); !done(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			w.Fatalf("%s did not come to be:\n%s", what, &w.output)
		}
	}
}

// reads waits until a command in a container of web prints this.
func (w *watchPlace) reads(index int, want string, command ...string) {
	w.Helper()
	name := fmt.Sprintf("%s-web-%d", w.name, index)
	w.comes(fmt.Sprintf("%q of %v in %s", want, command, name), func() bool { return w.ask(name, command) == want })
}

// ask runs a command in a container, and is empty where that cannot be.
func (w *watchPlace) ask(name string, command []string) string {
	created, err := w.api.ContainerExecCreate(w.Context(), name, container.ExecOptions{Cmd: command, AttachStdout: true})
	if err != nil {
		return ""
	}
	running, err := w.api.ContainerExecAttach(w.Context(), created.ID, container.ExecAttachOptions{})
	if err != nil {
		return ""
	}
	defer running.Close()
	var output bytes.Buffer
	if _, err := stdcopy.StdCopy(&output, io.Discard, running.Reader); err != nil {
		return ""
	}
	return strings.TrimSpace(output.String())
}

func (w *watchPlace) path(name string) string { return filepath.Join(w.dir, name) }

func (w *watchPlace) write(path, content string) {
	w.Helper()
	path = w.path(path)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		w.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		w.Fatal(err)
	}
}

// start runs gocompose until interrupt is called.
func (w *watchPlace) start(args ...string) (interrupt func()) {
	w.Helper()
	command := w.command(w.T, args...)
	command.Stdout, command.Stderr = &w.output, &w.output
	if err := command.Start(); err != nil {
		w.Fatal(err)
	}
	ended := sync.OnceValue(command.Wait)
	w.Cleanup(func() {
		_ = command.Process.Kill()
		_ = ended() // the status says it
	})
	return func() {
		w.Helper()
		if err := command.Process.Signal(syscall.SIGINT); err != nil {
			w.Fatal(err)
		}
		if err := ended(); command.ProcessState.ExitCode() != exitInterrupted {
			w.Errorf("%v:\n%s", err, &w.output)
		}
	}
}

func (w *watchPlace) says(text string) {
	w.Helper()
	w.comes(text, func() bool { return strings.Contains(w.output.String(), text) })
}

// TestWatchOnEngines edits files, and has containers restart, be killed and be
// replaced meanwhile.
func TestWatchOnEngines(t *testing.T) {
	onEngines(t, func(t *testing.T, r *realPlace) {
		w := &watchPlace{realPlace: r, T: t}
		w.write("compose.yaml", watchedFile)
		for _, path := range []string{"src/old", "src/dir/sub/x", "conf/a", "code/a"} {
			w.write(path, "old")
		}
		interrupt := w.start("watch")
		w.says("Watch enabled")

		w.write("src/new", "1")
		w.write("src/skipped/x", "1")
		w.write("src/dir/sub/y", "2")
		for i := 1; i <= 2; i++ {
			w.reads(i, "1", "cat", "/app/new")
			w.reads(i, "2", "cat", "/app/dir/sub/y")
			w.reads(i, "no", "sh", "-c", "test -e /app/skipped || echo no")
		}
		bare, err := r.api.ContainerStatPath(t.Context(), r.name+"-bare-1", "/app/new")
		if err != nil || bare.Size != 1 {
			t.Errorf("%+v, %v", bare, err)
		}
		if err := os.Rename(w.path("src/dir"), w.path("src/moved")); err != nil {
			t.Fatal(err)
		}
		w.reads(2, "2", "cat", "/app/moved/sub/y")
		w.reads(2, "no", "sh", "-c", "test -e /app/dir || echo no")
		w.says("it cannot be removed, as the image has no command rm")

		w.write("conf/b", "3")
		w.reads(1, "3", "cat", "/conf/b")
		w.says(`service(s) ["web"] restarted`)
		w.write("code/b", "4")
		w.reads(1, "/reloaded", "ls", "/reloaded")

		r.must(t, "kill", "web")
		w.write("src/meanwhile", "5")
		if err := os.Remove(w.path("src/new")); err != nil {
			t.Fatal(err)
		}
		r.must(t, "start", "web")
		w.reads(1, "5", "cat", "/app/meanwhile")
		w.reads(1, "no", "sh", "-c", "test -e /app/new || echo no")

		r.must(t, "up", "-d", "--force-recreate", "web")
		w.reads(2, "5", "cat", "/app/meanwhile")
		w.reads(2, "3", "cat", "/conf/b")

		interrupt()
	})
}

// TestWatchRebuildsOnEngines has an image built anew, also after a build that failed,
// and the one before removed.
func TestWatchRebuildsOnEngines(t *testing.T) {
	onEngines(t, func(t *testing.T, r *realPlace) {
		w := &watchPlace{realPlace: r, T: t}
		dockerfile := "FROM gocompose-test/busybox\nCOPY file /file\nCMD [\"sleep\", \"1000\"]\n"
		w.write("compose.yaml", "services: {web: {build: web, stop_grace_period: 1s, develop: {watch: [{path: web, action: rebuild}]}}}")
		w.write("web/Dockerfile", dockerfile)
		w.write("web/file", "1")
		interrupt := w.start("watch", "--quiet")
		w.says("Watch enabled")
		w.reads(1, "1", "cat", "/file")
		first, err := r.api.ImageInspect(t.Context(), r.name+"-web")
		if err != nil {
			t.Fatal(err)
		}
		w.write("web/file", "2")
		w.reads(1, "2", "cat", "/file")
		w.comes("the end of the first image", func() bool {
			_, err := r.api.ImageInspect(t.Context(), first.ID)
			return cerrdefs.IsNotFound(err)
		})
		w.says(`service(s) ["web"] successfully built`)
		w.write("web/Dockerfile", "FORM nothing")
		w.says("Build failed. Error: ")
		w.reads(1, "2", "cat", "/file")
		w.write("web/Dockerfile", dockerfile+"ENV V=3\n")
		w.reads(1, "3", "sh", "-c", "echo $V")
		interrupt()
		r.must(t, "down", "--rmi", "local", "-t", "0")
	})
}

// TestWatchManyFilesOnEngines has thousands of files change at once.
func TestWatchManyFilesOnEngines(t *testing.T) {
	onEngines(t, func(t *testing.T, r *realPlace) {
		const many = 10_000
		w := &watchPlace{realPlace: r, T: t}
		w.write("compose.yaml", watchedFile)
		for _, path := range []string{"src/old", "conf/a", "code/a"} {
			w.write(path, "old")
		}
		interrupt := w.start("up", "--watch", "web")
		w.says("⦿ Watch enabled")
		for i := range many {
			w.write(fmt.Sprintf("src/d%d/f%d", i%100, i), "x")
		}
		count := []string{"sh", "-c", "find /app -type f | wc -l"}
		w.reads(1, fmt.Sprint(many), count...)
		w.reads(2, fmt.Sprint(many), count...)
		if err := os.RemoveAll(filepath.Join(r.dir, "src")); err != nil {
			t.Fatal(err)
		}
		w.reads(1, "0", count...)
		interrupt()
		if strings.Contains(w.output.String(), "warning") {
			t.Error(&w.output)
		}
	})
}
