package planner

// StepID names a step by what it does: container/web/2:create. It is the same
// from run to run, so that plans can be compared.
type StepID string

// Step is one operation and its place in the plan.
type Step struct {
	ID     StepID
	Op     Op
	After  []StepID // steps that must be done before, in plan order
	Reason Reason
	Risk   Risk
	// BestEffort steps may fail: the failure is reported, and what comes
	// after goes on.
	BestEffort bool
}

// Kept is a thing that is as it should be.
type Kept struct {
	Target Ref    `json:"target"`
	Name   string `json:"name"`             // on the engine
	State  Phase  `json:"state,omitempty"`  // of a container
	Detail string `json:"detail,omitempty"` // why it was kept though something differs
}

// NoteCode is the kind of a note.
type NoteCode string

// The kinds of notes.
const (
	NoteOrphans     NoteCode = "orphans"      // containers of services no longer in the files
	NoteForeign     NoteCode = "foreign"      // made by somebody else under the project's name
	NoteUnsupported NoteCode = "unsupported"  // this engine cannot do what the files ask
	NoteKeptChanged NoteCode = "kept-changed" // differs from the files, but is kept
	NoteInUse       NoteCode = "in-use"       // cannot be removed while others use it
	NoteNothing     NoteCode = "nothing"      // the command finds nothing to work on
)

// Note tells the user something that no step does anything about.
type Note struct {
	Code   NoteCode `json:"code"`
	Target Ref      `json:"target,omitzero"`
	Text   string   `json:"text"`
}

// Plan is what has to happen, in an order that is valid to run one step at a
// time: every step stands after those it waits for.
type Plan struct {
	Project string
	Command string // the verb that was planned: up, down, stop …
	Steps   []Step
	Kept    []Kept
	Notes   []Note
	// Pending lists containers whose fate is known only once images have been
	// pulled, or providers and models called. Their steps are planned as if images
	// and variables stay the same.
	Pending []Ref
}

// Empty tells whether nothing has to be done.
func (p *Plan) Empty() bool { return len(p.Steps) == 0 }

// Ahead is the part of the plan that fetches and builds images, brings providers up and
// prepares models. It is applied first, by itself, because what follows depends
// on what the images and variables turn out to be. None of it waits for a step
// of the rest.
func (p *Plan) Ahead() *Plan {
	ahead := &Plan{Project: p.Project, Command: p.Command}
	for _, step := range p.Steps {
		switch op := step.Op.(type) {
		case PullImage, BuildImage, PrepareModel:
			ahead.Steps = append(ahead.Steps, step)
		case CallProvider:
			if op.Call == ProviderUp {
				ahead.Steps = append(ahead.Steps, step)
			}
		}
	}
	return ahead
}

// Step returns the step of that ID.
func (p *Plan) Step(id StepID) (Step, bool) {
	for _, step := range p.Steps {
		if step.ID == id {
			return step, true
		}
	}
	return Step{}, false
}

// AtRisk lists the steps of that risk.
func (p *Plan) AtRisk(risk Risk) []Step {
	var steps []Step
	for _, step := range p.Steps {
		if step.Risk == risk {
			steps = append(steps, step)
		}
	}
	return steps
}

// Name is the name on the engine of what the step is about.
func (s Step) Name() string {
	switch op := s.Op.(type) {
	case CreateContainer:
		return op.Name
	case PrepareModel:
		return op.Name
	case CreateNetwork:
		return op.Name
	case RemoveNetwork:
		return op.Name
	case CreateVolume:
		return op.Name
	case RemoveVolume:
		return op.Name
	case interface{ ContainerName() string }:
		return op.ContainerName()
	default:
		return s.Op.Target().Name
	}
}
