package runtime

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/docker/docker/api/types/container"

	"github.com/gocompose/gocompose/internal/enginetest"
)

func TestAttach(t *testing.T) {
	onHost(t, enginetest.Options{}, func(h host) {
		id := h.service("app-web-1", "web", 1, testImage)
		streams, err := AttachableStreams(h.Context(), h.engine, id)
		h.must(err)
		if streams != (Streams{}) {
			t.Errorf("streams %+v", streams)
		}
		var out, failed bytes.Buffer
		code := make(chan int)
		go func() {
			got, err := Attach(h.Context(), h.engine, id, AttachOptions{}, Interaction{Out: &out, Err: &failed})
			if err != nil {
				t.Error(err)
			}
			code <- got
		}()
		synctest.Wait()
		h.must(h.fake.Print("app-web-1", enginetest.Line{Text: "ready"}))
		h.must(h.fake.Print("app-web-1", enginetest.Line{Text: "oops", Stderr: true}))
		h.must(h.fake.Exit("app-web-1", 4))
		if got := <-code; got != 4 || out.String() != "ready\n" || failed.String() != "oops\n" {
			t.Errorf("status %d, %q and %q", got, out.String(), failed.String())
		}
		if _, err := AttachableStreams(h.Context(), h.engine, id); err == nil || !strings.Contains(err.Error(), "stopped container") {
			t.Errorf("of a stopped container: %v", err)
		}
	})
}

// TestAttachToTerminal looks at the sizes that a terminal of a container gets:
// the first must differ from the user's, or a shell shows no prompt.
func TestAttachToTerminal(t *testing.T) {
	onHost(t, enginetest.Options{}, func(h host) {
		id := h.create("app-web-1", nil, func(c *container.Config, _ *container.HostConfig) { c.Tty, c.OpenStdin = true, true })
		h.must(h.engine.API().ContainerStart(h.Context(), id, container.StartOptions{}))
		input := make(leaving)
		ended := make(chan error)
		go func() {
			code, err := Attach(h.Context(), h.engine, id, AttachOptions{DetachKeys: "ctrl-a"}, Interaction{
				In: input, Out: new(bytes.Buffer), TTY: true, Size: func() (int, int) { return 80, 24 },
			})
			if code != 0 {
				t.Errorf("status %d", code)
			}
			ended <- err
		}()
		synctest.Wait()
		close(input)
		h.must(<-ended)
		var sizes []string
		for _, r := range h.fake.Journal() {
			switch r.Op {
			case "ContainerResize":
				sizes = append(sizes, r.Query.Get("w")+"x"+r.Query.Get("h"))
			case "ContainerAttach":
				if got := r.Query.Get("detachKeys"); got != "ctrl-a" {
					t.Errorf("the engine looks for %q", got)
				}
			}
		}
		if got := strings.Join(sizes, " "); got != "81x25 80x24" {
			t.Errorf("sizes %s", got)
		}
	})
}

// leaving is input of a user who says nothing, and leaves once it is closed.
type leaving chan struct{}

func (l leaving) Read([]byte) (int, error) {
	<-l
	return 0, errors.Join(ErrDetached)
}
