package runtime

import (
	"context"
	"errors"
	"io"
	"net"
	"syscall"
	"time"

	"github.com/docker/docker/api/types"
	"github.com/docker/docker/pkg/stdcopy"

	"github.com/gocompose/gocompose/internal/engine"
)

// Interaction is the user's side of a process that runs in a container.
type Interaction struct {
	// In is nil where the process gets no input. It ends the interaction, and
	// lets the process run on, by the error [ErrDetached].
	In       io.Reader
	Out, Err io.Writer
	// TTY has the process run on a terminal of its own; all output is Out's then.
	TTY bool
	// Size is how large the user's terminal is, and Resized tells when that has
	// changed. Both are of use with TTY only, and may be missing.
	Size    func() (width, height int)
	Resized <-chan struct{}
}

// ErrDetached is the error of an input whose user wants to leave.
var ErrDetached = errors.New("detached")

// carry copies input and output until the output ends, or until the user
// leaves: the error is [ErrDetached] then. Input that ends is passed on as an
// end, so that a filter such as sort can begin.
func (i Interaction) carry(ctx context.Context, conn types.HijackedResponse) error {
	ctx, leave := context.WithCancelCause(ctx)
	defer leave(nil)
	defer conn.Close()
	defer context.AfterFunc(ctx, conn.Close)() // a read of a connection knows no context
	if i.In != nil {
		go func() {
			if _, err := io.Copy(conn.Conn, i.In); errors.Is(err, ErrDetached) {
				leave(ErrDetached)
			}
			_ = conn.CloseWrite() // where that fails, the process has ended
		}()
	}
	var err error
	if i.TTY {
		_, err = io.Copy(i.Out, conn.Reader)
	} else {
		_, err = stdcopy.StdCopy(i.Out, i.Err, conn.Reader)
	}
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.Is(err, net.ErrClosed), errors.Is(err, syscall.ECONNRESET):
		return nil
	default:
		return engine.Classify(err)
	}
}

// How often the first size is told to a process that may not have started yet.
const (
	resizeAttempts = 6
	resizeDelay    = 10 * time.Millisecond
)

// follow keeps the size of the process's terminal that of the user's, until ctx
// is done. A size that cannot be set is no reason to fail.
func (i Interaction) follow(ctx context.Context, resize func(width, height uint) error) {
	if !i.TTY || i.Size == nil {
		return
	}
	set := func() error {
		width, height := i.Size()
		return resize(uint(max(width, 1)), uint(max(height, 1)))
	}
	for attempt := 1; set() != nil && attempt < resizeAttempts; attempt++ {
		select {
		case <-time.After(time.Duration(attempt) * resizeDelay):
		case <-ctx.Done():
			return
		}
	}
	for {
		select {
		case <-i.Resized:
			_ = set()
		case <-ctx.Done():
			return
		}
	}
}
