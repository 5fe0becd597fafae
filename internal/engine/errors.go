package engine

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"net"
	"strings"
	"syscall"

	"github.com/containerd/errdefs"
	"github.com/docker/docker/client"
)

// Error is an error of the engine, classified. Its text says what happened and
// what to do; the engine's own error is wrapped.
type Error struct {
	Kind Kind
	Name string // what it is about: a container name, a port, an image, a path
	By   string // ID or names of what stands in the way, where the engine tells
	Err  error
	hint string // instead of the kind's
}

// Error is the engine's text and the hint.
func (e *Error) Error() string {
	text := strings.TrimPrefix(e.Err.Error(), "Error response from daemon: ")
	if hint := e.Hint(); hint != "" {
		return text + "; " + hint
	}
	return text
}

// Unwrap returns the engine's own error.
func (e *Error) Unwrap() error { return e.Err }

// Classify explains an error of the engine. Errors that are classified already,
// nil and those of a context are returned as they are.
func Classify(err error) error {
	var known *Error
	switch {
	case err == nil,
		errors.As(err, &known),
		errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case IsTransport(err):
		return classifyTransport(err)
	}
	text := err.Error()
	for _, rule := range rules() {
		if m := rule.pattern.FindStringSubmatch(text); m != nil {
			e := &Error{Kind: rule.kind, Err: err}
			if i := rule.pattern.SubexpIndex("name"); i > 0 {
				e.Name = m[i]
			}
			if i := rule.pattern.SubexpIndex("by"); i > 0 {
				e.By = m[i]
			}
			return e
		}
	}
	switch {
	case errdefs.IsNotFound(err):
		return &Error{Kind: NotFound, Err: err}
	case errdefs.IsConflict(err):
		return &Error{Kind: Conflict, Err: err}
	default:
		return &Error{Kind: Other, Err: err}
	}
}

func classifyTransport(err error) error {
	switch {
	case errors.Is(err, fs.ErrPermission), strings.Contains(err.Error(), "permission denied while trying to connect"):
		return &Error{Kind: PermissionDenied, Err: err}
	case neverConnected(err):
		return &Error{Kind: Unreachable, Err: err}
	default:
		return &Error{Kind: Gone, Err: err}
	}
}

// neverConnected tells whether the request did not even reach the engine.
func neverConnected(err error) bool {
	var dial *net.OpError
	if errors.As(err, &dial) && dial.Op == "dial" {
		return true
	}
	return strings.Contains(err.Error(), cannotConnect)
}

// cannotConnect starts what the client says of an engine that does not listen.
const cannotConnect = "Cannot connect to the Docker daemon"

// KindOf is the kind of a classified error, or Other.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(Classify(err), &e) {
		return e.Kind
	}
	return Other
}

// IsNotFound tells whether the thing asked for is not there.
func IsNotFound(err error) bool { return errdefs.IsNotFound(err) }

// IsTransport tells whether the connection failed, so that the engine may or
// may not have done what it was asked.
func IsTransport(err error) bool {
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return false
	}
	return client.IsErrConnectionFailed(err) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) || errors.Is(err, net.ErrClosed)
}
