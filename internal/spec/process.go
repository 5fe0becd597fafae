package spec

import (
	"errors"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/docker/docker/api/types/container"
)

// environment lists KEY=VALUE in key order. A key without a value stands
// alone, which takes the variable of the image away.
func environment(own types.MappingWithEquals, proxy map[string]string) []string {
	var list []string
	for _, key := range slices.Sorted(maps.Keys(own)) {
		if value := own[key]; value != nil {
			list = append(list, key+"="+*value)
		} else {
			list = append(list, key)
		}
	}
	for key, value := range proxy {
		if _, overridden := own[key]; !overridden {
			list = append(list, key+"="+value)
		}
	}
	slices.Sort(list)
	return list
}

var errStartInterval = errors.New(
	"healthcheck.start_interval requires healthcheck.start_period to be set: engines ignore it otherwise")

func healthcheck(check *types.HealthCheckConfig) (*container.HealthConfig, error) {
	if check == nil {
		return nil, nil
	}
	if check.StartInterval != nil && check.StartPeriod == nil {
		return nil, errStartInterval
	}
	h := &container.HealthConfig{
		Test:          check.Test,
		Interval:      duration(check.Interval),
		Timeout:       duration(check.Timeout),
		StartPeriod:   duration(check.StartPeriod),
		StartInterval: duration(check.StartInterval),
	}
	if check.Retries != nil {
		h.Retries = int(min(*check.Retries, math.MaxInt32))
	}
	if check.Disable {
		h.Test = []string{"NONE"}
	}
	return h, nil
}

func duration(d *types.Duration) time.Duration {
	if d == nil {
		return 0
	}
	return time.Duration(*d)
}

// seconds rounds down, as the engine counts the grace period in whole seconds.
func seconds(d *types.Duration) *int {
	if d == nil {
		return nil
	}
	n := int(time.Duration(*d).Seconds())
	return &n
}
