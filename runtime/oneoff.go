package runtime

import (
	"context"

	"github.com/docker/docker/api/types/container"

	"github.com/gocompose/gocompose/internal/engine"
)

// RunOptions say how a container is run that the user is attached to.
type RunOptions struct {
	Container string // its ID; it was created and has not been started
	// Start starts it, once it is attached to.
	Start func(context.Context) error
	// AutoRemove tells that the engine removes it at its end, which is waited for.
	AutoRemove bool
	// DetachKeys are those that the input looks for. The engine looks as well, and
	// would take its own usual ones.
	DetachKeys string
	// Signals are names of signals to pass on to the container; nil has none.
	Signals <-chan string
}

// Run connects the user to a container from its start to its end, and returns its
// exit status. It is 0 where the user has left. Nothing that the container writes
// is missed.
func Run(ctx context.Context, e *engine.Client, o RunOptions, user Interaction) (int, error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	id := o.Container
	conn, err := e.API().ContainerAttach(ctx, id, container.AttachOptions{
		Stream: true, Stdin: user.In != nil, Stdout: true, Stderr: true, DetachKeys: o.DetachKeys,
	})
	if err != nil {
		return 0, engine.Classify(err)
	}
	defer conn.Close() // where carry does not come to it
	condition := container.WaitConditionNextExit
	if o.AutoRemove {
		condition = container.WaitConditionRemoved
	}
	ended, failed := e.API().ContainerWait(ctx, id, condition)
	if err := o.Start(ctx); err != nil {
		return 0, err
	}
	go passSignals(ctx, e, id, o.Signals)
	go user.follow(ctx, resizing(ctx, e, id))
	return user.accompany(ctx, conn, ended, failed)
}
