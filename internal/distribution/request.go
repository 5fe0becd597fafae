package distribution

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/distribution/reference"
)

// request is one request of the API; path is below that of the repository, or a
// whole address that the registry gave.
type request struct {
	method, path string
	query        url.Values
	header       http.Header
	body         []byte
	stream       io.Reader // instead of body; it can be sent once
	size         int64     // of the stream
	expect       []int     // statuses that are no error
}

// send sends the request, over plain HTTP where the registry is one of those
// that may speak it and does, and with credentials once it asks for them. The
// caller closes the body.
func (r *Repository) send(ctx context.Context, q request) (*http.Response, error) {
	response, err := r.try(ctx, q)
	if errors.Is(err, http.ErrSchemeMismatch) && len(r.schemes) > 1 && q.stream == nil {
		r.schemes = r.schemes[1:]
		response, err = r.try(ctx, q)
	}
	if err == nil && response.StatusCode == http.StatusUnauthorized && q.stream == nil {
		discard(response)
		if err = r.authorize(ctx, response.Header); err == nil {
			response, err = r.try(ctx, q)
		}
	}
	if err != nil {
		return nil, err
	}
	for _, status := range q.expect {
		if response.StatusCode == status {
			return response, nil
		}
	}
	defer discard(response)
	return nil, readError(response)
}

func (r *Repository) try(ctx context.Context, q request) (*http.Response, error) {
	address, err := r.address(q)
	if err != nil {
		return nil, err
	}
	var body io.Reader = bytes.NewReader(q.body)
	if q.stream != nil {
		body = q.stream
	}
	ctx, watch := watchFor(ctx, r.client.stall())
	out, err := http.NewRequestWithContext(ctx, q.method, address.String(), &watchedReader{body, watch})
	if err != nil {
		watch.stop()
		return nil, err
	}
	out.ContentLength = int64(len(q.body))
	if q.stream != nil {
		out.ContentLength = q.size
	}
	if out.ContentLength == 0 {
		out.Body = http.NoBody
	}
	for key, values := range q.header {
		out.Header[key] = values
	}
	out.Header.Set("User-Agent", r.client.UserAgent)
	if r.auth != "" && address.Host == r.host() {
		out.Header.Set("Authorization", r.auth)
	}
	response, err := r.http.Do(out)
	if err != nil {
		watch.stop()
		return nil, watch.explain(err)
	}
	response.Body = &watchedBody{response.Body, watch}
	return response, nil
}

func (r *Repository) address(q request) (*url.URL, error) {
	base := &url.URL{Scheme: r.schemes[0], Host: r.host(), Path: "/v2/" + reference.Path(r.named) + "/"}
	at, err := base.Parse(q.path)
	if err != nil {
		return nil, fmt.Errorf("%s gave the address %q: %w", r.host(), q.path, err)
	}
	if at.Scheme != "https" && at.Scheme != base.Scheme {
		return nil, fmt.Errorf("%s gave the address %s, which is less secure than its own", r.host(), at.Redacted())
	}
	if len(q.query) > 0 {
		query := at.Query()
		for key, values := range q.query {
			query[key] = values
		}
		at.RawQuery = query.Encode()
	}
	return at, nil
}

func discard(response *http.Response) {
	const enough = 64 << 10 // to have the connection used again
	_, _ = io.CopyN(io.Discard, response.Body, enough)
	_ = response.Body.Close()
}

// errStalled is why a request was given up.
var errStalled = errors.New("the registry has been silent for too long")

// watch ends a request whose other end falls silent.
type watch struct {
	cancel context.CancelCauseFunc
	ctx    context.Context //nolint:containedctx // of one request
	timer  *time.Timer
	every  time.Duration
}

func watchFor(ctx context.Context, every time.Duration) (context.Context, *watch) {
	ctx, cancel := context.WithCancelCause(ctx)
	w := &watch{ctx: ctx, cancel: cancel, every: every}
	w.timer = time.AfterFunc(every, func() { cancel(errStalled) })
	return ctx, w
}

func (w *watch) heard() { w.timer.Reset(w.every) }

func (w *watch) stop() {
	w.timer.Stop()
	w.cancel(nil)
}

// explain names the silence behind an error that tells of a canceled request.
func (w *watch) explain(err error) error {
	if err != nil && errors.Is(context.Cause(w.ctx), errStalled) {
		return errStalled
	}
	return err
}

type watchedReader struct {
	io.Reader
	watch *watch
}

func (r *watchedReader) Read(p []byte) (int, error) {
	r.watch.heard()
	return r.Reader.Read(p)
}

type watchedBody struct {
	io.ReadCloser
	watch *watch
}

func (b *watchedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if n > 0 {
		b.watch.heard()
	}
	if err != nil && !errors.Is(err, io.EOF) {
		err = b.watch.explain(err)
	}
	return n, err
}

func (b *watchedBody) Close() error {
	defer b.watch.stop()
	return b.ReadCloser.Close()
}

// StatusError is an answer that tells of an error.
type StatusError struct {
	Status  int
	Code    string // of the specification, as MANIFEST_UNKNOWN; may be empty
	Message string
}

func (e *StatusError) Error() string {
	text := fmt.Sprintf("%d %s", e.Status, http.StatusText(e.Status))
	if e.Message != "" {
		text += ": " + e.Message
	}
	return text
}

// IsNotFound tells that the registry does not have what was asked for.
func IsNotFound(err error) bool { return hasStatus(err, http.StatusNotFound) }

// IsDenied tells that the registry wants to know more of who asks.
func IsDenied(err error) bool {
	return hasStatus(err, http.StatusUnauthorized) || hasStatus(err, http.StatusForbidden)
}

func hasStatus(err error, status int) bool {
	var answer *StatusError
	return errors.As(err, &answer) && answer.Status == status
}
