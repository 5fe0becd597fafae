package planner

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// waitFor is the verb of an action that only waits.
const waitFor = "wait for"

// action is what a plan does to one thing, as people see it: create, stop,
// remove and rename of one container are one replace.
type action struct {
	target Ref
	verb   string
	name   string // on the engine
	reason Reason
	then   []string // further steps, in words
	risk   Risk
	last   int // where its last step stands in the plan
}

// actionsOf folds the steps of a plan by target: images, networks and volumes
// first, then containers and waits in the order in which they get ready.
func actionsOf(p *Plan) []action {
	type key struct {
		target Ref
		id     string // tells containers of one number apart
	}
	index := map[key]int{}
	ids := identities(p)
	var actions []action
	for n, step := range p.Steps {
		k := key{target: step.Op.Target(), id: ids[step.ID]}
		if _, wait := step.Op.(Await); wait {
			k.id = string(step.ID)
		}
		if step.Reason.Code == FinishInterrupted {
			k.id = "" // the rest of one replacement, whichever container it is about
		}
		i, known := index[k]
		if !known {
			i = len(actions)
			index[k] = i
			actions = append(actions, action{target: k.target, reason: step.Reason})
		}
		actions[i].add(step)
		actions[i].last = n
	}
	slices.SortFunc(actions, func(a, b action) int {
		return cmp.Or(cmp.Compare(a.rank(), b.rank()), cmp.Compare(a.last, b.last))
	})
	return actions
}

// rank groups what containers need before the containers, and what goes after
// them behind.
func (a action) rank() int {
	kind := min(rank(a.target.Kind), rank(KindService))
	if a.verb == "remove" && kind < rank(KindService) {
		return rank(KindService) + 1
	}
	return kind
}

// identities names the container that each step works on by the one that it
// replaces, so that both ends of a replacement fold into one action.
func identities(p *Plan) map[StepID]string {
	ids := make(map[StepID]string, len(p.Steps))
	for _, step := range p.Steps {
		if create, ok := step.Op.(CreateContainer); ok {
			ids[step.ID] = create.Replaces.ID
		} else if c, ok := containerOp(step.Op); ok {
			ids[step.ID] = cmp.Or(c.Container.ID, ids[c.Container.Step])
		}
	}
	return ids
}

func containerOp(op Op) (ContainerOp, bool) {
	switch op := op.(type) {
	case ConnectNetwork:
		return op.ContainerOp, true
	case DisconnectNetwork:
		return op.ContainerOp, true
	case CopyFiles:
		return op.ContainerOp, true
	case StartContainer:
		return op.ContainerOp, true
	case StopContainer:
		return op.ContainerOp, true
	case RunHook:
		return op.ContainerOp, true
	case KillContainer:
		return op.ContainerOp, true
	case RestartContainer:
		return op.ContainerOp, true
	case PauseContainer:
		return op.ContainerOp, true
	case UnpauseContainer:
		return op.ContainerOp, true
	case RemoveContainer:
		return op.ContainerOp, true
	case RenameContainer:
		return op.ContainerOp, true
	default:
		return ContainerOp{}, false
	}
}

// add folds one more step in.
func (a *action) add(step Step) {
	if step.Risk != NoRisk && a.risk != DataLoss {
		a.risk = step.Risk
	}
	switch op := step.Op.(type) {
	case CreateContainer:
		a.verb, a.name, a.reason = "create", op.Name, step.Reason
		if !op.Replaces.IsZero() {
			a.verb = "replace"
		}
	case RenameContainer:
		a.name = op.To
		if a.verb == "remove" {
			a.verb = "replace"
		}
		a.lead("rename")
	case PullImage:
		a.verb, a.name = "pull", op.Image
	case BuildImage:
		a.verb, a.name = "build", op.Image
	case PushImage:
		if a.name = op.Image; a.verb == "" {
			a.verb = "push"
		} else {
			a.then = append(a.then, "push")
		}
	case CallProvider:
		a.verb, a.name = string(op.Verb()), op.Service
		a.then = append(a.then, "by provider "+op.Provider)
	case PrepareModel:
		a.verb, a.name = string(op.Verb()), op.Image
	case RemoveImage:
		a.verb, a.name = "remove", op.name()
	case CreateNetwork:
		a.replaceOr("create", op.Name)
	case RemoveNetwork:
		a.verb, a.name = "remove", op.Name
	case CreateVolume:
		a.replaceOr("create", op.Name)
	case RemoveVolume:
		a.verb, a.name = "remove", op.Name
	case Await:
		a.verb, a.name = waitFor, op.Service
		a.then = append(a.then, conditionText(op))
	case ConnectNetwork:
		a.name = cmp.Or(a.name, op.Name)
		a.lead("connect")
	case CopyFiles:
		a.name = cmp.Or(a.name, op.Name)
		a.lead("copy")
	case RunHook:
		a.hook(op)
	case DisconnectNetwork:
	default:
		if c, ok := containerOp(op); ok && a.name == "" {
			a.name = c.Name
		}
		a.lead(string(op.Verb()))
	}
}

// hook says once of each hook that it runs.
func (a *action) hook(op RunHook) {
	a.name = cmp.Or(a.name, op.Name)
	if text := "runs " + string(op.Hook); !slices.Contains(a.then, text) {
		a.then = append(a.then, text)
	}
}

// replaceOr turns a remove that is followed by a create into a replace.
func (a *action) replaceOr(verb, name string) {
	if a.verb == "remove" {
		verb = "replace"
	}
	a.verb, a.name = verb, name
}

// lead sets the verb where none that says more is there yet.
func (a *action) lead(verb string) {
	switch {
	case a.verb == "" || a.verb == "stop" && verb == "remove":
		a.verb = verb
	case a.verb == "stop" && verb == "start":
		a.verb = "restart"
	case (a.verb == "rename" || a.verb == "copy" || a.verb == "connect") && verb == "start":
		a.verb = "start"
	}
}

func (a *action) title() string { return string(a.target.Kind) + " " + a.name }

// why says the reason in words, the risk, and what else is done.
func (a *action) why() string {
	parts := append([]string(nil), a.then...)
	if a.verb != waitFor {
		parts = append([]string{a.reason.Text()}, parts...)
	}
	text := strings.Join(parts, "; ")
	if a.risk == DataLoss {
		text += " (its data is lost)"
	}
	return text
}

func conditionText(op Await) string {
	text := map[Condition]string{
		ConditionStarted:   "until started",
		ConditionHealthy:   "until healthy",
		ConditionCompleted: "until completed successfully",
		ConditionReady:     "until running or healthy",
	}[op.For]
	if op.Timeout > 0 {
		text += fmt.Sprintf(", for at most %s", op.Timeout.Round(time.Millisecond))
	}
	if op.Optional {
		text += " (optional)"
	}
	return text
}

// Text says the reason in words.
func (r Reason) Text() string {
	text := map[Code]string{
		Missing:             "missing",
		ScaledUp:            "more replicas wanted",
		ScaledDown:          "fewer replicas wanted",
		ConfigChanged:       "configuration changed",
		ImageChanged:        "image changed",
		ImageSuperseded:     "superseded by another image of its name",
		NetworkReplaced:     "network replaced",
		NetworkDisconnected: "not on its network",
		VolumeReplaced:      "volume replaced",
		VolumeMissing:       "volume not mounted",
		ParentReplaced:      "shares with a container that is replaced",
		DependencyRestarted: "restarts with its dependency",
		Forced:              "forced",
		NotRunning:          "not running",
		Paused:              "paused",
		Dead:                "dead",
		Orphan:              "orphan: its service is not in the files",
		FinishInterrupted:   "finishes an interrupted run",
		Duplicate:           "another container has its number",
		Dependency:          "needed by what starts next",
		Requested:           "requested",
	}[r.Code]
	if r.By != (Ref{}) {
		text += " (" + r.By.String() + ")"
	}
	if r.Detail != "" {
		text += ": " + r.Detail
	}
	return text
}
