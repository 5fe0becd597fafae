package runtime

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/gocompose/gocompose/internal/engine"
	"github.com/gocompose/gocompose/planner"
)

// HookError tells that a command of a service's hook failed.
type HookError struct {
	Service string
	Hook    planner.Hook
	Status  int
	Output  []string // the last lines that it wrote
	// Container is the name of the one that a pre_start ran in. It is kept.
	Container string
}

// Error is in docker compose's words, which scripts look for.
func (e *HookError) Error() string {
	return fmt.Sprintf("%s hook exited with status %d", e.Service, e.Status)
}

// hook runs one command of a hook: pre_start in a container of its own, the others
// in the service's. A container that has ended by itself, or is gone, needs no
// pre_stop.
func (d *EngineDriver) hook(ctx context.Context, id string, op planner.RunHook) error {
	if op.Hook == planner.PreStart {
		return d.initialize(ctx, id, op)
	}
	command, err := d.hookCommand(op)
	if err != nil {
		return err
	}
	output := hookOutput{show: func(line string) { d.showHook(ctx, op, line) }}
	status, err := d.runHook(ctx, id, hookOptions(command), &output)
	output.end()
	switch {
	case err == nil && status != 0:
		return &HookError{Service: op.Service, Hook: op.Hook, Status: status, Output: output.last}
	case op.Hook == planner.PreStop && (engine.KindOf(err) == engine.NotRunning || engine.IsNotFound(err)):
		return nil
	default:
		return err
	}
}

func (d *EngineDriver) hookCommand(op planner.RunHook) (types.ServiceHook, error) {
	s, ok := d.project.Service(op.Service)
	if !ok {
		return types.ServiceHook{}, fmt.Errorf("no such service: %s", op.Service)
	}
	commands := s.PostStart
	if op.Hook == planner.PreStop {
		commands = s.PreStop
	}
	if op.Place < 1 || op.Place > len(commands) {
		return types.ServiceHook{}, fmt.Errorf("service %q has no %s number %d", op.Service, op.Hook, op.Place)
	}
	return commands[op.Place-1], nil
}

func hookOptions(hook types.ServiceHook) ExecOptions {
	o := ExecOptions{Command: hook.Command, User: hook.User, WorkingDir: hook.WorkingDir, Privileged: hook.Privileged}
	for _, name := range slices.Sorted(maps.Keys(hook.Environment)) {
		if value := hook.Environment[name]; value != nil {
			o.Env = append(o.Env, name+"="+*value)
		} else {
			o.Env = append(o.Env, name)
		}
	}
	return o
}

// runHook runs the command and returns its exit status. Where the connection
// breaks while it runs, its end is waited for: it must not run twice at a time.
func (d *EngineDriver) runHook(ctx context.Context, id string, o ExecOptions, output *hookOutput) (int, error) {
	user := Interaction{Out: output, Err: output}
	created, err := d.engine.API().ContainerExecCreate(ctx, id, execConfig(o, user))
	if err != nil {
		return 0, engine.Classify(err)
	}
	status, err := runExec(ctx, d.engine, created.ID, user)
	if engine.KindOf(err) != engine.Gone {
		return status, err
	}
	for {
		inspect, lost := d.engine.API().ContainerExecInspect(ctx, created.ID)
		switch {
		case lost != nil:
			return 0, err
		case inspect.Running:
		case inspect.ExitCode != 0:
			return inspect.ExitCode, nil
		default:
			return 0, err // it has not begun, or all was well: nobody can tell
		}
		select {
		case <-time.After(hookPoll):
		case <-ctx.Done():
			return 0, context.Cause(ctx)
		}
	}
}

// hookPoll is how often a hook is looked at whose output is lost.
const hookPoll = 100 * time.Millisecond

// showHook passes a line of a hook on to those who watch.
func (d *EngineDriver) showHook(ctx context.Context, op planner.RunHook, line string) {
	if d.hookLine != nil {
		d.hookLine(ctx, op, line)
	}
}
