package spec

import (
	"fmt"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/gocompose/gocompose/project"
)

// neutralParent stands for a container of the service, whichever it will be.
const neutralParent = "service!"

// Desired are the fields that a container of the service has by the files.
// They depend on nothing else: neither on the container's number nor on the
// engine.
func Desired(p *project.Project, s project.Service) (Fields, error) {
	in := Inputs{Number: 1, Name: s.ContainerNameFor(1), Parents: map[string]string{}, ReadFile: pathOnly}
	for _, edge := range s.References() {
		in.Parents[edge.To] = neutralParent + edge.To
	}
	r, err := build(p, s, in)
	if err != nil {
		return nil, fmt.Errorf("service %q: %w", s.Name, err)
	}
	f := flat{fields: Fields{}, project: p, service: s}
	f.config(r.Config)
	f.host(r.Host)
	f.expose(r.Config.ExposedPorts, r.Host.PortBindings)
	if r.Networking != nil {
		f.networks(r.Networking.EndpointsConfig, in.Name)
	}
	f.list("links", append(append([]string{}, s.Links...), s.ExternalLinks...))
	return f.fields, nil
}

// pathOnly keeps the contents of seccomp profiles out of the fields.
func pathOnly(path string) ([]byte, error) { return []byte(fmt.Sprintf("{%q: true}", path)), nil }

// parent names the service whose container a reference means: of a neutral
// one by its form, of a real one by the services of the project's containers.
func (f flat) parent(id string) (string, bool) {
	if service, ok := strings.CutPrefix(id, neutralParent); ok {
		return service, true
	}
	service, ok := f.services[id]
	return service, ok
}

// mode writes container:ID as the service:NAME that it was.
func (f flat) mode(mode string) string {
	id, shared := strings.CutPrefix(mode, types.ContainerPrefix)
	if service, ok := f.parent(id); shared && ok {
		return types.ServicePrefix + service
	}
	return mode
}
