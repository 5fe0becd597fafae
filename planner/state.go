package planner

import (
	"slices"
	"time"

	"github.com/gocompose/gocompose/internal/spec"
)

// State is what was observed on the host, as plain values. It is a snapshot:
// planning never looks again.
type State struct {
	Now        time.Time
	Features   spec.Features
	Containers []Container // of the project, in name order
	Networks   []Network   // of the project, and those it uses, in name order
	Volumes    []Volume    // of the project, and those it uses, in name order
	// Images holds what the project's image references mean on this host, by
	// reference (and platform, see ImageKey). A missing key is a missing image.
	Images map[string]Image
}

// Phase is a container's state in the engine's words.
type Phase string

// The phases.
const (
	Created    Phase = "created"
	Running    Phase = "running"
	PausedNow  Phase = "paused"
	Restarting Phase = "restarting"
	Removing   Phase = "removing"
	Exited     Phase = "exited"
	DeadNow    Phase = "dead"
)

// Health is the state of a health check; empty where there is none.
type Health string

// The states of a health check.
const (
	NoHealth  Health = ""
	Starting  Health = "starting"
	Healthy   Health = "healthy"
	Unhealthy Health = "unhealthy"
)

// Container is one container that carries the project's label.
type Container struct {
	ID       string
	Name     string // without the leading slash
	Service  string
	Number   int
	OneOff   bool // made by run, not a replica
	Phase    Phase
	Health   Health
	ExitCode int
	Created  time.Time
	Labels   map[string]string
	Hash     string // label config-hash
	ImageID  string // the image it was made from
	// ImageContent is the content of the image it was made from, as gocompose
	// recorded it; empty for a container of docker compose.
	ImageContent string
	// ImageLabel is the image ID that docker compose's label recorded.
	ImageLabel string
	ImageRef   string       // as it was asked for
	Networks   []Attachment // in network name order
	Mounts     []Mount      // in destination order
	// Digests are the field digests that gocompose recorded on create; nil for
	// a container of docker compose.
	Digests map[string]string
	// Fields are the observed values, read only for containers whose hash
	// differs (see NeedInspect); nil where they were not read.
	Fields map[string]string
}

// Running tells whether the container's process is alive.
func (c Container) Running() bool {
	return c.Phase == Running || c.Phase == PausedNow || c.Phase == Restarting
}

// Attachment is a container's place on a network.
type Attachment struct {
	Network string // name on the engine
	ID      string // network ID
}

// Mount is something mounted into a container.
type Mount struct {
	Type        string // bind, volume, tmpfs …
	Name        string // volume name
	Source      string
	Destination string
}

// Network is a network that the project made or uses.
type Network struct {
	ID      string
	Name    string
	Key     string // label network
	Project string // label project
	Hash    string // label config-hash; empty where none was recorded
	// Endpoints are the names of the containers on it, read only where the
	// hash differs (see NeedInspect).
	Endpoints []string
}

// Volume is a volume that the project made or uses.
type Volume struct {
	Name    string
	Key     string // label volume
	Project string // label project
	Hash    string // label config-hash; empty where none was recorded
}

// Image is an image on the host.
type Image struct {
	ID      string
	Volumes []string // VOLUME paths, sorted
	// Content tells one content from another: layers, configuration, platform.
	// IDs go by the time of a build, too, and by what attests it.
	Content string
	// Same are other IDs with this content, of images that containers were made
	// from; looked up only for those that did not record it.
	Same   []string
	Tagged time.Time // when it was last tagged here; zero where that is not known
	// Project is the one that built it, by its label.
	Project string
}

// Serves tells whether a container was made from the image, or from one with the
// same content.
func (i Image) Serves(c Container) bool {
	id := c.Image()
	return i.ID == id || slices.Contains(i.Same, id) || i.Content != "" && i.Content == c.ImageContent
}

// ImageKey is the key of [State.Images] for a reference at a platform, which
// is empty for the engine's own.
func ImageKey(ref, platform string) string {
	if platform == "" {
		return ref
	}
	return ref + "@" + platform
}

// ContainersOf lists the containers of a service that are replicas.
func (s State) ContainersOf(service string) []Container {
	var found []Container
	for _, c := range s.Containers {
		if c.Service == service && !c.OneOff && c.Number > 0 {
			found = append(found, c)
		}
	}
	return found
}
