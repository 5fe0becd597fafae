package spec

import (
	"math"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/docker/docker/api/types/container"
)

// restartPolicy reads restart, which deploy.restart_policy overrides.
func restartPolicy(s types.ServiceConfig) container.RestartPolicy {
	var policy container.RestartPolicy
	if s.Restart != "" {
		name, attempts, _ := strings.Cut(s.Restart, ":")
		count, err := strconv.Atoi(attempts)
		if err != nil {
			count = 0
		}
		policy = container.RestartPolicy{Name: restartMode(name), MaximumRetryCount: count}
	}
	if s.Deploy != nil && s.Deploy.RestartPolicy != nil {
		own := s.Deploy.RestartPolicy
		policy = container.RestartPolicy{Name: restartMode(own.Condition)}
		if own.MaxAttempts != nil {
			policy.MaximumRetryCount = int(min(*own.MaxAttempts, math.MaxInt32))
		}
	}
	return policy
}

// restartMode gives the engine's word for those of deploy.restart_policy.
func restartMode(condition string) container.RestartPolicyMode {
	switch condition {
	case "none", "no":
		return container.RestartPolicyDisabled
	case "any", "always":
		return container.RestartPolicyAlways
	default:
		return container.RestartPolicyMode(condition)
	}
}
