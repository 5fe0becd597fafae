package engine_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/client"

	"github.com/gocompose/gocompose/internal/engine"
)

// TestKinds reads testdata/errors.txt: a kind, what it names, and the engine's
// words in releases from 20.10 to 28.5. The texts travel through a real server
// and client.
func TestKinds(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("testdata", "errors.txt"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		fields := strings.SplitN(line, " | ", 4)
		if len(fields) != 4 {
			t.Fatalf("line %q has %d fields", line, len(fields))
		}
		status, err := strconv.Atoi(fields[0])
		if err != nil {
			t.Fatal(err)
		}
		t.Run(fields[1]+"/"+fields[3], func(t *testing.T) {
			var e *engine.Error
			if !errors.As(engine.Classify(answered(t, status, fields[3])), &e) {
				t.Fatal("it is not classified")
			}
			if got := string(e.Kind); got != fields[1] {
				t.Errorf("kind %q, want %q", got, fields[1])
			}
			if named := strings.TrimSpace(e.Name + " " + e.By); named != strings.Trim(fields[2], "-") {
				t.Errorf("names %q, want %q", named, fields[2])
			}
			if !strings.HasPrefix(e.Error(), fields[3]) {
				t.Errorf("text %q does not begin with the engine's", e.Error())
			}
		})
	}
}

// answered is the client's error for an answer of the engine.
func answered(t *testing.T, status int, message string) error {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = fmt.Fprintf(w, `{"message":%q}`, message)
	}))
	defer server.Close()
	api, err := client.NewClientWithOpts(client.WithHost("tcp://" + server.Listener.Addr().String()))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = api.Close() }()
	return api.ContainerStart(t.Context(), "web", container.StartOptions{})
}

func TestTransportErrors(t *testing.T) {
	refused := &net.OpError{Op: "dial", Net: "unix", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
	for _, test := range []struct {
		err  error
		want engine.Kind
	}{
		{fmt.Errorf("error during connect: %w", io.EOF), engine.Gone},
		{io.ErrUnexpectedEOF, engine.Gone},
		{&net.OpError{Op: "read", Net: "unix", Err: os.NewSyscallError("read", syscall.ECONNRESET)}, engine.Gone},
		{&net.OpError{Op: "write", Net: "unix", Err: os.NewSyscallError("write", syscall.EPIPE)}, engine.Gone},
	} {
		if got := engine.KindOf(test.err); got != test.want {
			t.Errorf("%v: kind %q, want %q", test.err, got, test.want)
		}
	}
	if got := engine.KindOf(requestOver(t, refused)); got != engine.Unreachable {
		t.Errorf("connection refused: kind %q", got)
	}
	denied := &net.OpError{Op: "dial", Net: "unix", Err: os.NewSyscallError("connect", fs.ErrPermission)}
	if got := engine.KindOf(requestOver(t, denied)); got != engine.PermissionDenied {
		t.Errorf("permission denied: kind %q", got)
	}
}

// requestOver is the client's error where dialing fails with err.
func requestOver(t *testing.T, err error) error {
	t.Helper()
	api, newErr := client.NewClientWithOpts(
		client.WithHost("unix:///var/run/none.sock"),
		client.WithDialContext(func(context.Context, string, string) (net.Conn, error) { return nil, err }),
	)
	if newErr != nil {
		t.Fatal(newErr)
	}
	return api.ContainerStart(t.Context(), "web", container.StartOptions{})
}

func TestContextErrorsStayWhatTheyAre(t *testing.T) {
	for _, err := range []error{nil, context.Canceled, fmt.Errorf("waiting: %w", context.DeadlineExceeded)} {
		if got := engine.Classify(err); got != err { //nolint:errorlint // the very same
			t.Errorf("%v became %v", err, got)
		}
	}
}

func TestClassifyOnceKeepsTheCause(t *testing.T) {
	cause := fmt.Errorf("writing: %w", errors.New("no space left on device"))
	once := engine.Classify(cause)
	if twice := engine.Classify(fmt.Errorf("step: %w", once)); engine.KindOf(twice) != engine.NoSpace || !errors.Is(twice, cause) {
		t.Errorf("kind %q, cause kept %v", engine.KindOf(twice), errors.Is(twice, cause))
	}
}

func TestEveryKindSaysWhatToDo(t *testing.T) {
	silent := map[engine.Kind]bool{
		engine.NotFound: true, engine.Conflict: true, // the engine's words say it
		engine.NotRunning: true, engine.RemovalInProgress: true, engine.NotConnected: true, // handled
	}
	for _, kind := range kindsIn(t) {
		e := &engine.Error{Kind: kind, Name: "x", Err: errors.New("the engine's words")}
		if hint := e.Hint(); (hint == "") != silent[kind] {
			t.Errorf("kind %s: hint %q", kind, hint)
		}
	}
}

// kindsIn lists the kinds that errors.txt has examples of.
func kindsIn(t *testing.T) []engine.Kind {
	data, err := os.ReadFile(filepath.Join("testdata", "errors.txt"))
	if err != nil {
		t.Fatal(err)
	}
	kinds := []engine.Kind{engine.Unreachable, engine.Gone, engine.PermissionDenied, engine.TooOld}
	for line := range strings.Lines(string(data)) {
		if fields := strings.SplitN(line, " | ", 4); len(fields) == 4 && !strings.HasPrefix(line, "#") {
			kinds = append(kinds, engine.Kind(fields[1]))
		}
	}
	return kinds
}
