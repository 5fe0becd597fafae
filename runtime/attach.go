package runtime

import (
	"context"
	"errors"

	"github.com/docker/docker/api/types"
	"github.com/docker/docker/api/types/container"

	"github.com/gocompose/gocompose/internal/engine"
)

// Streams are what a container's process reads and writes.
type Streams struct {
	TTY   bool // a terminal of its own
	Stdin bool // it can be given input
}

// AttachableStreams looks at a container that is to be attached to. One that is
// not fully up is refused, in docker compose's words.
func AttachableStreams(ctx context.Context, e *engine.Client, container string) (Streams, error) {
	c, err := e.API().ContainerInspect(ctx, container)
	if err != nil {
		return Streams{}, engine.Classify(err)
	}
	switch {
	case c.ContainerJSONBase == nil || c.State == nil || !c.State.Running:
		return Streams{}, errors.New("You cannot attach to a stopped container, start it first") //nolint:staticcheck // the text of docker compose
	case c.State.Paused:
		return Streams{}, errors.New("You cannot attach to a paused container, unpause it first") //nolint:staticcheck // likewise
	case c.State.Restarting:
		return Streams{}, errors.New("You cannot attach to a restarting container, wait until it is running") //nolint:staticcheck // likewise
	case c.Config == nil:
		return Streams{}, nil
	}
	return Streams{TTY: c.Config.Tty, Stdin: c.Config.OpenStdin}, nil
}

// AttachOptions say how a running container is attached to.
type AttachOptions struct {
	// DetachKeys are those that the input looks for. The engine looks as well, and
	// would take its own usual ones.
	DetachKeys string
	// Signals are names of signals to pass on to the container; nil has none.
	Signals <-chan string
}

// Attach connects the user to the process of a running container until that
// ends, and returns its exit status. It is 0 where the user has left.
func Attach(ctx context.Context, e *engine.Client, id string, o AttachOptions, user Interaction) (int, error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	// Asked before, since the container may end at any time from now on.
	ended, failed := e.API().ContainerWait(ctx, id, container.WaitConditionNotRunning)
	conn, err := e.API().ContainerAttach(ctx, id, container.AttachOptions{
		Stream: true, Stdin: user.In != nil, Stdout: true, Stderr: true, DetachKeys: o.DetachKeys,
	})
	if err != nil {
		return 0, engine.Classify(err)
	}
	go passSignals(ctx, e, id, o.Signals)
	go user.follow(ctx, redrawn(resizing(ctx, e, id)))
	return user.accompany(ctx, conn, ended, failed)
}

// accompany carries input and output until a wait for the container ends, and
// returns its exit status. It is 0 where the user has left.
func (i Interaction) accompany(ctx context.Context, conn types.HijackedResponse, ended <-chan container.WaitResponse, failed <-chan error) (int, error) {
	switch err := i.carry(ctx, conn); {
	case errors.Is(err, ErrDetached):
		return 0, nil
	case err != nil:
		return 0, err
	}
	return exitStatus(ctx, ended, failed)
}

// resizing sets the size of a container's terminal.
func resizing(ctx context.Context, e *engine.Client, id string) func(width, height uint) error {
	return func(width, height uint) error { return e.API().ContainerResize(ctx, id, resizeTo(width, height)) }
}

// exitStatus is the outcome of a wait for a container.
func exitStatus(ctx context.Context, ended <-chan container.WaitResponse, failed <-chan error) (int, error) {
	select {
	case end := <-ended:
		if end.Error != nil {
			return 0, errors.New(end.Error.Message)
		}
		return int(end.StatusCode), nil
	case err := <-failed:
		if ctx.Err() != nil {
			return 0, context.Cause(ctx)
		}
		return 0, engine.Classify(err)
	}
}

// redrawn has the first size be another than the user's for a moment: a shell
// draws its prompt again only when the size changes.
func redrawn(resize func(width, height uint) error) func(width, height uint) error {
	done := false
	return func(width, height uint) error {
		if !done {
			done = true
			_ = resize(width+1, height+1) // the next one tells of what is wrong
		}
		return resize(width, height)
	}
}

// passSignals sends signals on until ctx is done. A container that has ended
// takes none, and that is told otherwise.
func passSignals(ctx context.Context, e *engine.Client, id string, names <-chan string) {
	for {
		select {
		case name := <-names:
			_ = e.API().ContainerKill(ctx, id, name)
		case <-ctx.Done():
			return
		}
	}
}
