package spec

import (
	"encoding/json"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/gocompose/gocompose/project"
)

// neutralParent stands for a container of the service, whichever it will be.
const neutralParent = "service!"

// Desired are the fields that a container of the service has by the files.
// They depend on nothing else: neither on the container's number nor on the
// engine. What does not become part of a container (build, depends_on,
// scale) is no field; of hooks there is a digest.
func Desired(p *project.Project, s project.Service) (Fields, error) {
	in := Inputs{Number: 1, Name: s.ContainerNameFor(1), Parents: map[string]string{}, ReadFile: pathOnly}
	for _, edge := range s.References() {
		in.Parents[edge.To] = neutralParent + edge.To
	}
	r, err := build(p, s, in)
	if err != nil {
		return nil, err
	}
	f := newFlat(p, s, nil)
	f.config(r.Config)
	f.host(r.Host)
	f.expose(r.Config.ExposedPorts, r.Host.PortBindings)
	if s.NetworkMode != "" {
		f.set("mac_address", s.MacAddress)
	} else if r.Networking != nil {
		f.networks(r.Networking.EndpointsConfig, r.Host.NetworkMode, []string{in.Name})
	}
	if s.Entrypoint != nil && len(s.Entrypoint) == 0 {
		f.fields["entrypoint"] = cleared
	}
	f.files()
	if err := f.hooks(); err != nil {
		return nil, err
	}
	f.list("links", append(append([]string{}, s.Links...), s.ExternalLinks...))
	f.set("platform", s.Platform)
	f.set("container_name", s.ContainerName)
	return f.fields, nil
}

// pathOnly shows a seccomp profile by its path instead of its contents.
func pathOnly(path string) ([]byte, error) { return json.Marshal(path) }

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
