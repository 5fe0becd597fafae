package planner

import (
	"fmt"
	"maps"
	"slices"

	"github.com/gocompose/gocompose/project"
)

// Builds says when images are built by up and its like.
type Builds uint8

// The policies.
const (
	BuildMissing Builds = iota // when they are missing, or the pull policy says build
	BuildAlways                // always (--build)
	BuildNever                 // not even when they are missing (--no-build)
)

// BuildOptions say what is built by itself.
type BuildOptions struct {
	Services []string // none means all that are built
	Push     bool     // push what was built
}

// Build plans to build the images of services, each after those that it starts
// from. Services without a build section are passed over.
func Build(p *project.Project, s State, o BuildOptions) (*Plan, error) {
	b := newBuilder("build", p, s)
	services := o.Services
	if len(services) == 0 {
		services = p.ServiceNames()
	}
	steps := b.builds(slices.Sorted(maps.Keys(p.BuildClosure(services))), func(project.Service) Reason {
		return Reason{Code: Requested}
	})
	if o.Push {
		b.pushBuilt(steps)
	}
	return b.finish()
}

// builds adds the builds of those services, ordered among themselves.
func (b *builder) builds(services []string, why func(project.Service) Reason) map[string]StepID {
	steps := map[string]StepID{}
	for _, name := range services {
		service, _ := b.project.AnyService(name)
		steps[name] = b.add(Step{Op: BuildImage{Service: name, Image: service.ImageRef()}, Reason: why(service)})
	}
	for _, name := range services {
		service, _ := b.project.AnyService(name)
		for _, from := range service.BuiltFrom() {
			b.need(steps[name], steps[from])
		}
	}
	return steps
}

// pushBuilt pushes each image after its build, if it has a name to be pushed
// under.
func (b *builder) pushBuilt(steps map[string]StepID) {
	for _, name := range sortedKeys(steps) {
		service, _ := b.project.AnyService(name)
		for _, ref := range service.ImagesPushed() {
			b.add(Step{Op: PushImage{Image: ref, Services: []string{name}}, Reason: Reason{Code: Requested}}, steps[name])
		}
	}
}

// builds plans the images that have to be built, and what these start from and
// is not there.
func (u *up) builds() error {
	reasons := map[string]Reason{}
	for service := range u.project.Services() {
		if service.Build == nil || service.Provider != nil || service.Replicas() == 0 {
			continue
		}
		reason, wanted, err := u.wantsBuild(service)
		if err != nil {
			return err
		}
		if wanted {
			u.buildWithBases(service, reason, reasons)
		}
	}
	names := sortedKeys(reasons)
	steps := u.builder.builds(names, func(s project.Service) Reason { return reasons[s.Name] })
	for _, name := range names {
		service, _ := u.project.AnyService(name)
		key := ImageKey(service.ImageRef(), service.Platform)
		u.built[key] = append(u.built[key], steps[name])
	}
	return nil
}

// buildWithBases adds a build and, before it, those of missing images that it
// starts from.
func (u *up) buildWithBases(service project.Service, reason Reason, reasons map[string]Reason) {
	if _, known := reasons[service.Name]; known {
		return
	}
	reasons[service.Name] = reason
	for _, name := range service.BuiltFrom() {
		base, ok := u.project.AnyService(name)
		if !ok || base.Build == nil {
			continue // a load error
		}
		_, present := u.state.Images[ImageKey(base.ImageRef(), base.Platform)]
		switch {
		case u.options.Builds == BuildAlways:
			u.buildWithBases(base, Reason{Code: Requested, Detail: "--build"}, reasons)
		case !present:
			u.buildWithBases(base, Reason{Code: Missing, Detail: "the build of " + service.Name + " starts from it"}, reasons)
		}
	}
}

func (u *up) rebuilds(s project.Service) bool { return slices.Contains(u.options.Rebuild, s.Name) }

// wantsBuild applies the pull policy and --build.
func (u *up) wantsBuild(s project.Service) (Reason, bool, error) {
	key := ImageKey(s.ImageRef(), s.Platform)
	_, present := u.state.Images[key]
	_, pulled := u.pulls[key]
	policy, _ := pullPolicy(s, u.options.Pull)
	switch {
	case u.options.Builds == BuildNever:
		if !present && !pulled {
			return Reason{}, false, &ImageError{Service: s.Name, Image: s.ImageRef(), Build: true}
		}
		return Reason{}, false, nil
	case u.options.Prepared:
		if present {
			return Reason{}, false, nil
		}
		if u.options.Built {
			return Reason{}, false, fmt.Errorf("service %q: its build left no image %s on this host", s.Name, key)
		}
		return Reason{Code: Missing}, true, nil
	case u.options.Builds == BuildAlways:
		return Reason{Code: Requested, Detail: "--build"}, true, nil
	case u.rebuilds(s):
		return Reason{Code: Requested, Detail: "watched"}, true, nil
	case policy == pullBuild:
		return Reason{Code: Requested, Detail: "pull policy build"}, true, nil
	default:
		return Reason{Code: Missing}, !present && !pulled, nil
	}
}
