package engine

import (
	"fmt"
	"regexp"
	"sync"
)

// Kind is the class of an engine's error.
type Kind string

// The kinds.
const (
	Other            Kind = ""
	NotFound         Kind = "not-found"         // no such thing
	Conflict         Kind = "conflict"          // not in the state that it is in
	Unreachable      Kind = "unreachable"       // the engine cannot be connected to
	Gone             Kind = "gone"              // the connection broke
	PermissionDenied Kind = "permission-denied" // of the engine's socket
	TooOld           Kind = "too-old"           // the engine's API
	NameInUse        Kind = "name-in-use"       // Name is the container name, By the ID of who has it
	PortTaken        Kind = "port-taken"        // Name is the host port
	PortForbidden    Kind = "port-forbidden"    // Name is the host port
	NoSpace          Kind = "no-space"          // on the engine's disk
	ImageMissing     Kind = "image-missing"     // Name is the image
	NotTagged        Kind = "not-tagged"        // Name is the repository of the image to push
	PullDenied       Kind = "pull-denied"       // Name is the repository
	ManifestMissing  Kind = "manifest-missing"  // the registry has no such tag or platform
	RateLimited      Kind = "rate-limited"      // by the registry
	RegistryDown     Kind = "registry-down"     // the engine cannot reach the registry
	TransferBroken   Kind = "transfer-broken"   // from or to a registry
	WrongDigest      Kind = "wrong-digest"      // what a registry serves is not what it says
	NetworkInUse     Kind = "network-in-use"    // it has endpoints
	NetworkMissing   Kind = "network-missing"   // Name is the network
	VolumeInUse      Kind = "volume-in-use"     // By lists the IDs of who uses it
	PoolsExhausted   Kind = "pools-exhausted"   // no subnet is left
	SubnetOverlap    Kind = "subnet-overlap"    // of a configured subnet
	AddressTaken     Kind = "address-taken"     // a configured IP address
	BindMissing      Kind = "bind-missing"      // Name is the path on the host
	CommandMissing   Kind = "command-missing"   // Name is the program
	DeviceMissing    Kind = "device-missing"    // Name is the driver
	ImageInUse       Kind = "image-in-use"      // by a container
	// NotRunning, RemovalInProgress and NotConnected are conflicts with the
	// state that a container is in.
	NotRunning        Kind = "not-running"
	RemovalInProgress Kind = "removal-in-progress"
	NotConnected      Kind = "not-connected" // to that network
)

// rule recognises a kind by the engine's words, which stayed the same in their
// essence from Engine 20.10 to 28.
type rule struct {
	kind    Kind
	pattern *regexp.Regexp
}

// rules are tried in order: the more particular come first. They are compiled
// when the first error needs them.
var rules = sync.OnceValue(func() []rule { //nolint:gochecknoglobals // a constant that takes time to make
	return []rule{
		{NameInUse, regexp.MustCompile(`container name "/?(?P<name>[^"]+)" is already in use by container "?(?P<by>[0-9a-f]*)`)},
		{PortTaken, regexp.MustCompile(`(?:Bind for |listen \w+ |failed to bind host port (?:for )?)\S*?:(?P<name>\d+).*(?:already allocated|already in use)`)},
		{PortForbidden, regexp.MustCompile(`(?:listen \w+ |failed to bind host port (?:for )?)\S*?:(?P<name>\d+).*permission denied`)},
		{NoSpace, regexp.MustCompile(`no space left on device`)},
		{PullDenied, regexp.MustCompile(`pull access denied for (?P<name>[^,\s]+)|unauthorized(?:: |$)|no basic auth credentials|authentication required|requested access to the resource is denied|authorization failed`)},
		{ManifestMissing, regexp.MustCompile(`manifest for (?P<name>\S+) not found|manifest unknown|no matching manifest`)},
		{RateLimited, regexp.MustCompile(`toomanyrequests|Too Many Requests`)},
		{RegistryDown, regexp.MustCompile(`(?:Get|Head) "?https?://(?P<name>[^/"]+).*(?:no such host|connection refused|i/o timeout|handshake timeout|awaiting headers|while waiting for connection|unreachable|server misbehaving|x509)`)},
		{WrongDigest, regexp.MustCompile(`verification failed for digest|unexpected commit digest|digest did not match|did not match digest|content digest .* does not match|DIGEST_INVALID|provided digest did not match`)},
		{ImageMissing, regexp.MustCompile(`No such image: (?P<name>\S+)`)},
		{NotTagged, regexp.MustCompile(`image does not exist locally with the tag: (?P<name>\S+)`)},
		{NetworkInUse, regexp.MustCompile(`network (?P<name>\S+) (?:id \S+ )?has active endpoints`)},
		{NetworkMissing, regexp.MustCompile(`network (?P<name>\S+) not found`)},
		{VolumeInUse, regexp.MustCompile(`volume is in use - \[(?P<by>[^\]]*)\]`)},
		{PoolsExhausted, regexp.MustCompile(`non-overlapping IPv[46] address pool|predefined address pools have been fully subnetted`)},
		{SubnetOverlap, regexp.MustCompile(`Pool overlaps with other one`)},
		{AddressTaken, regexp.MustCompile(`Address already in use`)},
		{BindMissing, regexp.MustCompile(`bind source path does not exist: (?P<name>.+)$`)},
		{CommandMissing, regexp.MustCompile(`exec: \\?"(?P<name>[^"\\]+)\\?": (?:executable file not found|stat |permission denied|no such file)`)},
		{DeviceMissing, regexp.MustCompile(`could not select device driver "(?P<name>[^"]*)"`)},
		{NotRunning, regexp.MustCompile(`(?i)container \S+ is not running`)},
		{RemovalInProgress, regexp.MustCompile(`removal of container \S+ is already in progress`)},
		{NotConnected, regexp.MustCompile(`is not connected to (?:the )?network`)},
		{ImageInUse, regexp.MustCompile(`image is being used by|image is referenced in multiple repositories|unable to (?:remove|delete) .*(?:must be forced|must force|cannot be forced)`)},
	}
})

// Hint says what to do about the error; empty where the error says it all.
func (e *Error) Hint() string {
	if e.hint != "" {
		return e.hint
	}
	switch e.Kind {
	case Unreachable:
		return "start the engine, or check DOCKER_HOST and docker context ls"
	case Gone:
		return "the connection to the engine broke; once the engine answers again, repeat the command and it goes on from here"
	case PermissionDenied:
		return "this user may not use the engine's socket: join its group (often docker) and log in again, or choose another DOCKER_HOST"
	case TooOld:
		return "upgrade the engine, or unset DOCKER_API_VERSION"
	case NameInUse:
		return fmt.Sprintf("see what it is with docker inspect %s, then rename or remove it, or change container_name or the project name", e.Name)
	case PortTaken:
		if e.By != "" {
			return fmt.Sprintf("%s publishes port %s: stop it, or publish another port under ports", e.By, e.Name)
		}
		return fmt.Sprintf("stop what uses port %s, or publish another one under ports", e.Name)
	case PortForbidden:
		return fmt.Sprintf("this engine may not open port %s: publish one from 1024 up, or let it (net.ipv4.ip_unprivileged_port_start)", e.Name)
	case NoSpace:
		return "free space on the engine's disk: docker system df shows what uses it"
	case ImageMissing:
		return "pull it, or let pull_policy do it"
	default:
		return e.hintOnUse()
	}
}

func (e *Error) hintOnUse() string {
	switch e.Kind {
	case PullDenied:
		return "check the image's name, and log in to its registry with docker login"
	case ManifestMissing:
		return "check the image's tag and platform"
	case RateLimited:
		return "wait, or log in to the registry with docker login"
	case RegistryDown:
		return "check the engine's connection to the registry, its DNS and its proxy"
	case NotTagged:
		return "build it first, with gocompose build"
	case TransferBroken:
		return "repeat the command: what has come already is kept"
	case WrongDigest:
		return "what the registry serves is not what its manifest says: have it repaired there, and check proxies on the way"
	case NetworkInUse:
		return "disconnect or remove the containers on it first"
	case NetworkMissing:
		return "it was removed meanwhile; repeat the command"
	case VolumeInUse:
		return "remove the containers that use it first"
	case PoolsExhausted:
		return "remove networks that are not used any more (docker network ls), give this one a subnet under ipam, or extend the engine's default-address-pools"
	case SubnetOverlap:
		return "choose another subnet under ipam, or remove the network that has it"
	case AddressTaken:
		return "choose another address, or stop the container that has it"
	case BindMissing:
		return "create it, or set bind.create_host_path"
	case CommandMissing:
		return "check command and entrypoint against what is in the image"
	case DeviceMissing:
		return "install the device's container toolkit on the engine's machine, or remove the reservation"
	case ImageInUse:
		return "remove the containers that use it first"
	default:
		return ""
	}
}
