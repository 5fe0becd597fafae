package enginetest

import (
	"net/http"
	"path"
	"strings"

	ctypes "github.com/docker/docker/api/types/container"
	etypes "github.com/docker/docker/api/types/events"
)

// execution is a command run inside a running container.
type execution struct {
	id        string
	container *container
	options   ctypes.ExecOptions
	behaviour Behaviour
	removes   []string // files that rm removes, and its flags
	running   bool
	exitCode  *int
	out       output
	cancels   []func()
}

func (e *Engine) execCreate(r *request) (*reply, error) {
	var options ctypes.ExecOptions
	if err := e.decode(r, &options); err != nil {
		return nil, err
	}
	if len(options.Cmd) == 0 {
		return nil, invalid("No exec command specified")
	}
	name := r.vars["name"]
	c, err := e.findContainer(name)
	if err != nil {
		return nil, err
	}
	if err := e.checkExec(c, name); err != nil {
		return nil, err
	}
	x := &execution{id: e.newID(execID), container: c, options: options}
	x.behaviour = Behaviour{Exit: &Exit{}}
	if scripted, ok := c.behaviour.Exec[strings.Join(options.Cmd, " ")]; ok {
		x.behaviour = scripted
	} else if options.Cmd[0] == "rm" {
		x.removes = options.Cmd[1:]
	} else if parsed, ok := parseCommand(options.Cmd); ok {
		x.behaviour = parsed
	}
	e.execs[x.id] = x
	e.publishExec(x, etypes.Action("exec_create: "+x.commandLine()), nil)
	return answer(http.StatusCreated, ctypes.ExecCreateResponse{ID: x.id})
}

// checkExec refuses to run commands in a container that is not fully up.
func (e *Engine) checkExec(c *container, name string) error {
	switch {
	case !c.state.running:
		return e.notRunning(c)
	case c.state.paused:
		return conflict("Container %s is paused, unpause the container before exec", name)
	case c.state.restarting:
		return conflict("Container %s is restarting, wait until the container is running", c.id)
	}
	return nil
}

func (x *execution) commandLine() string {
	return x.options.Cmd[0] + " " + strings.Join(x.options.Cmd[1:], " ")
}

func (e *Engine) publishExec(x *execution, action etypes.Action, extra map[string]string) {
	attributes := map[string]string{"execID": x.id}
	for key, value := range extra {
		attributes[key] = value
	}
	e.publishContainer(x.container, action, attributes)
}

func (e *Engine) findExec(id string) (*execution, error) {
	x, ok := e.execs[id]
	if !ok {
		return nil, notFound("No such exec instance: %s", id)
	}
	return x, nil
}

func (e *Engine) execStart(w http.ResponseWriter, r *request) error {
	var body ctypes.ExecStartOptions
	if err := e.decode(r, &body); err != nil {
		return err
	}
	e.mu.Lock()
	x, err := e.findExec(r.vars["id"])
	if err == nil {
		err = e.checkExec(x.container, x.container.id)
	}
	if err == nil && (x.running || x.exitCode != nil) {
		err = conflict("%s %s has already run", e.wording("1.51", "exec command", "Error: Exec command"), x.id)
	}
	if err != nil {
		e.mu.Unlock()
		return err
	}
	x.running = true
	tty := x.options.Tty
	s := x.out.subscribe(x.options.AttachStdout, x.options.AttachStderr)
	e.publishExec(x, etypes.Action("exec_start: "+x.commandLine()), nil)
	e.mu.Unlock()

	if body.Detach {
		e.runExec(x)
		w.WriteHeader(http.StatusOK)
		return nil
	}
	conn, input, err := hijack(w, r, tty)
	if err != nil {
		e.runExec(x)
		return err
	}
	if x.options.AttachStdin {
		e.serving.Go(func() {
			if receive(input, func(data []byte) { e.feedExec(x, data) }) == nil {
				e.endExecInput(x)
			}
		})
	}
	e.runExec(x)
	e.pump(conn, r, s, tty)
	return nil
}

// runExec carries out the command's script.
func (e *Engine) runExec(x *execution) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, name := range x.removes {
		if path.IsAbs(name) {
			x.container.remove(name)
		}
	}
	for _, line := range x.behaviour.Output {
		if line.After <= 0 {
			x.write(e, line.Stderr, line.Text+"\n")
			continue
		}
		x.cancels = append(x.cancels, e.after(line.After, func() { x.write(e, line.Stderr, line.Text+"\n") }))
	}
	exit := x.behaviour.Exit
	switch {
	case exit == nil:
	case exit.After <= 0:
		e.execEnded(x, exit.Code)
	default:
		x.cancels = append(x.cancels, e.after(exit.After, func() { e.execEnded(x, exit.Code) }))
	}
}

func (x *execution) write(e *Engine, stderr bool, text string) {
	if x.options.Tty {
		stderr, text = false, asTerminal(text)
	}
	x.out.write(chunk{at: e.now(), stderr: stderr, data: []byte(text)})
}

// execEnded handles the end of the command.
func (e *Engine) execEnded(x *execution, code int) {
	if !x.running {
		return
	}
	for _, cancel := range x.cancels {
		cancel()
	}
	x.running, x.exitCode = false, &code
	e.publishExec(x, etypes.ActionExecDie, map[string]string{"exitCode": decimal(code)})
	x.out.end()
}

func (e *Engine) feedExec(x *execution, data []byte) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if x.running && x.behaviour.Echo {
		x.write(e, false, string(data))
	}
}

func (e *Engine) endExecInput(x *execution) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if x.behaviour.Echo {
		e.execEnded(x, 0)
	}
}

func (e *Engine) execInspect(r *request) (*reply, error) {
	x, err := e.findExec(r.vars["id"])
	if err != nil {
		return nil, err
	}
	type processConfig struct {
		Tty        bool     `json:"tty"`
		Entrypoint string   `json:"entrypoint"`
		Arguments  []string `json:"arguments"`
		Privileged bool     `json:"privileged"`
		User       string   `json:"user,omitempty"`
	}
	pid := 0
	if x.running {
		pid = x.container.state.pid + 1
	}
	return answer(http.StatusOK, struct {
		ID, ContainerID                   string
		Running                           bool
		ExitCode                          *int
		ProcessConfig                     processConfig
		OpenStdin, OpenStdout, OpenStderr bool
		CanRemove                         bool
		Pid                               int
	}{
		ID: x.id, ContainerID: x.container.id, Running: x.running, ExitCode: x.exitCode,
		ProcessConfig: processConfig{x.options.Tty, x.options.Cmd[0], x.options.Cmd[1:], x.options.Privileged, x.options.User},
		OpenStdin:     x.options.AttachStdin, OpenStdout: x.options.AttachStdout, OpenStderr: x.options.AttachStderr,
		Pid: pid,
	})
}

func (e *Engine) execResize(r *request) (*reply, error) {
	x, err := e.findExec(r.vars["id"])
	if err != nil {
		return nil, err
	}
	if err := e.checkSize(r); err != nil {
		return nil, err
	}
	if !x.running {
		return nil, systemError("exec process is not started")
	}
	return &reply{status: http.StatusOK}, nil
}
