package planner

import (
	"fmt"
	"slices"

	"github.com/gocompose/gocompose/project"
)

// PullOptions say what pull, by itself, does.
type PullOptions struct {
	Policy          string // overrides every service's pull_policy where it is set
	IgnoreBuildable bool   // leave images alone that can be built
	IgnoreFailures  bool   // a pull may fail without failing the plan
}

// Pull plans to fetch the images of the project's services: of all of them,
// whatever is on the host, but for what a pull policy says. The project holds the
// services that were asked for.
func Pull(p *project.Project, s State, o PullOptions) (*Plan, error) {
	b := pulling{builder: newBuilder("pull", p, s), options: o, pulls: map[string]*PullImage{}}
	for service := range p.Services() {
		for i, runner := range service.Runners() {
			if i > 0 && ImageKey(runner.ImageRef(), runner.Platform) == ImageKey(service.ImageRef(), service.Platform) {
				continue
			}
			if why, skipped := b.pull(runner); skipped && i == 0 {
				b.keep(Kept{Target: Ref{Kind: KindService, Name: service.Name}, Name: service.Name, Detail: why})
			}
		}
	}
	for _, key := range sortedKeys(b.pulls) {
		b.add(Step{Op: *b.pulls[key], Reason: Reason{Code: Requested}, BestEffort: o.IgnoreFailures})
	}
	return b.finish()
}

type pulling struct {
	*builder
	options PullOptions
	pulls   map[string]*PullImage // by image key
}

// pull adds the pull of a service's image, unless it is skipped: why, if there is
// anything to say, is told in docker compose's words.
func (b *pulling) pull(s project.Service) (why string, skipped bool) {
	if s.Image == "" {
		return "No image to be pulled", true
	}
	key := ImageKey(s.Image, s.Platform)
	image, present := b.state.Images[key]
	policy, refresh := pullPolicy(s, b.options.Policy)
	timed := policy == pullRefresh && refresh > 0
	switch {
	case policy == PullNever, policy == pullBuild:
		return "", true
	case b.asksForMissing(s) && present && !latest(s.Image), timed && present && !b.state.due(image, refresh):
		return "Image is already present locally", true
	case s.Build != nil && b.options.IgnoreBuildable:
		return "Image can be built", true
	}
	pull, known := b.pulls[key]
	if !known {
		pull = &PullImage{Image: s.Image, Platform: s.Platform}
		b.pulls[key] = pull
	}
	pull.Stamp = pull.Stamp || timed
	if slices.Contains(pull.Services, s.Name) {
		return "", false
	}
	pull.Services = append(pull.Services, s.Name)
	if known {
		return fmt.Sprintf("Image is already being pulled by %s", pull.Services[0]), true
	}
	return "", false
}

// asksForMissing tells whether the policy is said to be missing. Without a policy
// pull is no less than what its name says.
func (b *pulling) asksForMissing(s project.Service) bool {
	policy, _ := pullPolicy(s, b.options.Policy)
	return policy == PullMissing && (s.PullPolicy != "" || b.options.Policy != "")
}
