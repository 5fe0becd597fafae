package spec

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/mount"
	"github.com/docker/docker/api/types/network"
)

// Values that engines fill in where nothing was asked for.
const (
	defaultIPC      = "private"
	defaultRuntime  = "runc"
	defaultLogger   = "json-file"
	defaultShmBytes = 64 << 20
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
	f.sorted("security_opt", securityText(h))
	f.list("dns", h.DNS)
	f.list("dns_search", h.DNSSearch)
	f.list("dns_opt", h.DNSOptions)
	f.sorted("extra_hosts", h.ExtraHosts)
	f.mapping("sysctls", h.Sysctls)
	f.mapping("storage_opt", h.StorageOpt)
	f.mapping("annotations", h.Annotations)
	f.set("volume_driver", h.VolumeDriver)
	if h.ShmSize != defaultShmBytes {
		f.number("shm_size", h.ShmSize)
	}
	if h.Runtime != defaultRuntime {
		f.set("runtime", h.Runtime)
	}
	if h.Isolation != "default" {
		f.set("isolation", string(h.Isolation))
	}
	f.number("oom_score_adj", int64(h.OomScoreAdj))
	f.logging(h.LogConfig)
	f.resources(h.Resources)
}

func (f flat) shares(h *container.HostConfig) {
	mode := f.mode(string(h.NetworkMode))
	if f.service.NetworkMode != "" || (!f.isNetwork(mode) && mode != network.NetworkDefault) {
		f.set("network_mode", mode)
	}
	if ipc := f.mode(string(h.IpcMode)); ipc != defaultIPC {
		f.set("ipc", ipc)
	}
	f.set("pid", f.mode(string(h.PidMode)))
	f.set("uts", string(h.UTSMode))
	f.set("userns_mode", string(h.UsernsMode))
	var from []string
	for _, source := range h.VolumesFrom {
		id, access, limited := strings.Cut(source, ":")
		if service, ok := f.parent(id); ok {
			id = service
		}
		if limited && access != "rw" {
			id += ":" + access
		}
		from = append(from, id)
	}
	f.list("volumes_from", from)
}

// isNetwork tells whether the mode is only the name of the first network.
func (f flat) isNetwork(mode string) bool {
	for _, config := range f.project.Networks() {
		if config.Name == mode {
			return true
		}
	}
	return false
}

func (f flat) volumes(h *container.HostConfig) {
	for _, bind := range h.Binds {
		source, rest, _ := strings.Cut(bind, ":")
		target, options, _ := strings.Cut(rest, ":")
		f.set("volumes."+target, source+" ("+cmp.Or(options, "rw")+")")
	}
	for _, m := range h.Mounts {
		f.set("volumes."+m.Target, mountText(m))
	}
	for path, options := range h.Tmpfs {
		f.set("tmpfs."+path, cmp.Or(options, "default"))
	}
}

// mountText writes a mount without its target. The generated name of an
// anonymous volume is no part of the configuration.
func mountText(m mount.Mount) string {
	if m.Type == mount.TypeVolume && isAnonymous(m.Source) {
		m.Source = ""
	}
	m.Target = ""
	if m.VolumeOptions != nil && !m.VolumeOptions.NoCopy && m.VolumeOptions.Subpath == "" && len(m.VolumeOptions.Labels) == 0 && m.VolumeOptions.DriverConfig == nil {
		m.VolumeOptions = nil
	}
	if m.BindOptions != nil && *m.BindOptions == (mount.BindOptions{}) {
		m.BindOptions = nil
	}
	encoded, err := json.Marshal(m)
	if err != nil {
		return string(m.Type)
	}
	return string(encoded)
}

// isAnonymous recognises a generated volume name: 64 hexadecimal digits.
func isAnonymous(name string) bool {
	return len(name) == 64 && strings.Trim(name, "0123456789abcdef") == ""
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

// securityText lists the options, less what engines add for shared
// namespaces, and with what docker compose reads from them itself.
func securityText(h *container.HostConfig) []string {
	options := slices.DeleteFunc(slices.Clone(h.SecurityOpt), func(o string) bool { return o == "label=disable" })
	if !h.Privileged && h.MaskedPaths != nil && len(h.MaskedPaths) == 0 {
		options = append(options, unconfinedPaths)
	}
	return options
}

func (f flat) logging(l container.LogConfig) {
	if l.Type != defaultLogger {
		f.set("logging.driver", l.Type)
	}
	f.mapping("logging.options", l.Config)
}

func (f flat) resources(r container.Resources) {
	f.number("mem_limit", r.Memory)
	f.number("mem_reservation", r.MemoryReservation)
	if r.MemorySwap != 2*r.Memory { // the engine's default with a limit
		f.number("memswap_limit", r.MemorySwap)
	}
	if r.MemorySwappiness != nil && *r.MemorySwappiness >= 0 {
		f.number("mem_swappiness", *r.MemorySwappiness)
	}
	if r.PidsLimit != nil && *r.PidsLimit > 0 {
		f.number("pids_limit", *r.PidsLimit)
	}
	if r.OomKillDisable != nil {
		f.flag("oom_kill_disable", *r.OomKillDisable)
	}
	f.number("cpus", r.NanoCPUs)
	f.number("cpu_shares", r.CPUShares)
	f.number("cpu_period", r.CPUPeriod)
	f.number("cpu_quota", r.CPUQuota)
	f.number("cpu_rt_period", r.CPURealtimePeriod)
	f.number("cpu_rt_runtime", r.CPURealtimeRuntime)
	f.number("cpu_count", r.CPUCount)
	f.number("cpu_percent", r.CPUPercent)
	f.set("cpuset", r.CpusetCpus)
	f.set("cgroup_parent", r.CgroupParent)
	f.list("device_cgroup_rules", r.DeviceCgroupRules)
	f.value("devices", r.Devices)
	f.value("gpus", r.DeviceRequests)
	for _, u := range r.Ulimits {
		f.set("ulimits."+u.Name, strconv.FormatInt(u.Soft, 10)+":"+strconv.FormatInt(u.Hard, 10))
	}
	f.number("blkio_config.weight", int64(r.BlkioWeight))
	f.value("blkio_config.weight_device", r.BlkioWeightDevice)
	f.value("blkio_config.device_read_bps", r.BlkioDeviceReadBps)
	f.value("blkio_config.device_write_bps", r.BlkioDeviceWriteBps)
	f.value("blkio_config.device_read_iops", r.BlkioDeviceReadIOps)
	f.value("blkio_config.device_write_iops", r.BlkioDeviceWriteIOps)
}
