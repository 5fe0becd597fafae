package enginetest

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"github.com/moby/buildkit/session"
	"net"
	"net/http"
	"sync"
	"time"
)

// Options configure a new engine. The zero value is the newest engine with no
// images.
type Options struct {
	// APIVersion is the newest API version served, [LatestAPIVersion] if empty.
	// It also decides which engine release is imitated.
	APIVersion string
	// MinAPIVersion is the oldest API version served, the imitated release's own
	// if empty. Engine 29 refuses clients below 1.44.
	MinAPIVersion string
	// Images are present on the engine from the start.
	Images []Image
	// Registry holds the images which can be pulled.
	Registry []Image
	// BusyPorts are host TCP ports held by a program outside the engine.
	BusyPorts []uint16
}

// Engine is a Docker Engine in memory. It is an [http.Handler]; its methods may
// be called from several goroutines.
type Engine struct {
	apiVersion    string
	minAPIVersion string
	release       release
	routes        []route
	busyPorts     map[uint16]bool

	// mu guards everything below. It is never held while a request waits.
	mu         sync.Mutex
	closed     bool
	ids        map[byte]int
	clock      time.Time
	tasks      timeline
	containers map[string]*container
	networks   map[string]*network
	volumes    map[string]*volume
	images     map[string]*image
	tags       map[string]string // familiar reference, with tag or digest, to image ID
	execs      map[string]*execution
	remote     map[string]*image // what the registry serves, by reference
	pullFaults map[string]PullFailure
	pushFaults map[string]PullFailure
	events     broker
	ports      map[hostPort]string // container ID by port in use
	journal    []*Request
	fault      func(Request) Action
	inflight   map[*request]struct{}

	server      *http.Server
	pipe        *pipeListener
	sockets     map[string]net.Listener // by path
	connections map[net.Conn]struct{}
	detached    bool // unreachable, see SetReachable

	sessions *session.Manager // of clients whose builds are under way
	builds   buildList

	serving  sync.WaitGroup // listeners and calls under way
	deciding sync.Mutex     // lets one fault decision run at a time
}

// New makes an engine. It fails if the options name an API version that no known
// release serves, or an image with an unusable reference.
func New(o Options) (*Engine, error) {
	if o.APIVersion == "" {
		o.APIVersion = LatestAPIVersion
	}
	rel, err := releaseOf(o.APIVersion)
	if err != nil {
		return nil, err
	}
	sessions, err := session.NewManager()
	if err != nil {
		return nil, err
	}
	e := &Engine{
		sessions:      sessions,
		apiVersion:    o.APIVersion,
		minAPIVersion: o.MinAPIVersion,
		release:       rel,
		busyPorts:     map[uint16]bool{},
		ids:           map[byte]int{},
		containers:    map[string]*container{},
		networks:      map[string]*network{},
		volumes:       map[string]*volume{},
		images:        map[string]*image{},
		tags:          map[string]string{},
		execs:         map[string]*execution{},
		remote:        map[string]*image{},
		pullFaults:    map[string]PullFailure{},
		pushFaults:    map[string]PullFailure{},
		ports:         map[hostPort]string{},
		inflight:      map[*request]struct{}{},
		sockets:       map[string]net.Listener{},
		connections:   map[net.Conn]struct{}{},
	}
	if e.minAPIVersion == "" {
		e.minAPIVersion = rel.oldest
	}
	for _, port := range o.BusyPorts {
		e.busyPorts[port] = true
	}
	e.routes = e.table()
	e.addPredefinedNetworks()
	if err := e.AddImages(o.Images...); err != nil {
		return nil, err
	}
	if err := e.Publish(o.Registry...); err != nil {
		return nil, err
	}
	return e, nil
}

// Close ends every connection, goroutine and timer of the engine and waits for
// them. Requests under way are broken off. It may be called more than once.
func (e *Engine) Close() error {
	e.mu.Lock()
	e.closed = true
	e.tasks.stop()
	e.mu.Unlock()

	e.breakRequests(func(*request) bool { return true })
	err := e.stopServing()
	e.serving.Wait()
	return err
}

// The first digit of an identifier tells what it stands for.
const (
	containerID = 'c'
	networkID   = 'a'
	volumeID    = 'b'
	endpointID  = 'd'
	execID      = 'e'
	sandboxID   = 'f'
)

// newID makes the next identifier of a kind: 64 hexadecimal digits, the same
// ones in each run. The count is in the first 12, where short identifiers look.
func (e *Engine) newID(kind byte) string {
	e.ids[kind]++
	head := fmt.Sprintf("%c%011x", kind, e.ids[kind])
	sum := sha256.Sum256([]byte(head))
	return head + hex.EncodeToString(sum[:])[:64-len(head)]
}

func shortID(id string) string {
	if len(id) > 12 {
		return id[:12]
	}
	return id
}

// now is the time, never the same twice: on a bubble's clock many things happen
// in one instant, and real engines' timestamps still tell their order.
func (e *Engine) now() time.Time {
	t := time.Now().UTC()
	if !t.After(e.clock) {
		t = e.clock.Add(time.Nanosecond)
	}
	e.clock = t
	return t
}
