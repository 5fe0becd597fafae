package planner

import "time"

// Recreate says when a container that exists is replaced.
type Recreate uint8

// The policies.
const (
	RecreateDiverged Recreate = iota // when it differs from the files
	RecreateForce                    // always (--force-recreate)
	RecreateNever                    // not even when it differs (--no-recreate)
)

// Pull policies of the Compose Spec.
const (
	PullMissing = "missing"
	PullAlways  = "always"
	PullNever   = "never"
	pullBuild   = "build"
	pullRefresh = "refresh" // daily, weekly and every_… too, which have a time
)

// UpOptions say how a project is brought up.
type UpOptions struct {
	// Command is the verb that the plan carries; empty means up.
	Command string
	// Services are those asked for by name; none means all. The project holds
	// them and what they depend on.
	Services []string
	// Recreate applies to Services, RecreateDeps to what they depend on.
	Recreate, RecreateDeps Recreate
	// RenewAnonymousVolumes gives replaced containers fresh anonymous volumes
	// (-V).
	RenewAnonymousVolumes bool
	// NoStart creates and replaces, but starts nothing.
	NoStart bool
	// RemoveOrphans removes containers of services that the files no longer
	// define; IgnoreOrphans does not even note them.
	RemoveOrphans, IgnoreOrphans bool
	// Pull overrides every service's pull_policy where it is set.
	Pull string
	// Builds says when images are built.
	Builds Builds
	// Rebuild lists services whose images are built in any case, if they can be:
	// their sources have changed.
	Rebuild []string
	// Prepared says that images were fetched, those built that were to be in any
	// case, and providers and models called, in an earlier round: what is on the
	// host now is what there is, but for images that are built because they could
	// not be fetched. Built says that those have been built, too.
	Prepared, Built bool
	// ReplaceVolumes agrees to the loss of the data in volumes whose
	// definition changed. Otherwise they are kept, with a note.
	ReplaceVolumes bool
	// Timeout is the grace period for containers that are stopped; nil leaves
	// it to each container.
	Timeout *time.Duration
	// Wait ends the plan with waits until every service is ready, each for at
	// most WaitTimeout (0: no limit).
	Wait        bool
	WaitTimeout time.Duration
	// Superseded are images that the run has put others in the place of. Those
	// of the project that nothing uses any more are removed in the end.
	Superseded []Superseded
	// ShowSecrets lets reasons carry the values of fields that look secret.
	ShowSecrets bool
}

// DownOptions say how a project is taken down.
type DownOptions struct {
	Services      []string // none means all, and the networks too
	RemoveOrphans bool
	IgnoreOrphans bool
	Volumes       bool   // named and anonymous volumes too
	Images        string // "", ImagesLocal or ImagesAll
	Timeout       *time.Duration
}

// Values of down --rmi.
const (
	ImagesLocal = "local" // images without a name of their own
	ImagesAll   = "all"   // every image of the services
)

// VerbOptions say what a verb on existing containers works on.
type VerbOptions struct {
	Services []string       // none means all
	Timeout  *time.Duration // stop, restart, rm --stop
	NoDeps   bool           // restart: leave dependents alone
	Signal   string         // kill
	Orphans  bool           // kill: containers of unknown services too
	Stop     bool           // rm: stop first
	Volumes  bool           // rm: anonymous volumes too
	// Wait ends start with waits until every service is ready.
	Wait        bool
	WaitTimeout time.Duration
}
