package project

import (
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
)

func (c *checker) checkScale(name string, s types.ServiceConfig) {
	path := dotted("services", name)
	var replicas *int
	if s.Deploy != nil {
		replicas = s.Deploy.Replicas
	}
	if s.Scale != nil && replicas != nil && *s.Scale != *replicas {
		c.invalid(dotted(path, "scale"), "%s: can't set distinct values on 'scale' and 'deploy.replicas'", path)
	}
	if s.Scale != nil && *s.Scale < 0 {
		c.wrong(dotted(path, "scale"), "%s.scale: must be greater than or equal to 0", path)
	}
	if replicas != nil && *replicas < 0 {
		c.wrong(dotted(path, "deploy", "replicas"), "%s.deploy.replicas: must be greater than or equal to 0", path)
	}
	if s.GetScale() > 1 && s.ContainerName != "" {
		attribute := "scale"
		if s.Scale == nil {
			attribute = "deploy.replicas"
		}
		c.invalid(dotted(path, "container_name"),
			"%s: can't set container_name and %s as container name must be unique", path, attribute)
	}
}

// checkPullPolicy refuses a time that is none: the schema has only looked at how
// it is written.
func (c *checker) checkPullPolicy(name string, s types.ServiceConfig) {
	if _, _, err := s.GetPullPolicy(); err != nil {
		c.wrong(dotted("services", name, "pull_policy"), "services.%s.pull_policy: %q is no time after which to pull: %v", name, s.PullPolicy, err)
	}
}

// checkLimits compares the limits of a service with those under deploy.
func (c *checker) checkLimits(name string, s types.ServiceConfig) {
	if s.Deploy == nil {
		return
	}
	limits, reservations := s.Deploy.Resources.Limits, s.Deploy.Resources.Reservations
	path := dotted("services", name)
	distinct := func(key, deployed string, differ bool) {
		if differ {
			c.invalid(dotted(path, key), "%s: can't set distinct values on '%s' and 'deploy.resources.%s'", path, key, deployed)
		}
	}
	if limits != nil {
		distinct("cpus", "limits.cpus", s.CPUS != 0 && limits.NanoCPUs.Value() != s.CPUS)
		distinct("mem_limit", "limits.memory", s.MemLimit != 0 && limits.MemoryBytes != s.MemLimit)
		distinct("pids_limit", "limits.pids", s.PidsLimit != 0 && limits.Pids != s.PidsLimit)
	}
	if reservations != nil {
		distinct("mem_reservation", "reservations.memory",
			s.MemReservation != 0 && reservations.MemoryBytes != s.MemReservation)
	}
}

func (c *checker) checkWatch(name string, s types.ServiceConfig) {
	if s.Develop == nil {
		return
	}
	path := dotted("services", name, "develop", "watch")
	for i, watch := range s.Develop.Watch {
		switch watch.Action {
		case types.WatchActionRebuild, types.WatchActionRestart:
		default:
			if watch.Target == "" {
				c.invalid(dotted(path, strconv.Itoa(i)), "%s: target is required for non-rebuild actions", path)
			}
		}
	}
}

func (c *checker) checkMounts(name string, s types.ServiceConfig) {
	mounted := map[string]string{}
	mount := func(kind string, i int, target string) {
		path := dotted("services", name, kind)
		place := path + "[" + strconv.Itoa(i) + "]"
		if first, ok := mounted[target]; ok {
			c.wrong(dotted(path, strconv.Itoa(i)), "%s: target %s already mounted as %s", place, target, first)
		}
		mounted[target] = place
	}
	for i, tmpfs := range s.Tmpfs {
		target, _, _ := strings.Cut(tmpfs, ":")
		mount("tmpfs", i, target)
	}
	for i, volume := range s.Volumes {
		mount("volumes", i, volume.Target)
	}
}

func (c *checker) checkSecrets() {
	for _, name := range names(c.model.Secrets) {
		secret := c.model.Secrets[name]
		if !bool(secret.External) && secret.File == "" && secret.Environment == "" {
			c.invalid(dotted("secrets", name), "secret %q must declare either `file` or `environment`", name)
		}
	}
}

func (c *checker) checkJobs() {
	for _, name := range names(c.model.AllJobs()) {
		if _, taken := c.any(name); taken {
			c.invalid(dotted("jobs", name), "%q is declared both as a service and a job: service and job names must be unique", name)
		}
	}
	for _, name := range names(c.model.Jobs) {
		dependencies := c.model.Jobs[name].DependsOn
		for _, to := range names(dependencies) {
			_, enabled := c.model.Services[to]
			_, disabled := c.model.DisabledServices[to]
			if c.isJob(to) || enabled || disabled && !dependencies[to].Required {
				continue
			}
			c.undefined(dotted("jobs", name, "depends_on", to), to, c.knownNames(),
				"job %q depends on undefined service or job %q"+invalidSuffix, name, to)
		}
	}
}
