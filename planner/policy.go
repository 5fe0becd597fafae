package planner

import (
	"strings"
	"time"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/gocompose/gocompose/project"
)

// pullPolicy is when the image of a service is pulled (Compose Spec, services:
// pull_policy). Refreshed images are pulled once the time since they were last
// pulled or tagged is over; none means at any time.
func pullPolicy(s project.Service, override string) (policy string, refresh time.Duration) {
	if override != "" {
		s.PullPolicy = override
	}
	policy, refresh, err := s.GetPullPolicy()
	if err != nil || policy == types.PullPolicyIfNotPresent {
		return PullMissing, 0 // what is wrong is a load error
	}
	return policy, refresh
}

// due tells whether an image on the host is to be refreshed. When an image was
// last tagged is not known of one that was only ever pulled by others.
func (s State) due(image Image, refresh time.Duration) bool {
	return !s.Now.Before(image.Tagged.Add(refresh))
}

// latest tells whether a reference names no version.
func latest(ref string) bool { return strings.HasSuffix(tagged(ref), ":latest") }
