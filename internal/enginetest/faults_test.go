package enginetest_test

import (
	"context"
	"errors"
	"net/http"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	ctypes "github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/events"
	"github.com/docker/docker/client"

	"github.com/gocompose/gocompose/internal/enginetest"
)

// onStart makes an action for start calls only.
func onStart(action enginetest.Action) func(enginetest.Request) enginetest.Action {
	return func(r enginetest.Request) enginetest.Action {
		if r.Op == "ContainerStart" {
			return action
		}
		return enginetest.Action{}
	}
}

func TestFaults(t *testing.T) {
	tests := map[string]struct {
		action enginetest.Action
		state  string // of the container afterwards
		status int    // of the answer, 0 for none
	}{
		"refuse":        {enginetest.Action{Refuse: true}, ctypes.StateCreated, 0},
		"drop answer":   {enginetest.Action{DropAnswer: true}, ctypes.StateRunning, 0},
		"status":        {enginetest.Action{Status: http.StatusInternalServerError, Message: "no space left on device"}, ctypes.StateCreated, 500},
		"hang":          {enginetest.Action{Hang: true}, ctypes.StateCreated, 0},
		"delay":         {enginetest.Action{Delay: time.Second}, ctypes.StateRunning, 204},
		"delay too far": {enginetest.Action{Delay: time.Hour}, ctypes.StateCreated, 0},
		"daemon gone":   {enginetest.Action{Restart: enginetest.RestartKeeping}, ctypes.StateCreated, 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e, c := newEngine(t, enginetest.Options{Images: app()})
				create(t, c, "web", nil)
				e.ResetJournal()
				e.Fault(onStart(test.action))
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				err := c.ContainerStart(ctx, "web", ctypes.StartOptions{})
				if (err == nil) != (test.status == http.StatusNoContent) {
					t.Errorf("start returned %v", err)
				}
				if test.action.Message != "" && !strings.Contains(err.Error(), test.action.Message) {
					t.Errorf("the error %q does not carry the message", err)
				}
				synctest.Wait()
				call := e.Journal()[0]
				if call.String() != "ContainerStart web" || !call.Mutating || call.Status != test.status {
					t.Errorf("journal has %v, mutating %v, status %d", call, call.Mutating, call.Status)
				}
				e.Fault(nil)
				if state := inspect(t, c, "web").State.Status; state != test.state {
					t.Errorf("the container is %s, not %s", state, test.state)
				}
			})
		})
	}
}

// nextEvent waits for an event or the end of the stream.
func nextEvent(stream <-chan events.Message, failed <-chan error) (events.Message, error) {
	select {
	case event := <-stream:
		return event, nil
	case err := <-failed:
		return events.Message{}, err
	}
}

func TestDroppedEventStreams(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, c := newEngine(t, enginetest.Options{Images: app()})
		stream, failed := c.Events(t.Context(), events.ListOptions{})
		create(t, c, "one", nil)
		seen, err := nextEvent(stream, failed)
		if err != nil {
			t.Fatal(err)
		}
		e.DropEventStreams()
		if event, err := nextEvent(stream, failed); err == nil {
			t.Fatalf("the stream goes on with %v", event)
		}
		create(t, c, "two", nil)
		since := time.Unix(0, seen.TimeNano+1).Format(time.RFC3339Nano)
		stream, failed = c.Events(t.Context(), events.ListOptions{Since: since})
		event, err := nextEvent(stream, failed)
		if err != nil {
			t.Fatal(err)
		}
		if event.Action != events.ActionCreate || event.Actor.Attributes["name"] != "two" {
			t.Errorf("since the break came %v", event)
		}
	})
}

func TestDaemonRestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, c := newEngine(t, enginetest.Options{Images: app()})
		create(t, c, "plain", nil)
		_, err := c.ContainerCreate(t.Context(), &ctypes.Config{Image: "app"},
			&ctypes.HostConfig{RestartPolicy: ctypes.RestartPolicy{Name: ctypes.RestartPolicyAlways}}, nil, nil, "always")
		if err != nil {
			t.Fatal(err)
		}
		start(t, c, "plain")
		start(t, c, "always")
		_, failed := c.ContainerWait(t.Context(), "plain", ctypes.WaitConditionNextExit)
		e.RestartDaemon(enginetest.RestartKeeping)
		if err := <-failed; err == nil {
			t.Error("waiting ended without an error")
		}
		if !inspect(t, c, "plain").State.Running {
			t.Error("live-restore did not keep the container running")
		}
		began := inspect(t, c, "always").State.StartedAt
		e.RestartDaemon(enginetest.RestartStopping)
		if state := inspect(t, c, "plain").State; state.Status != ctypes.StateExited {
			t.Errorf("the container without a policy is %s", state.Status)
		}
		if state := inspect(t, c, "always").State; !state.Running || state.StartedAt == began {
			t.Errorf("the container with a policy is %s since %s", state.Status, state.StartedAt)
		}
	})
}

func TestUnreachable(t *testing.T) {
	e, _ := newEngine(t, enginetest.Options{})
	host, err := e.Serve(filepath.Join(t.TempDir(), "engine.sock"))
	if err != nil {
		t.Fatal(err)
	}
	for _, opts := range [][]client.Opt{
		{client.WithHost(host)},
		{client.WithHost("tcp://engine:1"), client.WithDialContext(e.Dial)},
	} {
		c, err := client.NewClientWithOpts(append(opts, client.WithAPIVersionNegotiation())...)
		if err != nil {
			t.Fatal(err)
		}
		ping := func() error { _, err := c.Info(t.Context()); return err }
		if err := ping(); err != nil {
			t.Fatal(err)
		}
		if err := e.SetReachable(false); err != nil {
			t.Fatal(err)
		}
		if err := ping(); !client.IsErrConnectionFailed(err) && !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("unreachable, but the client says %v", err)
		}
		if err := e.SetReachable(true); err != nil {
			t.Fatal(err)
		}
		if err := ping(); err != nil {
			t.Errorf("reachable again, but the client says %v", err)
		}
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestJournalTellsWhatChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, c := newEngine(t, enginetest.Options{Images: app()})
		id := create(t, c, "web", nil)
		start(t, c, id)
		inspect(t, c, id[:12])
		err := c.ContainerStart(t.Context(), "nobody", ctypes.StartOptions{})
		if err == nil || !strings.Contains(err.Error(), "No such container: nobody") {
			t.Errorf("starting nobody: %v", err)
		}
		var calls []string
		for _, call := range e.Journal() {
			calls = append(calls, call.String())
		}
		want := "SystemPingHead|ContainerCreate web|ContainerStart web|ContainerInspect web|ContainerStart nobody"
		if got := strings.Join(calls, "|"); got != want {
			t.Errorf("journal is\n%s, not\n%s", got, want)
		}
		if n := e.MutatingCount(); n != 3 {
			t.Errorf("%d mutating calls, not 3", n)
		}
		if body := string(e.Journal()[1].Body); !strings.Contains(body, `"Image":"app"`) {
			t.Errorf("the body is %q", body)
		}
		e.ResetJournal()
		if n := len(e.Journal()); n != 0 {
			t.Errorf("%d calls after the reset", n)
		}
	})
}
