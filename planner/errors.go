package planner

import "fmt"

// MissingExternalError reports a network or volume that the files declare as
// external and that the host does not have.
type MissingExternalError struct {
	Kind Kind
	Name string // on the engine
}

// Error uses docker compose's words, which scripts look for.
func (e *MissingExternalError) Error() string {
	if e.Kind == KindVolume {
		return fmt.Sprintf("external volume %q not found", e.Name)
	}
	return fmt.Sprintf("network %s declared as external, but could not be found", e.Name)
}

// ImageError reports an image that is not there and that nothing may fetch.
type ImageError struct {
	Service, Image string
	Build          bool // it would have to be built
}

// Error says what to do.
func (e *ImageError) Error() string {
	if e.Build {
		return fmt.Sprintf("service %q: image %s is not on this host and has to be built; leave --no-build out, or build it first", e.Service, e.Image)
	}
	return fmt.Sprintf("service %q: No such image: %s, and its pull policy forbids to fetch it; pull it first or use --pull missing", e.Service, e.Image)
}

// ParentMissingError reports a service that shares a namespace or volumes
// with a service that has no container.
type ParentMissingError struct {
	Service, Parent string
	Shares          string // network namespace, ipc namespace, pid namespace or volume
}

// Error uses docker compose's words, which scripts look for.
func (e *ParentMissingError) Error() string {
	return fmt.Sprintf("cannot share %s with service %s: container missing", e.Shares, e.Parent)
}

// ScaleError reports a service that cannot have several containers.
type ScaleError struct{ Service, ContainerName string }

// Error uses docker compose's words, which scripts look for.
func (e *ScaleError) Error() string {
	return fmt.Sprintf("WARNING: The %q service is using the custom container name %q. Docker requires each container to have a unique name. Remove the custom name to scale the service", e.Service, e.ContainerName)
}

// NoContainerError reports a verb on a service that has no container.
type NoContainerError struct{ Service string }

// Error uses docker compose's words, which scripts look for.
func (e *NoContainerError) Error() string {
	return fmt.Sprintf("service %q has no container to start", e.Service)
}
