package spec

import (
	"maps"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/docker/docker/api/types/blkiodev"
	"github.com/docker/docker/api/types/container"
)

// resources reads the limits of the service, which those under
// deploy.resources override.
func resources(s types.ServiceConfig) container.Resources {
	oomKillDisable := s.OomKillDisable
	r := container.Resources{
		CgroupParent:      s.CgroupParent,
		Memory:            int64(s.MemLimit),
		MemorySwap:        int64(s.MemSwapLimit),
		MemoryReservation: int64(s.MemReservation),
		OomKillDisable:    &oomKillDisable,
		CPUCount:          s.CPUCount,
		// Multiplied as 32-bit floats: 0.1 is then exactly a tenth of a CPU.
		NanoCPUs:           int64(s.CPUS * 1e9),
		CPUPercent:         int64(s.CPUPercent * 100),
		CPUPeriod:          s.CPUPeriod,
		CPUQuota:           s.CPUQuota,
		CPURealtimePeriod:  s.CPURTPeriod,
		CPURealtimeRuntime: s.CPURTRuntime,
		CPUShares:          s.CPUShares,
		CpusetCpus:         s.CPUSet,
		DeviceCgroupRules:  s.DeviceCgroupRules,
		Ulimits:            ulimits(s.Ulimits),
	}
	if s.MemSwappiness != 0 {
		swappiness := int64(s.MemSwappiness)
		r.MemorySwappiness = &swappiness
	}
	if s.PidsLimit != 0 {
		limit := s.PidsLimit
		r.PidsLimit = &limit
	}
	setBlkio(s.BlkioConfig, &r)
	if s.Deploy != nil {
		setLimits(s.Deploy.Resources.Limits, &r)
		setReservations(s.Deploy.Resources.Reservations, &r)
	}
	setDevices(s, &r)
	return r
}

func setLimits(limits *types.Resource, r *container.Resources) {
	if limits == nil {
		return
	}
	if limits.MemoryBytes != 0 {
		r.Memory = int64(limits.MemoryBytes)
	}
	if limits.NanoCPUs != 0 {
		r.NanoCPUs = int64(limits.NanoCPUs * 1e9)
	}
	if limits.Pids > 0 {
		pids := limits.Pids
		r.PidsLimit = &pids
	}
}

// setReservations leaves out cpus, which only a cluster can reserve.
func setReservations(reservations *types.Resource, r *container.Resources) {
	if reservations == nil {
		return
	}
	if reservations.MemoryBytes != 0 {
		r.MemoryReservation = int64(reservations.MemoryBytes)
	}
	for _, device := range reservations.Devices {
		r.DeviceRequests = append(r.DeviceRequests, deviceRequest(device, device.Capabilities))
	}
}

func setDevices(s types.ServiceConfig, r *container.Resources) {
	var named []string
	for _, device := range s.Devices {
		if device.Source == device.Target && isCDI(device.Source) {
			named = append(named, device.Source)
			continue
		}
		r.Devices = append(r.Devices, container.DeviceMapping{
			PathOnHost:        device.Source,
			PathInContainer:   device.Target,
			CgroupPermissions: device.Permissions,
		})
	}
	if len(named) > 0 {
		r.DeviceRequests = append(r.DeviceRequests, container.DeviceRequest{Driver: "cdi", DeviceIDs: named})
	}
	for _, gpu := range s.Gpus {
		capabilities := append(slices.Clone(gpu.Capabilities), "gpu")
		r.DeviceRequests = append(r.DeviceRequests, deviceRequest(gpu, capabilities))
	}
}

func deviceRequest(d types.DeviceRequest, capabilities []string) container.DeviceRequest {
	return container.DeviceRequest{
		Driver:       d.Driver,
		Count:        int(d.Count),
		DeviceIDs:    d.IDs,
		Capabilities: [][]string{capabilities},
		Options:      d.Options,
	}
}

// isCDI tells a device named by the Container Device Interface,
// VENDOR/CLASS=NAME, from a path.
func isCDI(device string) bool {
	kind, name, hasName := strings.Cut(device, "=")
	vendor, class, hasClass := strings.Cut(kind, "/")
	return hasName && hasClass && isCDIWord(vendor, "_-.") && isCDIWord(class, "_-") && isCDIWord(name, "_-.:")
}

func isCDIWord(word, marks string) bool {
	if word == "" || strings.ContainsRune(marks, rune(word[0])) || strings.ContainsRune(marks, rune(word[len(word)-1])) {
		return false
	}
	for _, r := range word {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
		if !letter && !strings.ContainsRune(marks, r) {
			return false
		}
	}
	return true
}

func ulimits(limits map[string]*types.UlimitsConfig) []*container.Ulimit {
	var list []*container.Ulimit
	for _, name := range slices.Sorted(maps.Keys(limits)) {
		limit := limits[name]
		soft, hard := limit.Single, limit.Single
		if limit.Soft != 0 {
			soft = limit.Soft
		}
		if limit.Hard != 0 {
			hard = limit.Hard
		}
		list = append(list, &container.Ulimit{Name: name, Soft: int64(soft), Hard: int64(hard)})
	}
	return list
}

func setBlkio(config *types.BlkioConfig, r *container.Resources) {
	if config == nil {
		return
	}
	r.BlkioWeight = config.Weight
	for _, device := range config.WeightDevice {
		r.BlkioWeightDevice = append(r.BlkioWeightDevice, &blkiodev.WeightDevice{Path: device.Path, Weight: device.Weight})
	}
	r.BlkioDeviceReadBps = throttles(config.DeviceReadBps)
	r.BlkioDeviceReadIOps = throttles(config.DeviceReadIOps)
	r.BlkioDeviceWriteBps = throttles(config.DeviceWriteBps)
	r.BlkioDeviceWriteIOps = throttles(config.DeviceWriteIOps)
}

func throttles(devices []types.ThrottleDevice) []*blkiodev.ThrottleDevice {
	var list []*blkiodev.ThrottleDevice
	for _, device := range devices {
		list = append(list, &blkiodev.ThrottleDevice{Path: device.Path, Rate: uint64(max(device.Rate, 0))})
	}
	return list
}
