package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strings"

	"github.com/gocompose/gocompose/internal/argv"
	"github.com/gocompose/gocompose/internal/engine"
	"github.com/gocompose/gocompose/planner"
	"github.com/gocompose/gocompose/project"
	"github.com/gocompose/gocompose/runtime"
)

// loadError carries the diagnostics of a load that failed.
type loadError struct {
	diagnostics project.Diagnostics
	sources     *project.Sources
}

func (e *loadError) Error() string {
	var texts []string
	for _, d := range e.diagnostics {
		texts = append(texts, d.Summary)
	}
	return strings.Join(texts, "\n")
}

// isAbout tells whether a load failed for that reason.
func isAbout(err error, code project.Code) bool {
	var load *loadError
	return errors.As(err, &load) &&
		slices.ContainsFunc(load.diagnostics, func(d project.Diagnostic) bool { return d.Code == code })
}

// report shows what is wrong, each with the line that it is about. A single
// thing that is about no line needs no frame.
func (e *loadError) report() report {
	r := report{message: e.Error()}
	if only := e.diagnostics[0]; len(e.diagnostics) == 1 && only.Pos == (project.Pos{}) {
		r.details, r.hints = nonEmpty(only.Detail), nonEmpty(only.Hint)
		return r
	}
	var b strings.Builder
	if err := e.diagnostics.WriteText(&b, e.sources); err == nil {
		r.shown = b.String()
	}
	return r
}

// explain turns an error into what is told of it, in one place for all
// commands. Errors that were joined are told one after the other.
func explain(err error) []report {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var reports []report
		for _, one := range joined.Unwrap() {
			reports = append(reports, explain(one)...)
		}
		return slices.CompactFunc(reports, func(a, b report) bool { return a.message == b.message })
	}
	if errors.Is(err, errInterrupted) || errors.Is(err, context.Canceled) {
		return nil // the user knows
	}
	return []report{explainOne(err)}
}

func explainOne(err error) report {
	var load *loadError
	var usage *argv.UsageError
	var unknown *project.UnknownServiceError
	var wait *runtime.WaitError
	var hook *runtime.HookError
	var built *runtime.BuildError
	var provider *runtime.ProviderError
	var helper *runtime.HelperError
	var failed *engine.Error
	var moved *runtime.TransferError
	switch {
	case errors.As(err, &load):
		return load.report()
	case errors.As(err, &usage):
		return report{message: usage.Message, hints: nonEmpty(cmp.Or(usage.Hint, helpHint(usage)))}
	case errors.As(err, &unknown):
		return report{message: "no such service: " + unknown.Name, hints: nonEmpty(unknown.Hint)}
	case errors.As(err, &wait):
		return explainWait(err, wait)
	case errors.As(err, &hook):
		return explainHook(hook)
	case errors.As(err, &built):
		return report{message: err.Error(), shown: built.Excerpt() + err.Error()}
	case errors.As(err, &provider):
		return explainProvider(provider)
	case errors.Is(err, runtime.ErrNoModelPlugin):
		return report{message: err.Error(), hints: []string{"install docker's model plugin; docker model version tells whether it is there"}}
	case errors.As(err, &moved) && engine.KindOf(err) != engine.Unreachable && engine.KindOf(err) != engine.Gone:
		return explainTransfer(moved)
	case errors.As(err, &failed):
		hint := failed.Hint()
		about := subject(err)
		if failed.Kind == engine.Unreachable || failed.Kind == engine.Gone {
			about = "" // the same for all that was under way, and told once
		}
		text := about + strings.TrimSuffix(err.Error(), "; "+hint)
		if said, ok := strings.CutPrefix(failed.Err.Error(), daemonSays); ok && strings.HasPrefix(err.Error(), said) {
			text = daemonSays + text
		}
		return report{message: text, hints: nonEmpty(hint)}
	case errors.As(err, &helper):
		return report{message: subject(err) + err.Error(), details: saidBy("it", helper.Output)}
	default:
		return report{message: subject(err) + err.Error()}
	}
}

// explainTransfer names services, image and registry before the cause, which is
// the engine's.
func explainTransfer(moved *runtime.TransferError) report {
	r := report{message: daemonSays + moved.Error()}
	var failed *engine.Error
	if errors.As(moved, &failed) {
		r.hints = nonEmpty(failed.Hint())
	}
	return r
}

// daemonSays begins the engine's own errors as docker and docker compose print
// them, which scripts look for.
const daemonSays = "Error response from daemon: "

// helpHint leads to the help where the line as a whole was not understood.
func helpHint(usage *argv.UsageError) string {
	if usage.Path == nil {
		return ""
	}
	return strings.Join(append([]string{"gocompose"}, usage.Path...), " ") + " --help shows how it is used"
}

// subject names what a step that failed was about, where its error does not.
func subject(err error) string {
	var step *runtime.StepError
	if !errors.As(err, &step) {
		return ""
	}
	target := step.Step.Op.Target()
	name := string(target.Kind) + " " + step.Step.Name()
	if strings.Contains(err.Error(), step.Step.Name()) {
		return ""
	}
	return name + ": "
}

// explainWait adds what the container said before waiting for it was given up.
func explainWait(err error, wait *runtime.WaitError) report {
	r := report{message: err.Error()}
	var step *runtime.StepError
	failed := wait.Cause != runtime.CauseFailed && wait.Cause != runtime.CauseTimeout
	if failed && errors.As(err, &step) && step.Step.Reason.Code == planner.Dependency {
		r.message = "dependency failed to start: " + r.message
	}
	if n := len(wait.Probes); n > 0 {
		last := wait.Probes[n-1]
		probe := fmt.Sprintf("its last health check ended with status %d", last.ExitCode)
		if output := strings.TrimSpace(last.Output); output != "" {
			probe += ":\n  " + strings.ReplaceAll(output, "\n", "\n  ")
		}
		r.details = append(r.details, probe)
	}
	if len(wait.Logs) > 0 {
		r.details = append(r.details, "its last output:\n  "+strings.Join(wait.Logs, "\n  "))
	}
	if wait.OOMKilled {
		r.hints = append(r.hints, "it was killed because it ran out of memory")
	}
	r.hints = append(r.hints, fmt.Sprintf("gocompose logs %s shows all it said", wait.Service))
	return r
}

// explainHook shows what the hook said, and how to get on without it.
func explainHook(hook *runtime.HookError) report {
	r := report{message: hook.Error()}
	if len(hook.Output) > 0 {
		r.details = []string{"the last output of its " + string(hook.Hook) + ":\n  " + strings.Join(hook.Output, "\n  ")}
	}
	hint := "its container runs; gocompose restart %s runs the hook again"
	switch hook.Hook {
	case planner.PreStart:
		hint = "docker logs " + hook.Container + " shows all it said; gocompose up %s runs it again"
	case planner.PreStop:
		hint = "it was left running; gocompose kill %s ends it without its hooks"
	case planner.PostStart:
	}
	r.hints = []string{fmt.Sprintf(hint, hook.Service)}
	return r
}

// explainProvider shows what the provider wrote, or where it was looked for.
func explainProvider(failed *runtime.ProviderError) report {
	r := report{message: failed.Error(), details: saidBy("the provider of "+failed.Service, failed.Output)}
	if errors.Is(failed, exec.ErrNotFound) {
		r.hints = []string{fmt.Sprintf("service %s needs the docker plugin docker-%s, or a program %s in PATH", failed.Service, failed.Type, failed.Type)}
	}
	return r
}

// saidBy are the last lines of a program, if it wrote any.
func saidBy(who string, lines []string) []string {
	if len(lines) == 0 {
		return nil
	}
	return []string{who + " wrote:\n  " + strings.Join(lines, "\n  ")}
}

func nonEmpty(text string) []string {
	if text == "" {
		return nil
	}
	return []string{text}
}
