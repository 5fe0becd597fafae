package spec

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/gocompose/gocompose/project"
)

// Notices says what becomes of no container of the service: what an engine of
// these features does not know, and what no engine does.
func Notices(p *project.Project, s project.Service, f Features) []string {
	var notices []string
	left := func(what, why string) { notices = append(notices, what+" is left out: "+why) }
	old := func(what, since string) {
		left(what, fmt.Sprintf("it needs %s, and this engine speaks API %s", since, f.APIVersion))
	}
	if !f.HealthStartInterval && s.HealthCheck != nil && s.HealthCheck.StartInterval != nil {
		old("healthcheck.start_interval", "Docker Engine 25 (API 1.44)")
	}
	if !f.Annotations && len(s.Annotations) > 0 {
		old("annotations", "Docker Engine 24 (API 1.43)")
	}
	for _, key := range slices.Sorted(maps.Keys(s.Networks)) {
		if config := s.Networks[key]; config != nil && config.GatewayPriority != 0 && !f.GatewayPriority {
			old("networks."+key+".gw_priority", "Docker Engine 28 (API 1.48)")
		}
	}
	if s.Umask != nil {
		left("umask", "Docker engines have no such setting")
	}
	for _, ref := range fileRefs(s) {
		object, err := ref.object(p)
		if err != nil || object.File == "" {
			continue
		}
		for _, set := range []struct {
			key string
			ok  bool
		}{{"uid", ref.UID != ""}, {"gid", ref.GID != ""}, {"mode", ref.Mode != nil}} {
			if set.ok {
				left(ref.kind()+"s."+ref.Source+"."+set.key, "the file of the host is mounted with the owner and mode it has")
			}
		}
	}
	return notices
}

// Unsupported refuses what the service cannot do without and this engine does
// not have.
func Unsupported(p *project.Project, s project.Service, f Features) error {
	var errs []error
	refuse := func(what, since string) {
		errs = append(errs, fmt.Errorf("%s needs %s, and this engine speaks API %s", what, since, f.APIVersion))
	}
	if s.UseAPISocket && !s.HasAPISocket() {
		errs = append(errs, errNoSocket)
	}
	for _, ref := range fileRefs(s) {
		if _, err := ref.object(p); err != nil {
			errs = append(errs, err)
		}
	}
	for _, v := range s.Volumes {
		if v.Type == types.VolumeTypeImage && !f.ImageMounts {
			refuse("the image mount at "+v.Target, "Docker Engine 28 (API 1.48)")
		}
		if v.Volume != nil && v.Volume.Subpath != "" && !f.VolumeSubpath {
			refuse("volume.subpath at "+v.Target, "Docker Engine 26 (API 1.45)")
		}
		if v.Bind != nil && v.Bind.Recursive == "readonly" && !f.ForceRecursive {
			refuse("bind.recursive: readonly at "+v.Target, "Docker Engine 25 (API 1.44)")
		}
	}
	for _, key := range slices.Sorted(maps.Keys(s.Networks)) {
		config := s.Networks[key]
		if config == nil {
			continue
		}
		if config.InterfaceName != "" && !f.InterfaceName {
			refuse("networks."+key+".interface_name", "Docker Engine 28.1 (API 1.49)")
		}
		if config.MacAddress != "" && !f.MultipleEndpoints && s.NetworksByPriority()[0] != key {
			refuse("networks."+key+".mac_address", "Docker Engine 25 (API 1.44)")
		}
	}
	return errors.Join(errs...)
}
