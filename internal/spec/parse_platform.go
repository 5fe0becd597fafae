package spec

import ocispec "github.com/opencontainers/image-spec/specs-go/v1"

// Platform reads a platform as the Compose Spec writes it (services:
// platform): OS/ARCH[/VARIANT]. It is nil for the empty one.
func Platform(text string) (*ocispec.Platform, error) { return parsePlatform(text) }
