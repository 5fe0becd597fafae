package enginetest

import "net/http"

// table is every call the engine answers. POST calls that change nothing (wait,
// attach, resize) are not mutating.
func (e *Engine) table() []route {
	const (
		get    = http.MethodGet
		head   = http.MethodHead
		post   = http.MethodPost
		put    = http.MethodPut
		remove = http.MethodDelete
	)
	return []route{
		{op: "SystemPing", method: get, path: "/_ping", stream: e.ping},
		{op: "SystemPingHead", method: head, path: "/_ping", stream: e.ping},
		{op: "SystemVersion", method: get, path: "/version", state: e.systemVersion},
		{op: "SystemInfo", method: get, path: "/info", state: e.systemInfo},
		{op: "SystemEvents", method: get, path: "/events", stream: e.systemEvents},

		{op: "ContainerList", method: get, path: "/containers/json", state: e.containerList},
		{op: "ContainerCreate", method: post, path: "/containers/create", mutating: true, state: e.containerCreate},
		{op: "ContainerInspect", method: get, path: "/containers/{name}/json", state: e.containerInspect},
		{op: "ContainerTop", method: get, path: "/containers/{name}/top", state: e.containerTop},
		{op: "ContainerStats", method: get, path: "/containers/{name}/stats", state: e.containerStats},
		{op: "ContainerLogs", method: get, path: "/containers/{name}/logs", stream: e.containerLogs},
		{op: "ContainerExport", method: get, path: "/containers/{name}/export", stream: e.containerExport},
		{op: "ContainerStart", method: post, path: "/containers/{name}/start", mutating: true, state: e.containerStart},
		{op: "ContainerStop", method: post, path: "/containers/{name}/stop", mutating: true, stream: e.containerStop},
		{op: "ContainerRestart", method: post, path: "/containers/{name}/restart", mutating: true, stream: e.containerRestart},
		{op: "ContainerKill", method: post, path: "/containers/{name}/kill", mutating: true, state: e.containerKill},
		{op: "ContainerPause", method: post, path: "/containers/{name}/pause", mutating: true, state: e.containerPause},
		{op: "ContainerUnpause", method: post, path: "/containers/{name}/unpause", mutating: true, state: e.containerUnpause},
		{op: "ContainerRename", method: post, path: "/containers/{name}/rename", mutating: true, state: e.containerRename},
		{op: "ContainerUpdate", method: post, path: "/containers/{name}/update", mutating: true, state: e.containerUpdate},
		{op: "ContainerDelete", method: remove, path: "/containers/{name}", mutating: true, state: e.containerDelete},
		{op: "ContainerWait", method: post, path: "/containers/{name}/wait", stream: e.containerWait},
		{op: "ContainerAttach", method: post, path: "/containers/{name}/attach", stream: e.containerAttach},
		{op: "ContainerResize", method: post, path: "/containers/{name}/resize", state: e.containerResize},
		{op: "ContainerArchiveInfo", method: head, path: "/containers/{name}/archive", stream: e.archiveInfo},
		{op: "ContainerArchive", method: get, path: "/containers/{name}/archive", stream: e.archiveGet},
		{op: "PutContainerArchive", method: put, path: "/containers/{name}/archive", mutating: true, stream: e.archivePut},
		{op: "ContainerExec", method: post, path: "/containers/{name}/exec", mutating: true, state: e.execCreate},
		{op: "ExecStart", method: post, path: "/exec/{id}/start", mutating: true, stream: e.execStart},
		{op: "ExecResize", method: post, path: "/exec/{id}/resize", state: e.execResize},
		{op: "ExecInspect", method: get, path: "/exec/{id}/json", state: e.execInspect},

		{op: "ImageList", method: get, path: "/images/json", state: e.imageList},
		{op: "ImageCreate", method: post, path: "/images/create", mutating: true, stream: e.imagePull},
		{op: "ImagePush", method: post, path: "/images/{name...}/push", mutating: true, stream: e.imagePush},
		{op: "ImageInspect", method: get, path: "/images/{name...}/json", state: e.imageInspect},
		{op: "ImageCommit", method: post, path: "/commit", mutating: true, state: e.imageCommit},
		{op: "ImageTag", method: post, path: "/images/{name...}/tag", mutating: true, state: e.imageTag},
		{op: "ImageDelete", method: remove, path: "/images/{name...}", mutating: true, state: e.imageDelete},

		{op: "BuildKit", method: post, path: "/grpc", stream: e.grpc},
		{op: "Session", method: post, path: "/session", stream: e.session},

		{op: "DistributionInspect", method: get, path: "/distribution/{name...}/json", state: e.distributionInspect},

		{op: "NetworkList", method: get, path: "/networks", state: e.networkList},
		{op: "NetworkCreate", method: post, path: "/networks/create", mutating: true, state: e.networkCreate},
		{op: "NetworkInspect", method: get, path: "/networks/{id}", state: e.networkInspect},
		{op: "NetworkConnect", method: post, path: "/networks/{id}/connect", mutating: true, state: e.networkConnect},
		{op: "NetworkDisconnect", method: post, path: "/networks/{id}/disconnect", mutating: true, state: e.networkDisconnect},
		{op: "NetworkDelete", method: remove, path: "/networks/{id}", mutating: true, state: e.networkDelete},

		{op: "VolumeList", method: get, path: "/volumes", state: e.volumeList},
		{op: "VolumeCreate", method: post, path: "/volumes/create", mutating: true, state: e.volumeCreate},
		{op: "VolumeInspect", method: get, path: "/volumes/{name}", state: e.volumeInspect},
		{op: "VolumeDelete", method: remove, path: "/volumes/{name}", mutating: true, state: e.volumeDelete},
	}
}
