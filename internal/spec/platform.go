package spec

import (
	"fmt"
	"runtime"
	"strings"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// ParsePlatform reads a platform as the Compose Spec writes it (services:
// platform): OS/ARCH[/VARIANT], or OS or ARCH alone, with the usual other names
// of an architecture. It is nil for the empty platform.
func ParsePlatform(text string) (*ocispec.Platform, error) {
	if text == "" {
		return nil, nil
	}
	parts := strings.Split(strings.ToLower(text), "/")
	for _, part := range parts {
		if part == "" || len(parts) > 3 {
			return nil, fmt.Errorf("platform %q is not OS/ARCHITECTURE or OS/ARCHITECTURE/VARIANT", text)
		}
	}
	if len(parts) == 1 {
		if isSystem(parts[0]) {
			return &ocispec.Platform{OS: parts[0], Architecture: runtime.GOARCH}, nil
		}
		parts = []string{"linux", parts[0]}
	}
	variant := ""
	if len(parts) == 3 {
		variant = parts[2]
	}
	p := ocispec.Platform{OS: parts[0]}
	if p.OS == "macos" {
		p.OS = "darwin"
	}
	p.Architecture, p.Variant = architecture(parts[1], variant)
	return &p, nil
}

func isSystem(name string) bool {
	return name == "linux" || name == "windows" || name == "freebsd" || name == "darwin"
}

// architecture gives Go's name of an architecture and its canonical variant.
func architecture(name, variant string) (string, string) {
	switch name {
	case "i386":
		return "386", ""
	case "x86_64", "x86-64", "amd64":
		if variant == "v1" {
			variant = ""
		}
		return "amd64", variant
	case "aarch64", "arm64":
		if variant == "8" || variant == "v8" {
			variant = ""
		}
		return "arm64", variant
	case "armhf":
		return "arm", "v7"
	case "armel":
		return "arm", "v6"
	case "arm":
		switch variant {
		case "", "7":
			return "arm", "v7"
		case "5", "6", "8":
			return "arm", "v" + variant
		}
	}
	return name, variant
}
