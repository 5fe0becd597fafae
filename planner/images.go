package planner

import (
	"slices"

	"github.com/gocompose/gocompose/project"
)

// images plans the pulls and builds. Services that share an image share its pull.
func (u *up) images() error {
	u.findBuilders()
	pulls := map[string]*PullImage{}
	for service := range u.project.Services() {
		if service.Provider != nil || service.Replicas() == 0 {
			continue
		}
		for _, runner := range service.Runners() {
			if runner.ImageRef() == service.ImageRef() && runner.Platform == service.Platform {
				runner = service // it may be built
			}
			if err := u.pullFor(runner, pulls); err != nil {
				return err
			}
		}
	}
	for _, key := range sortedKeys(pulls) {
		reason := Reason{Code: Missing}
		if _, present := u.state.Images[key]; present {
			reason = Reason{Code: Requested, Detail: "pull policy always"}
			if pulls[key].Stamp {
				reason.Detail = "its pull policy says that it is time to"
			}
		}
		u.pulls[key] = u.add(Step{Op: *pulls[key], Reason: reason})
	}
	return u.builds()
}

// findBuilders looks for the images that services build. Others may use them.
func (u *up) findBuilders() {
	for service := range u.project.Services() {
		if service.Build != nil {
			u.builders[service.ImageRef()] = true
		}
	}
}

// pullFor adds the service to those that a pull is for, if there has to be one.
func (u *up) pullFor(s project.Service, pulls map[string]*PullImage) error {
	key := ImageKey(s.ImageRef(), s.Platform)
	wanted, err := u.wantsPull(s, key)
	if err != nil || !wanted {
		return err
	}
	pull, ok := pulls[key]
	if !ok {
		pull = &PullImage{Image: s.ImageRef(), Platform: s.Platform, Optional: true}
		pulls[key] = pull
	}
	if policy, refresh := pullPolicy(s, u.options.Pull); policy == pullRefresh && refresh > 0 {
		pull.Stamp = true
	}
	if !slices.Contains(pull.Services, s.Name) {
		pull.Services = append(pull.Services, s.Name)
	}
	pull.Optional = pull.Optional && u.builders[s.ImageRef()] && u.options.Builds != BuildNever
	return nil
}

// wantsPull applies the pull policy (Compose Spec, services: pull_policy).
func (u *up) wantsPull(s project.Service, key string) (bool, error) {
	image, present := u.state.Images[key]
	policy, refresh := pullPolicy(s, u.options.Pull)
	built := u.builders[s.ImageRef()] && u.options.Builds != BuildNever
	switch {
	case u.options.Prepared && (present || built):
		return false, nil
	case s.Build != nil && (s.Image == "" || policy == pullBuild):
		return false, nil
	case built && (u.options.Builds == BuildAlways || u.rebuilds(s)):
		return false, nil
	case policy == PullAlways, policy == pullRefresh && present && u.state.due(image, refresh):
		return !u.options.Prepared, nil
	case present:
		return false, nil
	case policy == PullNever && built:
		return false, nil
	case policy == PullNever:
		return false, &ImageError{Service: s.Name, Image: s.ImageRef()}
	default:
		return true, nil
	}
}

// pending notes a container whose image may turn out to be another one, or whose
// variables to have other values.
func (u *up) pending(s project.Service, c Container) {
	key := ImageKey(s.ImageRef(), s.Platform)
	_, pulled := u.pulls[key]
	_, built := u.built[key]
	if pulled || built || len(u.helpersOf(s)) > 0 {
		u.plan.Pending = append(u.plan.Pending, Ref{Kind: KindContainer, Name: s.Name, Index: c.Number})
	}
}
