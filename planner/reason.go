package planner

// Code says in one word why a step is there.
type Code string

// The reasons. They explain; nothing is decided by them.
const (
	Missing             Code = "missing"              // it does not exist
	ScaledUp            Code = "scaled-up"            // more replicas are wanted
	ScaledDown          Code = "scaled-down"          // fewer replicas are wanted
	ConfigChanged       Code = "config-changed"       // the service's configuration changed
	ImageChanged        Code = "image-changed"        // the image has other content now
	ImageSuperseded     Code = "image-superseded"     // this run gave its name to another image
	NetworkReplaced     Code = "network-replaced"     // a network it is on is replaced
	NetworkDisconnected Code = "network-disconnected" // it is not on a network it should be on
	VolumeReplaced      Code = "volume-replaced"      // a volume it mounts is replaced
	VolumeMissing       Code = "volume-missing"       // it does not mount the volume it should
	ParentReplaced      Code = "parent-replaced"      // the container whose namespace it shares is replaced
	DependencyRestarted Code = "dependency-restarted" // depends_on … restart: true
	Forced              Code = "forced"               // asked for by a flag
	NotRunning          Code = "not-running"          // it exists but does not run
	Paused              Code = "paused"               // it is paused
	Dead                Code = "dead"                 // the engine could not remove it before
	Orphan              Code = "orphan"               // its service is no longer in the files
	FinishInterrupted   Code = "finish-interrupted"   // an earlier run was cut off midway
	Duplicate           Code = "duplicate"            // another container has its number
	Dependency          Code = "dependency"           // a service that is started next waits for it
	Requested           Code = "requested"            // the command says so
)

// Reason explains a step.
type Reason struct {
	Code   Code          `json:"code"`
	Fields []FieldChange `json:"fields,omitempty"` // what changed, by path
	By     Ref           `json:"by,omitzero"`      // what pulled this step along
	Detail string        `json:"detail,omitempty"` // one more fact, in words
}

// FieldChange is one configuration field that differs between the container
// on the host and the files. Fields that look secret carry no values, unless
// UpOptions.ShowSecrets asks for them.
type FieldChange struct {
	Path   string `json:"path"`          // Compose key, such as environment.LANG
	Old    string `json:"old,omitempty"` // empty where it was not set
	New    string `json:"new,omitempty"` // empty where it is no longer set
	Secret bool   `json:"secret,omitempty"`
}

// Risk says what a step may cost.
type Risk string

// The risks.
const (
	NoRisk   Risk = ""
	Downtime Risk = "downtime"  // a running container stops
	DataLoss Risk = "data-loss" // data is gone for good
)
