package main

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"os"
	"strconv"

	"github.com/urfave/cli/v2"
	"golang.org/x/term"

	"github.com/gocompose/gocompose/internal/argv"
	"github.com/gocompose/gocompose/internal/engine"
	"github.com/gocompose/gocompose/internal/ui"
	"github.com/gocompose/gocompose/project"
)

// globals are the flags that every command has.
type globals struct {
	files, profiles, envFiles cli.StringSlice
	insecure                  cli.StringSlice // registries of remote files

	projectName, projectDirectory string
	workdir                       string // docker-compose 1's name for projectDirectory
	ansi, progress                string

	parallel      int
	allResources  bool
	compatibility bool
	dryRun        bool
	noANSI        bool
	verbose       bool
	version       bool

	docker dockerFlags
}

// dockerFlags are options of the docker command, which hands them to its plugins.
type dockerFlags struct {
	engine.Flags
	debug    bool
	logLevel string
}

func (g *globals) flags() []cli.Flag {
	flags := []cli.Flag{
		&cli.StringSliceFlag{Name: "file", Aliases: []string{"f"}, Destination: &g.files,
			Usage: "Read this Compose `FILE`, - for standard input; later ones override earlier ones"},
		&cli.StringFlag{Name: "project-name", Aliases: []string{"p"}, Destination: &g.projectName,
			Usage: "Call the project `NAME`"},
		&cli.StringSliceFlag{Name: "profile", Destination: &g.profiles,
			Usage: "Also use the services of this `PROFILE`"},
		&cli.StringSliceFlag{Name: "env-file", Destination: &g.envFiles,
			Usage: "Read variables from this `FILE` instead of .env"},
		&cli.StringFlag{Name: "project-directory", Destination: &g.projectDirectory,
			Usage: "Take relative paths from `DIR`, by default that of the first Compose file"},
		&cli.BoolFlag{Name: "dry-run", Destination: &g.dryRun,
			Usage: "Show what a command would do, and do nothing"},
		&cli.IntFlag{Name: "parallel", Value: -1, Destination: &g.parallel,
			Usage: "Do at most `N` things at a time"},
		&cli.StringFlag{Name: "progress", Destination: &g.progress,
			Usage: "Show progress as `TYPE`: auto, tty, plain, json or quiet"},
		&cli.StringFlag{Name: "ansi", Destination: &g.ansi,
			Usage: "`WHEN` to use colours and move the cursor: auto, never or always"},
		&cli.BoolFlag{Name: "all-resources", Destination: &g.allResources,
			Usage: "Include resources that no service uses"},
		&cli.BoolFlag{Name: "compatibility", Destination: &g.compatibility,
			Usage: "Make names as docker-compose 1 did"},
		&cli.BoolFlag{Name: "version", Aliases: []string{"v"}, Destination: &g.version,
			Usage: "Show the version"},
		&cli.StringFlag{Name: "workdir", Hidden: true, Destination: &g.workdir},
		&cli.BoolFlag{Name: "no-ansi", Hidden: true, Destination: &g.noANSI},
		&cli.BoolFlag{Name: "verbose", Hidden: true, Destination: &g.verbose},
		&cli.StringSliceFlag{Name: "insecure-registry", Hidden: true, Destination: &g.insecure},
	}
	return append(flags, g.docker.flags()...)
}

func (d *dockerFlags) flags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "context", Aliases: []string{"c"}, Destination: &d.Context,
			Usage: "Use the engine of this docker context, called `NAME`"},
		&cli.StringFlag{Name: "host", Aliases: []string{"H"}, Destination: &d.Host,
			Usage: "Use the engine at this `ADDRESS`"},
		&cli.StringFlag{Name: "config", Hidden: true, Destination: &d.ConfigDir},
		&cli.BoolFlag{Name: "tls", Hidden: true, Destination: &d.TLS},
		&cli.BoolFlag{Name: "tlsverify", Hidden: true, Destination: &d.TLSVerify},
		&cli.StringFlag{Name: "tlscacert", Hidden: true, Destination: &d.CA},
		&cli.StringFlag{Name: "tlscert", Hidden: true, Destination: &d.Cert},
		&cli.StringFlag{Name: "tlskey", Hidden: true, Destination: &d.Key},
		// These two are about what the docker command logs.
		&cli.BoolFlag{Name: "debug", Aliases: []string{"D"}, Hidden: true, Destination: &d.debug},
		&cli.StringFlag{Name: "log-level", Aliases: []string{"l"}, Hidden: true, Destination: &d.logLevel},
	}
}

// dockerFlagNames lists them. They are not taken after the command, where some
// of them mean something else.
func dockerFlagNames() []string {
	var names []string
	for _, f := range new(dockerFlags).flags() {
		names = append(names, f.Names()[0])
	}
	return names
}

// before runs once the flags are known.
func (p *program) before(*cli.Context) error {
	if err := p.oldSpellings(); err != nil {
		return err
	}
	return p.decideStyle()
}

// oldSpellings takes flags by the names that docker compose has given up, and
// tells their new ones.
func (p *program) oldSpellings() error {
	g := &p.globals
	if g.noANSI {
		if g.ansi != "" {
			return usage(`cannot specify DEPRECATED "--no-ansi" and "--ansi". Please use only "--ansi"`)
		}
		g.ansi = "never"
		p.printf("option '--no-ansi' is DEPRECATED ! Please use '--ansi' instead.\n")
	}
	if g.workdir != "" {
		if g.projectDirectory != "" {
			return usage(`cannot specify DEPRECATED "--workdir" and "--project-directory". ` +
				`Please use only "--project-directory" instead`)
		}
		g.projectDirectory = g.workdir
		p.printf("option '--workdir' is DEPRECATED at root level! Please use '--project-directory' instead.\n")
	}
	return nil
}

func (p *program) decideStyle() error {
	style, err := ui.Decide(ui.Surroundings{
		Progress:    cmp.Or(p.globals.progress, p.getenv("COMPOSE_PROGRESS")),
		ANSI:        cmp.Or(p.globals.ansi, p.getenv("COMPOSE_ANSI")),
		OutTerminal: isTerminal(p.Stdout),
		ErrTerminal: isTerminal(p.status()),
		Getenv:      p.getenv,
	})
	if err != nil {
		return &argv.UsageError{Message: err.Error()}
	}
	p.style = style
	return nil
}

// status is where progress goes.
func (p *program) status() io.Writer {
	if isTrue(p.getenv("COMPOSE_STATUS_STDOUT")) {
		return p.Stdout
	}
	return p.Stderr
}

// parallel is how many steps may be under way at a time; 0 leaves it to
// package runtime.
func (p *program) parallel() (int, error) {
	if p.globals.parallel >= 0 {
		return p.globals.parallel, nil
	}
	value := p.getenv("COMPOSE_PARALLEL_LIMIT")
	if value == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(value)
	if err != nil {
		return 0, fmt.Errorf("COMPOSE_PARALLEL_LIMIT must be an integer (found: %q)", value)
	}
	return max(n, 0), nil
}

// loadOptions are the options of package project that the flags stand for.
func (p *program) loadOptions() project.Options {
	return project.Options{
		Files:            p.globals.files.Value(),
		Stdin:            &replay{program: p},
		ProjectDirectory: p.globals.projectDirectory,
		Name:             p.globals.projectName,
		Profiles:         p.globals.profiles.Value(),
		EnvFiles:         p.globals.envFiles.Value(),
		Env:              p.Env,
		Fetch:            p.fetch,
		AllResources:     p.globals.allResources,
		Compatibility:    p.globals.compatibility,
		Version:          versionString(),
	}
}

// replay is standard input as a file that can be read several times: some
// commands load the files more than once.
type replay struct {
	program *program
	content *bytes.Reader
}

func (r *replay) Read(b []byte) (int, error) {
	if r.content == nil {
		p := r.program
		p.stdinOnce.Do(func() {
			if p.Stdin != nil {
				p.stdin, p.stdinErr = io.ReadAll(io.LimitReader(p.Stdin, maxStdin))
			}
		})
		if p.stdinErr != nil {
			return 0, p.stdinErr
		}
		r.content = bytes.NewReader(p.stdin)
	}
	return r.content.Read(b)
}

// maxStdin is more than package project reads of a file, which says so.
const maxStdin = 32 << 20

func isTerminal(stream any) bool {
	file, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// isTrue reads a boolean variable as docker compose does.
func isTrue(value string) bool {
	on, err := strconv.ParseBool(value)
	return err == nil && on
}
