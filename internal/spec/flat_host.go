package spec

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/docker/docker/api/types/blkiodev"
	"github.com/docker/docker/api/types/container"
)

// Values that engines fill in where nothing was asked for.
const (
	defaultIPC      = "private"
	defaultRuntime  = "runc"
	defaultLogger   = "json-file"
	defaultShmBytes = 64 << 20
	isolationUnset  = "default"
)

// host reads the part that depends on the host.
func (f flat) host(h *container.HostConfig) {
	f.shares(h)
	f.volumes(h)
	f.ports(h.PortBindings)
	f.set("restart", restartText(h.RestartPolicy))
	f.flag("privileged", h.Privileged)
	f.flag("read_only", h.ReadonlyRootfs)
	if h.Init != nil {
		f.set("init", strconv.FormatBool(*h.Init))
	}
	f.sorted("cap_add", capabilities(h.CapAdd))
	f.sorted("cap_drop", capabilities(h.CapDrop))
	f.sorted("group_add", h.GroupAdd)
	f.sorted("security_opt", f.security(h))
	f.list("dns", h.DNS)
	f.list("dns_search", h.DNSSearch)
	f.list("dns_opt", h.DNSOptions)
	f.sorted("extra_hosts", h.ExtraHosts)
	f.mapping("sysctls", h.Sysctls)
	f.mapping("storage_opt", h.StorageOpt)
	f.mapping("annotations", h.Annotations)
	f.set("volume_driver", h.VolumeDriver)
	f.set("cgroup", string(h.CgroupnsMode))
	if h.ShmSize != defaultShmBytes {
		f.bytes("shm_size", h.ShmSize)
	}
	if h.Runtime != defaultRuntime {
		f.set("runtime", h.Runtime)
	}
	if h.Isolation != isolationUnset {
		f.set("isolation", string(h.Isolation))
	}
	f.number("oom_score_adj", int64(h.OomScoreAdj))
	if h.LogConfig.Type != defaultLogger {
		f.set("logging.driver", h.LogConfig.Type)
	}
	f.mapping("logging.options", h.LogConfig.Config)
	f.resources(h.Resources)
}

func restartText(p container.RestartPolicy) string {
	switch {
	case p.Name == "" || p.Name == container.RestartPolicyDisabled:
		return ""
	case p.MaximumRetryCount > 0:
		return string(p.Name) + ":" + strconv.Itoa(p.MaximumRetryCount)
	default:
		return string(p.Name)
	}
}

// capabilities writes them without the prefix that engines add.
func capabilities(list []string) []string {
	out := make([]string, len(list))
	for i, capability := range list {
		out[i] = strings.TrimPrefix(strings.ToUpper(capability), "CAP_")
	}
	return out
}

// security lists the options, less what engines add for shared namespaces, and
// with what docker compose reads from them itself. The first : or = of an
// option mean the same. A seccomp profile shows by its path.
func (f flat) security(h *container.HostConfig) []string {
	var options []string
	for _, option := range h.SecurityOpt {
		if strings.HasPrefix(option, "seccomp={") {
			option = "seccomp=" + f.profile
		}
		if i := strings.IndexAny(option, ":="); i > 0 {
			option = option[:i] + "=" + option[i+1:]
		}
		if option == "label=disable" && (h.Privileged || h.IpcMode.IsHost() || h.PidMode.IsHost()) {
			continue
		}
		options = append(options, option)
	}
	if !h.Privileged && h.MaskedPaths != nil && len(h.MaskedPaths) == 0 {
		options = append(options, unconfinedPaths)
	}
	return options
}

func (f flat) resources(r container.Resources) {
	f.bytes("mem_limit", r.Memory)
	f.bytes("mem_reservation", r.MemoryReservation)
	if r.MemorySwap != 2*r.Memory { // the engine's default with a limit
		f.bytes("memswap_limit", r.MemorySwap)
	}
	if r.MemorySwappiness != nil && *r.MemorySwappiness >= 0 {
		f.fields["mem_swappiness"] = decimal(*r.MemorySwappiness)
	}
	if r.PidsLimit != nil && *r.PidsLimit > 0 {
		f.number("pids_limit", *r.PidsLimit)
	}
	if r.OomKillDisable != nil {
		f.flag("oom_kill_disable", *r.OomKillDisable)
	}
	f.set("cpus", cpus(r.NanoCPUs))
	f.number("cpu_shares", r.CPUShares)
	f.number("cpu_period", r.CPUPeriod)
	f.number("cpu_quota", r.CPUQuota)
	f.number("cpu_rt_period", r.CPURealtimePeriod)
	f.number("cpu_rt_runtime", r.CPURealtimeRuntime)
	f.number("cpu_count", r.CPUCount)
	f.number("cpu_percent", r.CPUPercent)
	f.set("cpuset", r.CpusetCpus)
	f.set("cgroup_parent", r.CgroupParent)
	f.sorted("device_cgroup_rules", r.DeviceCgroupRules)
	for _, d := range r.Devices {
		permissions := d.CgroupPermissions
		if permissions == "" {
			permissions = "rwm"
		}
		f.fields["devices."+d.PathInContainer] = d.PathOnHost + ":" + permissions
	}
	f.deviceRequests(r.DeviceRequests)
	for _, u := range r.Ulimits {
		f.fields["ulimits."+u.Name] = decimal(u.Soft) + ":" + decimal(u.Hard)
	}
	f.blkio(r)
}

// cpus writes billionths of a CPU as a number of CPUs.
func cpus(nano int64) string {
	if nano == 0 {
		return ""
	}
	text := fmt.Sprintf("%d.%09d", nano/1e9, nano%1e9)
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
}

func (f flat) deviceRequests(requests []container.DeviceRequest) {
	var list []string
	for _, r := range requests {
		words := appendOption(nil, "driver", r.Driver != "", r.Driver)
		words = appendOption(words, "count", r.Count != 0, strconv.Itoa(r.Count))
		words = appendOption(words, "ids", len(r.DeviceIDs) > 0, strings.Join(r.DeviceIDs, ","))
		for _, capabilities := range r.Capabilities {
			words = append(words, "capabilities="+strings.Join(capabilities, ","))
		}
		for _, key := range sortedKeys(r.Options) {
			words = append(words, key+"="+r.Options[key])
		}
		list = append(list, strings.Join(words, " "))
	}
	f.list("gpus", list)
}

func (f flat) blkio(r container.Resources) {
	f.number("blkio_config.weight", int64(r.BlkioWeight))
	for _, d := range r.BlkioWeightDevice {
		f.fields["blkio_config.weight_device."+d.Path] = strconv.Itoa(int(d.Weight))
	}
	f.throttles("device_read_bps", r.BlkioDeviceReadBps)
	f.throttles("device_write_bps", r.BlkioDeviceWriteBps)
	f.throttles("device_read_iops", r.BlkioDeviceReadIOps)
	f.throttles("device_write_iops", r.BlkioDeviceWriteIOps)
}

func (f flat) throttles(name string, devices []*blkiodev.ThrottleDevice) {
	for _, d := range devices {
		f.fields["blkio_config."+name+"."+d.Path] = strconv.FormatUint(d.Rate, 10)
	}
}
