package enginetest

import (
	"errors"
	"fmt"
	"net/http"
)

// apiError is an error with the HTTP status the engine gives it.
type apiError struct {
	status  int
	message string
}

func (e *apiError) Error() string { return e.message }

func fail(status int, format string, args ...any) error {
	return &apiError{status: status, message: fmt.Sprintf(format, args...)}
}

func invalid(format string, args ...any) error  { return fail(http.StatusBadRequest, format, args...) }
func notFound(format string, args ...any) error { return fail(http.StatusNotFound, format, args...) }
func conflict(format string, args ...any) error { return fail(http.StatusConflict, format, args...) }
func forbidden(format string, args ...any) error {
	return fail(http.StatusForbidden, format, args...)
}
func systemError(format string, args ...any) error {
	return fail(http.StatusInternalServerError, format, args...)
}

// notModified is how the engine says that a container already is as asked.
func notModified() error { return &apiError{status: http.StatusNotModified} }

// prefixed puts text before the message of err and keeps its status.
func prefixed(err error, format string, args ...any) error {
	return &apiError{status: statusOf(err), message: fmt.Sprintf(format, args...) + ": " + err.Error()}
}

// statusOf is the HTTP status for err; errors without one are the engine's own.
func statusOf(err error) int {
	var api *apiError
	if errors.As(err, &api) {
		return api.status
	}
	return http.StatusInternalServerError
}
