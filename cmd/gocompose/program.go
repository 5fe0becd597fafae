package main

import (
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"sync"

	"github.com/urfave/cli/v2"

	"github.com/gocompose/gocompose/internal/argv"
	"github.com/gocompose/gocompose/internal/remote"
	"github.com/gocompose/gocompose/internal/ui"
)

// Invocation is all that the program knows of the process it runs in, but for
// the file system and the network.
type Invocation struct {
	Args    []string // the first is the program's name
	Env     []string // in the form of os.Environ
	Stdin   io.Reader
	Stdout  io.Writer
	Stderr  io.Writer
	Signals <-chan os.Signal // interrupts and requests to end
}

// Main runs one command line and returns the exit status. It returns early,
// with what is under way going on, only when the user insists on leaving.
func Main(ctx context.Context, in Invocation) int {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	p := newProgram(in)
	defer p.terminal.restore() // on every way out
	p.interrupts = newInterrupts(in.Signals, cancel)
	defer p.interrupts.stop()
	defer p.heedDocker(ctx, p.interrupts.hangUp)()
	status := make(chan int, 1)
	go func() { status <- p.run(ctx, p.calling.args) }()
	select {
	case code := <-status:
		return code
	case <-p.interrupts.leave:
		return exitInterrupted
	case <-p.unread:
		return exitUnread
	}
}

// program is one run of gocompose.
type program struct {
	Invocation
	calling    calling
	globals    globals
	style      ui.Style
	interrupts *interrupts
	unread     chan struct{} // closed when nobody reads the output any more
	endOnce    sync.Once
	terminal   terminalState
	verb       string // the command, once it is known; that which plan plans
	// stdin is what was read of standard input as a file.
	stdin     []byte
	stdinErr  error
	stdinOnce sync.Once
	// remotes brings remote files here, once one is asked for.
	remotes     *remote.Loader
	remotesErr  error
	remotesOnce sync.Once
	// planning is set by the plan command: changing commands then show their
	// plan and change nothing.
	planning *planOptions
}

func newProgram(in Invocation) *program {
	p := &program{Invocation: in, calling: readCalling(in.Args), unread: make(chan struct{})}
	// Until the flags are known, errors are told in the plainest way.
	p.style = ui.Style{Mode: ui.Plain}
	return p
}

func (p *program) run(ctx context.Context, args []string) int {
	return p.finish(p.dispatch(ctx, args))
}

func (p *program) dispatch(ctx context.Context, args []string) error {
	app := p.app()
	table, err := argv.FromApp(app, argvRules())
	if err != nil {
		return err
	}
	if request, ok := asksToComplete(args); ok {
		return p.complete(ctx, table, request)
	}
	line, err := argv.Parse(table, args)
	if err == nil {
		line, err = withoutDryRunCommand(table, line)
	}
	switch {
	case err != nil:
		return err
	case line.Help:
		return p.help(app, line.Path)
	default:
		if n := len(line.Path); n > 0 {
			p.verb = line.Path[n-1]
		}
		return app.RunContext(ctx, line.Args)
	}
}

// argvRules are what the table of commands has no place for.
func argvRules() argv.Rules {
	return argv.Rules{
		Here:      append(dockerFlagNames(), "version"),
		Defaults:  map[string]string{"plan": "up"},
		Programs:  []string{"exec", "run", redoAsDry},
		Spellings: map[string]string{"yes": "y"}, // docker compose 2.32 had it so
	}
}

// getenv looks a variable up in the environment of the process.
func (p *program) getenv(name string) string {
	for i := len(p.Env) - 1; i >= 0; i-- {
		if key, value, ok := strings.Cut(p.Env[i], "="); ok && key == name {
			return value
		}
	}
	return ""
}

// appUsage is what the program is for, in a line.
const appUsage = "Run multi-container applications from Compose files"

// app is the table of commands.
func (p *program) app() *cli.App {
	return &cli.App{
		Name:      p.calling.name,
		Usage:     appUsage,
		ArgsUsage: "COMMAND",
		// Everything about help and errors is ours.
		HideHelp: true, HideVersion: true,
		Writer: io.Discard, ErrWriter: io.Discard,
		ExitErrHandler:            func(*cli.Context, error) {},
		OnUsageError:              usageError,
		DisableSliceFlagSeparator: true,
		Flags:                     p.globals.flags(),
		Before:                    p.before,
		Action:                    p.noCommand,
		Commands:                  p.commands(),
	}
}

// commands are all commands, in the order in which help lists them.
func (p *program) commands() []*cli.Command {
	commands := append(p.changingCommands(), p.waitCommand(), p.cpCommand(), p.exportCommand(), p.commitCommand(),
		p.psCommand(), p.lsCommand(), p.logsCommand(), p.portCommand(), p.imagesCommand(), p.topCommand(), p.statsCommand(), p.volumesCommand(),
		p.eventsCommand(), p.watchCommand(),
		p.planCommand(), p.configCommand(), p.publishCommand(), p.versionCommand(), p.helpCommand())
	commands = append(commands, p.execCommand(), p.attachCommand(), p.alphaCommand(), p.completionCommand())
	commands = append(commands, p.pluginCommands()...)
	return own(commands...)
}

// own takes help and errors of commands into our own hands.
func own(commands ...*cli.Command) []*cli.Command {
	for _, c := range commands {
		c.HideHelp = true
		c.OnUsageError = usageError
	}
	return commands
}

// changingCommands change the host. The plan command has each of them again.
func (p *program) changingCommands() []*cli.Command {
	commands := []*cli.Command{
		p.upCommand(), p.downCommand(), p.createCommand(), p.startCommand(), p.stopCommand(),
		p.restartCommand(), p.scaleCommand(), p.killCommand(), p.pauseCommand(), p.unpauseCommand(),
		p.rmCommand(), p.runCommand(), p.buildCommand(), p.pullCommand(), p.pushCommand(),
	}
	return own(commands...)
}

// usageError passes on what argv let through.
func usageError(_ *cli.Context, err error, _ bool) error {
	var known *argv.UsageError
	if errors.As(err, &known) {
		return err
	}
	return &argv.UsageError{Message: err.Error()}
}

// noCommand shows help, or the version for -v.
func (p *program) noCommand(*cli.Context) error {
	if p.globals.version {
		return p.version(versionOptions{})
	}
	return p.help(p.app(), nil)
}
