package runtime

import (
	"context"
	"errors"

	"github.com/docker/docker/api/types"
	"github.com/docker/docker/api/types/container"

	"github.com/gocompose/gocompose/internal/engine"
)

// ExecOptions say how a command is run in a container.
type ExecOptions struct {
	Command    []string
	Env        []string // NAME=VALUE; NAME alone takes the container's away
	User       string   // empty for the container's own
	WorkingDir string   // likewise
	Privileged bool
	// Detach leaves as soon as the command has started.
	Detach bool
}

// Exec runs a command in a running container and returns its exit status, which
// is 0 where it was left running.
func Exec(ctx context.Context, e *engine.Client, container string, o ExecOptions, user Interaction) (int, error) {
	created, err := e.API().ContainerExecCreate(ctx, container, execConfig(o, user))
	if err != nil {
		return 0, engine.Classify(err)
	}
	if o.Detach {
		return 0, engine.Classify(e.API().ContainerExecStart(ctx, created.ID, startOptions(user, true)))
	}
	return runExec(ctx, e, created.ID, user)
}

// runExec runs a command that was created, and returns its exit status.
func runExec(ctx context.Context, e *engine.Client, id string, user Interaction) (int, error) {
	conn, err := startExec(ctx, e, id, user)
	if err != nil {
		return 0, engine.Classify(err)
	}
	following, stop := context.WithCancel(ctx)
	defer stop()
	go user.follow(following, func(width, height uint) error {
		return e.API().ContainerExecResize(following, id, resizeTo(width, height))
	})
	switch err := user.carry(ctx, conn); {
	case errors.Is(err, ErrDetached):
		return 0, nil
	case err != nil:
		return 0, err
	}
	inspect, err := e.API().ContainerExecInspect(ctx, id)
	if err != nil {
		return 0, engine.Classify(err)
	}
	return inspect.ExitCode, nil
}

// startExec starts a command and connects to it. The client itself waits for the
// engine's answer whatever becomes of ctx.
func startExec(ctx context.Context, e *engine.Client, id string, user Interaction) (types.HijackedResponse, error) {
	type answer struct {
		conn types.HijackedResponse
		err  error
	}
	answered := make(chan answer, 1)
	go func() {
		conn, err := e.API().ContainerExecAttach(ctx, id, startOptions(user, false))
		answered <- answer{conn, err}
	}()
	select {
	case a := <-answered:
		return a.conn, a.err
	case <-ctx.Done():
		go func() {
			if a := <-answered; a.err == nil {
				a.conn.Close()
			}
		}()
		return types.HijackedResponse{}, context.Cause(ctx)
	}
}

func execConfig(o ExecOptions, user Interaction) container.ExecOptions {
	return container.ExecOptions{
		Cmd: o.Command, Env: o.Env, User: o.User, WorkingDir: o.WorkingDir, Privileged: o.Privileged,
		Tty:         user.TTY,
		AttachStdin: user.In != nil && !o.Detach, AttachStdout: !o.Detach, AttachStderr: !o.Detach,
	}
}

func startOptions(user Interaction, detach bool) container.ExecStartOptions {
	return container.ExecStartOptions{Tty: user.TTY, Detach: detach}
}

func resizeTo(width, height uint) container.ResizeOptions {
	return container.ResizeOptions{Width: width, Height: height}
}
