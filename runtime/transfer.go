package runtime

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/distribution/reference"

	"github.com/gocompose/gocompose/internal/engine"
)

// Transfers that break are tried again, after a second, two and four. Single
// layers the engine itself tries five times, over most of a minute, and keeps those
// that it has: what it has given up is not asked for again.
const (
	transferAttempts = 4
	transferPause    = time.Second
)

// Retrying is the status of an image whose transfer broke and is tried again.
const Retrying = "Retrying"

// EngineRetries tells whether the engine is about to try a layer again.
func EngineRetries(p Progress) bool { return strings.HasPrefix(p.Status, "Retrying in ") }

// engineGaveUp tells whether the engine has tried often enough itself, which it
// does without a word with an image's configuration.
func engineGaveUp(err error) bool {
	return err != nil && strings.Contains(err.Error(), "failed after attempts=")
}

// TransferError is the failure of a pull or push.
type TransferError struct {
	Image    string
	Services []string // whose image it is, in name order
	Registry string   // by host
	Attempts int
	Err      error
}

// Error names the services, the image, its registry and the cause.
func (e *TransferError) Error() string {
	services := "service " + strings.Join(e.Services, ", ")
	if len(e.Services) > 1 {
		services = "services " + strings.Join(e.Services, ", ")
	}
	text := fmt.Sprintf("%s: image %s: registry %s: %s", services, e.Image, e.Registry, e.Cause())
	if e.Attempts > 1 {
		text += fmt.Sprintf(" (tried %d times)", e.Attempts)
	}
	return text
}

// Unwrap is the cause.
func (e *TransferError) Unwrap() error { return e.Err }

// Cause is the error in the engine's words alone.
func (e *TransferError) Cause() string {
	var failed *engine.Error
	if !errors.As(e.Err, &failed) {
		return e.Err.Error()
	}
	return strings.TrimSuffix(strings.TrimPrefix(e.Err.Error(), "Error response from daemon: "), "; "+failed.Hint())
}

// transfer is an image on its way between the engine and a registry.
type transfer struct {
	image    string
	services []string
	// start asks the engine, with credentials in its form.
	start func(ctx context.Context, auth string) (io.ReadCloser, error)
}

// transfer moves an image and reports the progress of its layers. The engine
// takes as long as the registry does, and keeps the layers it has when it is
// told to stop.
func (d *EngineDriver) transfer(ctx context.Context, t transfer, in Inputs) error {
	auth, authErr := d.engine.Config().RegistryAuth(ctx, t.image)
	failed := TransferError{Image: t.image, Services: t.services, Registry: registryOf(t.image)}
	for pause := transferPause; ; pause *= 2 {
		failed.Attempts++
		retried := false // by the engine
		err := t.once(ctx, auth, func(p Progress) {
			retried = retried || EngineRetries(p)
			in.report(p)
		})
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case err == nil:
			return nil
		}
		failed.Err = err
		if authErr != nil && engine.KindOf(err) == engine.PullDenied {
			failed.Err = errors.Join(err, authErr) // without these credentials it may just look denied
		}
		if engine.KindOf(err) != engine.TransferBroken || retried || engineGaveUp(err) || failed.Attempts == transferAttempts {
			return &failed
		}
		in.report(Progress{Status: Retrying, Detail: fmt.Sprintf("in %s: %s", pause, failed.Cause())})
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(pause):
		}
	}
}

func (t transfer) once(ctx context.Context, auth string, report func(Progress)) error {
	stream, err := t.start(ctx, auth)
	if err == nil {
		err = followTransfer(stream, report)
		_ = stream.Close() // read to its end, or broken
	}
	return engine.ClassifyTransfer(err)
}

// registryOf is the host of a reference's registry.
func registryOf(image string) string {
	ref, err := reference.ParseNormalizedNamed(image)
	if err != nil {
		return "unknown" // the engine says what is wrong
	}
	return reference.Domain(ref)
}

// noAuth is the header for a push without credentials: engines before 23 want one.
func noAuth() string { return base64.URLEncoding.EncodeToString([]byte("{}")) }

// transferMessage is one line of the engine's progress.
type transferMessage struct {
	ID       string `json:"id"`
	Status   string `json:"status"`
	Progress struct {
		Current int64 `json:"current"`
		Total   int64 `json:"total"`
	} `json:"progressDetail"`
	Error string `json:"error"`
}

// followTransfer reads the engine's progress. An error of the transfer comes as
// the last message, after a status of 200.
func followTransfer(stream io.Reader, report func(Progress)) error {
	for decoder := json.NewDecoder(stream); ; {
		var m transferMessage
		err := decoder.Decode(&m)
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("the engine's progress of the transfer: %w", err)
		case m.Error != "":
			return errors.New(m.Error)
		}
		report(Progress{ID: m.ID, Status: m.Status, Current: m.Progress.Current, Total: m.Progress.Total})
	}
}
