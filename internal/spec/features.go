package spec

// Features is what the engine can do at the negotiated API version.
type Features struct {
	APIVersion string // such as 1.41
	// MultipleEndpoints: several networks can be given on create (API 1.44).
	MultipleEndpoints bool
	// HealthStartInterval: healthcheck.start_interval works (API 1.44).
	HealthStartInterval bool
	// ForceRecursive: bind.recursive can be readonly (API 1.44).
	ForceRecursive bool
	// Annotations on containers (API 1.43).
	Annotations bool
	// VolumeSubpath: a volume can be mounted by subpath (API 1.45).
	VolumeSubpath bool
	// ImageMounts: an image can be mounted as a volume (API 1.48).
	ImageMounts bool
	// GatewayPriority of endpoints (API 1.48).
	GatewayPriority bool
	// ImagePlatforms: an image can be inspected for a platform (API 1.49).
	ImagePlatforms bool
	// InterfaceName of endpoints (API 1.49).
	InterfaceName bool
	// UniqueNetworkNames: two networks never have one name (Engine 25).
	UniqueNetworkNames bool
}
