package enginetest

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	ctypes "github.com/docker/docker/api/types/container"
)

// Behaviour scripts what a container's process does. The zero value runs until it
// is stopped, reacts to its stop signal at once with exit status 0 and, if it has
// a healthcheck, is healthy at the first probe.
//
// A container's own labels override it, or environment variables of the same
// names, so that compose files can script it:
//
//	enginetest.exit=3               exits with that status
//	enginetest.exit-after=2s        so long after its start (0s)
//	enginetest.exit-times=2         only in its first runs; later runs go on
//	enginetest.healthy-after=2s     turns healthy so long after its start
//	enginetest.unhealthy-after=2s   turns unhealthy; both may be given
//	enginetest.health=never         stays starting
//	enginetest.health-output=text   output of the probes
//	enginetest.ignore-stop=true     only SIGKILL ends it
//	enginetest.stop-after=2s        so long from the stop signal to the exit
//	enginetest.stop-exit=143        exit status after the stop signal
//	enginetest.stdout=text          printed at the start, a line each
//	enginetest.stderr=text
//	enginetest.start-error=text     starting fails with this message
//	enginetest.refuse=name          there is no room for a file of that name (labels only)
//
// Without labels and image behaviour, commands made of true, false, echo, sleep,
// exit, cat, trap and endless loops, directly or by sh -c, do what they say.
type Behaviour struct {
	// Exit, if set, ends the process by itself.
	Exit *Exit
	// Health holds the results of the healthcheck. It has no effect on
	// containers without a healthcheck.
	Health []HealthChange
	// IgnoreStop makes SIGKILL the only signal that ends the process, so that a
	// stop takes its whole grace period.
	IgnoreStop bool
	// StopAfter is the time from the stop signal to the exit.
	StopAfter time.Duration
	// StopCode is the exit status after a stop signal.
	StopCode int
	// Output is what the process prints. Lines due at the start are printed
	// before the start call is answered.
	Output []Line
	// StartError, if set, is the message with which starting fails.
	StartError string
	// Echo copies standard input to standard output, and ends the process with
	// status 0 at the end of input.
	Echo bool
	// Exec scripts commands run by exec, by their words joined with spaces.
	// Other commands do what they say if it is understood, or end with status 0;
	// rm removes files.
	Exec map[string]Behaviour
}

// Exit is how a process ends by itself.
type Exit struct {
	// After is counted from the start.
	After time.Duration
	Code  int
	// OOM says that the kernel's out-of-memory killer did it.
	OOM bool
	// Runs, if not 0, limits this to the container's first runs.
	Runs int
}

// HealthChange is the result of the probe at some time after the start.
type HealthChange struct {
	After time.Duration
	// Status is healthy, unhealthy or starting, as in [ctypes.HealthStatus].
	Status string
	Output string
}

// Line is something a process prints.
type Line struct {
	// After is counted from the start.
	After time.Duration
	// Stderr sends it to standard error instead of standard output.
	Stderr bool
	// Text is printed with a newline added.
	Text string
}

// isZero reports whether nothing is scripted.
func (b *Behaviour) isZero() bool {
	return b.Exit == nil && b.Health == nil && !b.IgnoreStop && b.StopAfter == 0 && b.StopCode == 0 &&
		len(b.Output) == 0 && b.StartError == "" && !b.Echo
}

// behaviourFor decides how a container behaves: its image's script, or what its
// command says, with the container's own overrides.
func behaviourFor(c *container) (Behaviour, error) {
	b := c.image.spec.Behaviour
	if b.isZero() {
		if parsed, ok := parseCommand(append([]string{c.path}, c.args...)); ok {
			b = parsed
		}
	}
	settings := map[string]string{}
	for _, variable := range c.config.Env {
		if name, value, ok := strings.Cut(variable, "="); ok {
			settings[name] = value
		}
	}
	for name, value := range c.config.Labels {
		settings[name] = value
	}
	o := overrides{settings: settings}
	o.apply(&b)
	if o.err != nil {
		return Behaviour{}, invalid("%v", o.err)
	}
	b.Health = slices.Clone(b.Health) // the image may serve other engines too
	slices.SortStableFunc(b.Health, func(x, y HealthChange) int { return cmp.Compare(x.After, y.After) })
	return b, nil
}

// overrides reads the settings that script one container.
type overrides struct {
	settings map[string]string
	err      error
}

func (o *overrides) apply(b *Behaviour) {
	if _, ok := o.text("exit"); ok {
		b.Exit = &Exit{Code: o.number("exit"), After: o.duration("exit-after"), Runs: o.number("exit-times")}
	}
	o.applyHealth(b)
	if _, ok := o.text("ignore-stop"); ok {
		b.IgnoreStop = true
	}
	if _, ok := o.text("stop-after"); ok {
		b.StopAfter = o.duration("stop-after")
	}
	if _, ok := o.text("stop-exit"); ok {
		b.StopCode = o.number("stop-exit")
	}
	if text, ok := o.text("start-error"); ok {
		b.StartError = text
	}
	for _, stream := range []string{"stdout", "stderr"} {
		text, ok := o.text(stream)
		if !ok {
			continue
		}
		for line := range strings.SplitSeq(strings.TrimSuffix(text, "\n"), "\n") {
			b.Output = append(slices.Clip(b.Output), Line{Text: line, Stderr: stream == "stderr"})
		}
	}
}

func (o *overrides) applyHealth(b *Behaviour) {
	output, _ := o.text("health-output")
	var script []HealthChange
	if _, ok := o.text("healthy-after"); ok {
		script = append(script, HealthChange{After: o.duration("healthy-after"), Status: ctypes.Healthy, Output: output})
	}
	if _, ok := o.text("unhealthy-after"); ok {
		script = append(script, HealthChange{After: o.duration("unhealthy-after"), Status: ctypes.Unhealthy, Output: output})
	}
	if value, ok := o.text("health"); ok {
		if value != "never" {
			o.fail("health", value)
		}
		script = append(script, HealthChange{Status: ctypes.Starting, Output: output})
	}
	if script != nil {
		b.Health = script
	}
}

func (o *overrides) text(name string) (string, bool) {
	value, ok := o.settings["enginetest."+name]
	return value, ok
}

func (o *overrides) number(name string) int {
	text, ok := o.text(name)
	if !ok {
		return 0
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		o.fail(name, text)
	}
	return n
}

func (o *overrides) duration(name string) time.Duration {
	text, ok := o.text(name)
	if !ok {
		return 0
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		o.fail(name, text)
	}
	return d
}

func (o *overrides) fail(name, value string) {
	if o.err == nil {
		o.err = fmt.Errorf("enginetest.%s has the unusable value %q", name, value)
	}
}
