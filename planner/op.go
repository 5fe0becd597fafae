package planner

import "time"

// Verb is the name of an operation, as plans and events print it.
type Verb string

// The whole vocabulary. Every change to the host is one of these.
const (
	VerbPull       Verb = "pull"
	VerbBuild      Verb = "build"
	VerbPush       Verb = "push"
	VerbProvide    Verb = "provide"
	VerbPrepare    Verb = "prepare"
	VerbRemove     Verb = "remove"
	VerbCreate     Verb = "create"
	VerbConnect    Verb = "connect"
	VerbDisconnect Verb = "disconnect"
	VerbCopy       Verb = "copy"
	VerbStart      Verb = "start"
	VerbStop       Verb = "stop"
	VerbHook       Verb = "hook"
	VerbKill       Verb = "kill"
	VerbRestart    Verb = "restart"
	VerbPause      Verb = "pause"
	VerbUnpause    Verb = "unpause"
	VerbRename     Verb = "rename"
	VerbAwait      Verb = "await"
)

// Op is one operation. Each is a small struct of plain values: what to do, to
// what, and nothing about how.
type Op interface {
	Verb() Verb
	Target() Ref
}

// Handle points at a container that exists already (ID), or at one that an
// earlier step of the same plan makes (Step). The zero Handle points nowhere.
type Handle struct {
	ID   string `json:"id,omitempty"`
	Step StepID `json:"step,omitempty"`
}

// IsZero tells whether the handle points nowhere.
func (h Handle) IsZero() bool { return h == Handle{} }

// PullImage fetches an image from its registry.
type PullImage struct {
	Image    string   `json:"image"`
	Platform string   `json:"platform,omitempty"`
	Services []string `json:"services"` // who needs it, in name order
	// Optional pulls may fail without failing the plan: the image is present
	// already, or can be built.
	Optional bool `json:"optional,omitempty"`
	// Stamp has the engine note when the image was pulled, for policies that go
	// by the time. Pulling alone does not.
	Stamp bool `json:"stamp,omitempty"`
}

// BuildImage builds an image from the build section of a service. How is left in
// the files: build arguments may be secret.
type BuildImage struct {
	Service string `json:"service"`
	Image   string `json:"image"`
}

// PushImage sends an image to its registry.
type PushImage struct {
	Image    string   `json:"image"`
	Services []string `json:"services"` // whose it is, in name order
}

// ProviderCall is what a provider is asked to do.
type ProviderCall string

// The calls.
const (
	ProviderUp   ProviderCall = "up"
	ProviderStop ProviderCall = "stop" // only those that say that they can
	ProviderDown ProviderCall = "down"
)

// CallProvider has the program of a service's provider do something. What it is
// told besides stays in the files.
type CallProvider struct {
	Service  string       `json:"service"`
	Provider string       `json:"provider"` // its type
	Call     ProviderCall `json:"call"`
}

// PrepareModel fetches and configures an AI model.
type PrepareModel struct {
	Model string `json:"model"` // key in the project
	Name  string `json:"name"`  // what it goes by
	Image string `json:"image"` // reference of the model
}

// RemoveImage removes an image reference (down --rmi) or, where there is an ID,
// the image that had the reference before another one took it.
type RemoveImage struct {
	Image string `json:"image"`
	ID    string `json:"id,omitempty"`
}

// CreateNetwork creates the network of that key.
type CreateNetwork struct {
	Network string `json:"network"` // key in the project
	Name    string `json:"name"`    // name on the engine
}

// RemoveNetwork removes a network.
type RemoveNetwork struct {
	Network string `json:"network"`
	Name    string `json:"name"`
	ID      string `json:"id"`
}

// ConnectNetwork connects a container to a network with the endpoint settings
// of its service: aliases, addresses, MAC.
type ConnectNetwork struct {
	ContainerOp
	Network string `json:"network"` // key in the project
	// OneOff is that of the container, if it is one.
	OneOff *OneOff `json:"oneOff,omitempty"`
}

// DisconnectNetwork takes a container off a network, by force.
type DisconnectNetwork struct {
	ContainerOp
	Network   string `json:"network"` // key in the project
	NetworkID string `json:"networkId"`
}

// CreateVolume creates the named volume of that key.
type CreateVolume struct {
	Volume string `json:"volume"`
	Name   string `json:"name"`
}

// RemoveVolume removes a named volume and the data in it.
type RemoveVolume struct {
	Volume string `json:"volume"`
	Name   string `json:"name"`
}

// CreateContainer creates one container of a service.
type CreateContainer struct {
	Service string `json:"service"`
	Number  int    `json:"number"`            // 0 of a one-off container
	Name    string `json:"name"`              // temporary while it replaces another
	ImageID string `json:"imageId,omitempty"` // empty while the image is yet to be pulled
	// ImageContent is recorded, and tells later whether the image's content changed.
	ImageContent string `json:"imageContent,omitempty"`
	// Replaces is the container whose place the new one takes.
	Replaces Handle `json:"replaces,omitzero"`
	// Inherit carries the anonymous volumes of the replaced container over, by
	// path in the container.
	Inherit map[string]string `json:"inherit,omitempty"`
	// Parents resolves the services that the configuration refers to as
	// service:NAME (network_mode, ipc, pid, volumes_from) or by links.
	Parents map[string]Handle `json:"parents,omitempty"`
	// OneOff makes a container that is no replica.
	OneOff *OneOff `json:"oneOff,omitempty"`
}

// CopyFiles puts configs and secrets that no bind mount can carry into a
// container before it starts.
type CopyFiles struct{ ContainerOp }

// ContainerOp is what the operations on one existing container have in
// common. Name is its name when the step runs.
type ContainerOp struct {
	Container Handle `json:"container"`
	Service   string `json:"service"`
	Number    int    `json:"number"`
	Name      string `json:"name"`
}

// Target is the container by service and number.
func (c ContainerOp) Target() Ref {
	return Ref{Kind: KindContainer, Name: c.Service, Index: c.Number}
}

// ContainerName is the container's name when the step runs.
func (c ContainerOp) ContainerName() string { return c.Name }

// Handle points at the container.
func (c ContainerOp) Handle() Handle { return c.Container }

// StartContainer starts a container.
type StartContainer struct {
	ContainerOp
	// Serial starts take turns: the engine hands out ports of a host port
	// range one container at a time only (moby allocates them without a lock).
	Serial bool `json:"serial,omitempty"`
}

// StopContainer asks a container to stop, and kills it after the timeout.
type StopContainer struct {
	ContainerOp
	// Timeout is the grace period; nil leaves it to the container's own
	// stop_grace_period or the engine's ten seconds.
	Timeout *time.Duration `json:"timeout,omitempty"`
}

// Hook is a point in a container's life at which commands of its service run
// in it.
type Hook string

// The hooks.
const (
	PreStart  Hook = "pre_start"  // once before a service starts, in containers of their own
	PostStart Hook = "post_start" // after each start
	PreStop   Hook = "pre_stop"   // before it is stopped, though not before it is replaced
)

// RunHook runs one command of a hook in a running container or, for pre_start,
// beside one that is yet to start. The commands stay in the files: they may hold
// secrets.
type RunHook struct {
	ContainerOp
	Hook  Hook `json:"hook"`
	Place int  `json:"place"` // from 1, among the service's commands for the hook
}

// KillContainer sends a signal.
type KillContainer struct {
	ContainerOp
	Signal string `json:"signal"`
}

// RestartContainer stops and starts a container in one request.
type RestartContainer struct {
	ContainerOp
	Timeout *time.Duration `json:"timeout,omitempty"`
}

// PauseContainer freezes a container's processes.
type PauseContainer struct{ ContainerOp }

// UnpauseContainer thaws a container's processes.
type UnpauseContainer struct{ ContainerOp }

// RemoveContainer removes a container.
type RemoveContainer struct {
	ContainerOp
	Volumes bool `json:"volumes,omitempty"` // its anonymous volumes too
	Force   bool `json:"force,omitempty"`   // though it may be running
}

// RenameContainer gives a container its final name.
type RenameContainer struct {
	ContainerOp
	To string `json:"to"`
}

// Condition is what an Await waits for.
type Condition string

// The conditions. The first three are those of depends_on.
const (
	ConditionStarted   Condition = "service_started"
	ConditionHealthy   Condition = "service_healthy"
	ConditionCompleted Condition = "service_completed_successfully"
	// ConditionReady is that of --wait: healthy where there is a health check,
	// else running; a container that ran to its end with status 0 is ready.
	ConditionReady Condition = "running_or_healthy"
)

// Await waits until containers of a service reach a condition. It changes
// nothing.
type Await struct {
	Service    string        `json:"service"`
	Containers []Handle      `json:"containers"`
	Names      []string      `json:"names"` // parallel to Containers
	For        Condition     `json:"for"`
	Timeout    time.Duration `json:"timeout,omitempty"` // 0 waits for ever
	// Optional waits note a failure and let their dependents go on
	// (depends_on: required: false).
	Optional bool `json:"optional,omitempty"`
}

// Verb implements [Op].
func (PullImage) Verb() Verb         { return VerbPull }
func (BuildImage) Verb() Verb        { return VerbBuild }
func (PushImage) Verb() Verb         { return VerbPush }
func (o CallProvider) Verb() Verb    { return providerVerb(o.Call) }
func (PrepareModel) Verb() Verb      { return VerbPrepare }
func (RemoveImage) Verb() Verb       { return VerbRemove }
func (CreateNetwork) Verb() Verb     { return VerbCreate }
func (RemoveNetwork) Verb() Verb     { return VerbRemove }
func (ConnectNetwork) Verb() Verb    { return VerbConnect }
func (DisconnectNetwork) Verb() Verb { return VerbDisconnect }
func (CreateVolume) Verb() Verb      { return VerbCreate }
func (RemoveVolume) Verb() Verb      { return VerbRemove }
func (CreateContainer) Verb() Verb   { return VerbCreate }
func (CopyFiles) Verb() Verb         { return VerbCopy }
func (StartContainer) Verb() Verb    { return VerbStart }
func (StopContainer) Verb() Verb     { return VerbStop }
func (RunHook) Verb() Verb           { return VerbHook }
func (KillContainer) Verb() Verb     { return VerbKill }
func (RestartContainer) Verb() Verb  { return VerbRestart }
func (PauseContainer) Verb() Verb    { return VerbPause }
func (UnpauseContainer) Verb() Verb  { return VerbUnpause }
func (RemoveContainer) Verb() Verb   { return VerbRemove }
func (RenameContainer) Verb() Verb   { return VerbRename }
func (Await) Verb() Verb             { return VerbAwait }

// Target implements [Op].
func (o PullImage) Target() Ref     { return Ref{Kind: KindImage, Name: o.Image} }
func (o BuildImage) Target() Ref    { return Ref{Kind: KindImage, Name: o.Image} }
func (o PushImage) Target() Ref     { return Ref{Kind: KindImage, Name: o.Image} }
func (o RemoveImage) Target() Ref   { return Ref{Kind: KindImage, Name: o.name()} }
func (o CallProvider) Target() Ref  { return Ref{Kind: KindService, Name: o.Service} }
func (o PrepareModel) Target() Ref  { return Ref{Kind: KindModel, Name: o.Model} }
func (o CreateNetwork) Target() Ref { return Ref{Kind: KindNetwork, Name: o.Network} }
func (o RemoveNetwork) Target() Ref { return Ref{Kind: KindNetwork, Name: o.Network} }
func (o CreateVolume) Target() Ref  { return Ref{Kind: KindVolume, Name: o.Volume} }
func (o RemoveVolume) Target() Ref  { return Ref{Kind: KindVolume, Name: o.Volume} }
func (o Await) Target() Ref         { return Ref{Kind: KindService, Name: o.Service} }
func (o CreateContainer) Target() Ref {
	return Ref{Kind: KindContainer, Name: o.Service, Index: o.Number}
}

// name tells an image that has lost its reference from the one that has it now.
func (o RemoveImage) name() string {
	if o.ID == "" {
		return o.Image
	}
	return o.Image + "@" + shortID(o.ID)
}

func providerVerb(call ProviderCall) Verb {
	switch call {
	case ProviderStop:
		return VerbStop
	case ProviderDown:
		return VerbRemove
	default:
		return VerbProvide
	}
}
